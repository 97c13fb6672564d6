import type { Clock, Json } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { insertEvents, selectEvents } from './event-store.ts';

export type EventSubject = 'delivery' | 'post' | 'channel' | 'team' | 'user' | 'plugin' | 'media';

export interface NewEvent {
  readonly teamId: number | null;
  readonly actorId: number | null;
  readonly subject: EventSubject;
  readonly subjectId: number | string;
  /** E.g. `delivery.step`, `channel.connected`. */
  readonly kind: string;
  /** Never a token, secret or signed address. Events of a delivery carry at least `sentence`. */
  readonly facts: Json;
}

export interface PanelEvent extends NewEvent {
  readonly id: number;
  /** UTC milliseconds. */
  readonly at: number;
}

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
