import type { Clock } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import type { EventSubject, NewEvent, PanelEvent } from './event.ts';
import { insertEvents, selectEvents } from './event-store.ts';

export type * from './event.ts';

/** Append-only: the timeline of a delivery and the record of people's acts. */
export interface EventLog {
  record(event: NewEvent, sql?: Sql): Promise<void>;
  /** Oldest first. */
  of(subject: EventSubject, subjectId: number | string): Promise<readonly PanelEvent[]>;
}

export function createEventLog(deps: { readonly db: Database; readonly clock: Clock }): EventLog {
  return {
    record: (event, sql = deps.db.knex) => insertEvents(sql, [event], deps.clock.now()),
    of: (subject, subjectId) => selectEvents(deps.db.knex, subject, subjectId),
  };
}
