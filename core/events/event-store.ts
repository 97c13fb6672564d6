import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { anyJson, rowId, rowJson, rowTime } from '../db/rows.ts';
import { isAct } from './act-kinds.ts';
import { currentAddress } from './asked-from.ts';
import type { EventSubject, NewEvent, PanelEvent } from './event.ts';

/** One statement for all of them, with the address that the request came from. `at` is UTC milliseconds. */
export async function insertEvents(sql: Sql, events: readonly NewEvent[], at: number): Promise<void> {
  if (events.length === 0) return;
  const address = currentAddress();
  await sql('events').insert(
    events.map((event) => ({
      at,
      team_id: event.teamId,
      actor_id: event.actorId,
      subject: event.subject,
      subject_id: String(event.subjectId),
      kind: event.kind,
      facts: JSON.stringify(event.facts),
      address,
      is_act: isAct(event.kind),
    })),
  );
}

/** Oldest first. */
export async function selectEvents(
  sql: Sql,
  subject: EventSubject,
  subjectId: number | string,
): Promise<readonly PanelEvent[]> {
  const rows: unknown[] = await sql('events')
    .where({ subject, subject_id: String(subjectId) })
    .orderBy('id')
    .select('id', 'at', 'team_id', 'actor_id', 'subject', 'subject_id', 'kind', 'facts');
  return rows.map((row) => {
    const { team_id, actor_id, subject_id, ...rest } = eventRow.parse(row);
    return { ...rest, teamId: team_id, actorId: actor_id, subjectId: subject_id };
  });
}

const eventRow = z.object({
  id: rowId,
  at: rowTime,
  team_id: rowId.nullable(),
  actor_id: rowId.nullable(),
  subject: z.enum(['delivery', 'post', 'channel', 'team', 'user', 'plugin', 'media', 'job', 'site']),
  subject_id: z.string(),
  kind: z.string(),
  facts: rowJson(anyJson),
});
