import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { rowId, rowJson, rowTime } from '../db/rows.ts';
import { type Notification, notificationKinds, type NotificationKind, whatHappened } from './notification.ts';

/** What a person was told in a team: found by both, so that nobody reads what another was told. */
export interface Reader {
  readonly userId: number;
  readonly teamId: number;
}

export interface PageOfNotifications {
  readonly rows: readonly Notification[];
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
}

export interface Turn {
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
}

const place = ({ userId, teamId }: Reader) => ({ 'r.user_id': userId, 'r.team_id': teamId });

/** Newest first; `after` turns towards newer ones. */
export async function selectPage(sql: Sql, reader: Reader, turn: Turn): Promise<PageOfNotifications> {
  const { before, after, limit } = turn;
  const query = notifications(sql, reader).limit(limit + 1);
  if (after !== undefined) {
    const found = parse(await query.where('r.notification_id', '>', after).orderBy('r.notification_id', 'asc'));
    return { rows: found.slice(0, limit).reverse(), hasNewer: found.length > limit, hasOlder: true };
  }
  if (before !== undefined) void query.where('r.notification_id', '<', before);
  const found = parse(await query.orderBy('r.notification_id', 'desc'));
  return { rows: found.slice(0, limit), hasNewer: before !== undefined, hasOlder: found.length > limit };
}

export async function selectNotification(sql: Sql, reader: Reader, id: number): Promise<Notification | undefined> {
  return parse(await notifications(sql, reader).where('r.notification_id', id))[0];
}

/** One, or all up to one: what came since the page was drawn was not on it. */
export async function markRead(
  sql: Sql,
  reader: Reader,
  which: { readonly id: number; readonly at: number } | { readonly upTo: number; readonly at: number },
): Promise<void> {
  const unread = sql('notification_recipients')
    .where({ user_id: reader.userId, team_id: reader.teamId })
    .whereNull('read_at');
  const chosen =
    'id' in which ? unread.where('notification_id', which.id) : unread.where('notification_id', '<=', which.upTo);
  await chosen.update({ read_at: which.at });
}

/** The kinds that a person wants no mail about. */
export async function selectMailRefusals(sql: Sql, userId: number): Promise<ReadonlySet<NotificationKind>> {
  const rows: unknown = await sql('mail_refusals').where({ user_id: userId }).select('kind');
  return new Set(
    z
      .array(z.object({ kind: z.enum(notificationKinds) }))
      .parse(rows)
      .map(({ kind }) => kind),
  );
}

export async function replaceMailRefusals(sql: Sql, userId: number, kinds: readonly NotificationKind[]): Promise<void> {
  await sql('mail_refusals').where({ user_id: userId }).delete();
  if (kinds.length > 0) await sql('mail_refusals').insert(kinds.map((kind) => ({ user_id: userId, kind })));
}

const batch = 500;

/** Whether `deleteOldNotifications` would find any. Only reads. */
export async function hasOldNotifications(sql: Sql, before: number): Promise<boolean> {
  const rows: unknown[] = await sql('notifications').where('at', '<', before).limit(1).select('id');
  return rows.length > 0;
}

/** With what each person was told of them. @returns whether there may be more */
export async function deleteOldNotifications(sql: Sql, before: number): Promise<boolean> {
  const rows: unknown = await sql('notifications').where('at', '<', before).limit(batch).select('id');
  const ids = z
    .array(z.object({ id: rowId }))
    .parse(rows)
    .map(({ id }) => id);
  if (ids.length > 0) await sql('notifications').whereIn('id', ids).delete();
  return ids.length === batch;
}

function notifications(sql: Sql, reader: Reader) {
  return sql('notification_recipients as r')
    .join('notifications as n', 'n.id', 'r.notification_id')
    .where(place(reader))
    .select('n.id', 'n.team_id', 'n.kind', 'n.subject_id', 'n.facts', 'n.at', 'r.read_at');
}

/** A stored notification; `read_at` of one person. */
export const notificationRow = z
  .object({
    id: rowId,
    team_id: rowId,
    kind: z.string(),
    subject_id: rowId,
    facts: rowJson(z.unknown()),
    at: rowTime,
    read_at: rowTime.nullable(),
  })
  .transform((row): Notification => ({
    ...whatHappened.parse({ kind: row.kind, facts: row.facts }),
    id: row.id,
    teamId: row.team_id,
    subjectId: row.subject_id,
    at: row.at,
    isRead: row.read_at !== null,
  }));

function parse(rows: readonly unknown[]): readonly Notification[] {
  return rows.map((row) => notificationRow.parse(row));
}
