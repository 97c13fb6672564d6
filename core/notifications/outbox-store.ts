import { z } from 'zod';
import type { Clock } from '#plugin-api';
import { roleMay, roles } from '../auth/permissions.ts';
import type { Sql } from '../db/database.ts';
import { firstRow, rowId, rowJson } from '../db/rows.ts';
import type { Timings } from '../timings.ts';
import { type NewNotification, type NotificationKind, sentBackFacts, toldTo } from './notification.ts';

export interface OutboxDeps {
  readonly clock: Clock;
  readonly timings: Pick<Timings, 'mailGatherMs' | 'refusedToldMs'>;
}

/**
 * Tells the members of a team who may act on it. To be called in the transaction that makes it true, so that it is told
 * once, and only if it happened; the mail is a worker's business afterwards and can undo nothing. `only` names those of
 * them whom it concerns.
 */
export async function putNotification(
  sql: Sql,
  deps: OutboxDeps,
  notification: NewNotification & { readonly only?: readonly number[] | undefined },
): Promise<void> {
  const { teamId, kind, subjectId, facts, only } = notification;
  const row = { team_id: teamId, kind, subject_id: subjectId, facts: JSON.stringify(facts), at: deps.clock.now() };
  const ids: unknown = await sql('notifications').insert(row);
  const id = z.tuple([rowId]).parse(ids)[0];
  await insertReaders(sql, deps, { id, kind, teamId, only });
}

interface Telling {
  /** Of the notification. */
  readonly id: number;
  readonly kind: NotificationKind;
  readonly teamId: number;
  readonly only: readonly number[] | undefined;
}

/** Tells whoever may act on it and was not told of it yet. */
export async function insertReaders(sql: Sql, deps: OutboxDeps, telling: Telling): Promise<void> {
  const { id, kind, teamId, only } = telling;
  const at = deps.clock.now();
  const told = { told_at: at, mail: 'waiting', mail_at: at + deps.timings.mailGatherMs };
  const readers = sql('members')
    .join('users', 'users.id', 'members.user_id')
    .where('members.team_id', teamId)
    .whereNull('users.disabled_at')
    .whereIn(
      'members.role',
      roles.filter((role) => roleMay(role, toldTo[kind])),
    )
    .whereNotIn('members.user_id', sql('notification_recipients').where({ notification_id: id }).select('user_id'))
    .select('members.user_id', 'members.team_id', sql.raw('?, ?, ?, ?', [id, ...Object.values(told)]));
  if (only !== undefined) void readers.whereIn('members.user_id', [...only]);
  const columns = ['user_id', 'team_id', 'notification_id', ...Object.keys(told)];
  await sql(sql.raw('?? (??, ??, ??, ??, ??, ??)', ['notification_recipients', ...columns])).insert(readers);
}

const sentBackRow = z.object({ id: rowId, facts: rowJson(sentBackFacts) });

/** What was sent back last goes on in another post: whoever was told is led there. */
export async function moveSentBack(
  sql: Sql,
  { teamId, postId, to }: { readonly teamId: number; readonly postId: number; readonly to: number },
): Promise<void> {
  const rows: unknown[] = await sql('notifications')
    .where({ kind: 'post-sent-back', subject_id: postId, team_id: teamId })
    .orderBy([
      { column: 'at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(1)
    .select('id', 'facts');
  const told = firstRow(sentBackRow, rows);
  if (told === undefined) return;
  const facts = JSON.stringify({ ...told.facts, postId: to });
  await sql('notifications').where({ id: told.id }).update({ subject_id: to, facts });
}

/**
 * Tells of a channel whose access is refused once a day, however often and for however many posts it is, and anew when
 * it was reconnected meanwhile.
 */
export async function tellOfRefusal(sql: Sql, deps: OutboxDeps, notification: NewNotification): Promise<void> {
  const { kind, subjectId } = notification;
  // One after the other: two workers that are refused at once would both find that nobody was told.
  await sql('channels').where({ id: subjectId }).forUpdate().select('id');
  const told: unknown[] = await sql('notifications as n')
    .join('channels as c', 'c.id', 'n.subject_id')
    .where({ 'n.kind': kind, 'n.subject_id': subjectId })
    .where('n.at', '>=', deps.clock.now() - deps.timings.refusedToldMs)
    .where('n.at', '>=', sql.ref('c.connected_at'))
    .limit(1)
    .select('n.id');
  if (told.length === 0) await putNotification(sql, deps, notification);
}

const channelRow = z.object({ id: rowId, team_id: rowId, nickname: z.string(), plugin: z.string() });

interface LostAccess {
  readonly credentialId: number;
  readonly because: 'network' | 'app';
}

/** Tells every team with a channel on this credential that the channel must be connected again. */
export async function tellReconnectNeeded(
  sql: Sql,
  deps: OutboxDeps,
  { credentialId, because }: LostAccess,
): Promise<void> {
  const rows: unknown = await sql('channels')
    .where({ credential_id: credentialId })
    .whereNull('disconnected_at')
    .select('id', 'team_id', 'nickname', 'plugin');
  for (const { id, team_id: teamId, nickname: channel, plugin } of z.array(channelRow).parse(rows)) {
    const facts = { channel, plugin, because };
    await putNotification(sql, deps, { kind: 'reconnect-needed', teamId, subjectId: id, facts });
  }
}
