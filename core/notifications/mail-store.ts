import { z } from 'zod';
import { roles } from '../auth/permissions.ts';
import type { Database, Sql } from '../db/database.ts';
import { rowId } from '../db/rows.ts';
import { languages } from '../language/languages.ts';
import { notificationKinds } from './notification.ts';
import { notificationRow, type Reader } from './notification-store.ts';

/** What one person of one team is to be sent in one mail, kept from others until `until`. */
export interface ClaimedMail {
  readonly reader: Reader;
  readonly ids: readonly number[];
  /** Tries before this one. */
  readonly tries: number;
}

interface ClaimTimes {
  readonly now: number;
  readonly until: number;
  readonly givenUpBefore: number;
}

/**
 * Whoever has waited longest, with everything that waits for the same person and team. Only one sender gets it: until
 * the time is over nobody else does, and afterwards the sender is taken to be dead.
 */
export function claimMail(db: Database, times: ClaimTimes): Promise<ClaimedMail | undefined> {
  return db.transaction(async (sql) => {
    const reader = await selectFirstDue(sql, times.now);
    if (reader === undefined) return undefined;
    const rows = await selectWaiting(sql, reader, times.now);
    if (rows.length === 0) return undefined;
    const ids = rows.filter(({ toldAt }) => toldAt > times.givenUpBefore).map(({ id }) => id);
    const old = rows.filter(({ toldAt }) => toldAt <= times.givenUpBefore).map(({ id }) => id);
    await endMail(sql, { reader, ids: old }, 'given-up');
    await of(sql, { reader, ids }).update({
      mail: 'sending',
      mail_at: times.until,
      mail_tries: sql.raw('mail_tries + 1'),
    });
    return { reader, ids, tries: Math.max(...rows.map(({ tries }) => tries)) };
  });
}

/** Whether somebody's mail waits. Only reads. */
export async function hasDueMail(sql: Sql, now: number): Promise<boolean> {
  return (await selectFirstDue(sql, now)) !== undefined;
}

/** What becomes of a claimed mail: nothing more is sent of these. */
export async function endMail(
  sql: Sql,
  mail: Pick<ClaimedMail, 'reader' | 'ids'>,
  end: 'sent' | 'skipped' | 'given-up',
): Promise<void> {
  if (mail.ids.length > 0) await of(sql, mail).update({ mail: end });
}

/** It waits again, until then. */
export async function putOffMail(sql: Sql, mail: ClaimedMail, at: number): Promise<void> {
  await of(sql, mail).update({ mail: 'waiting', mail_at: at });
}

const recipientRow = z
  .object({
    name: z.string(),
    email: z.string(),
    team: z.string(),
    zone: z.string(),
    role: z.enum(roles).nullable(),
    disabled_at: z.int().nullable(),
    language: z.enum(languages).nullable().catch(null),
    refused: z.enum(notificationKinds).nullable(),
  })
  .transform(({ disabled_at: disabledAt, ...row }) => ({ ...row, isDisabled: disabledAt !== null }));

/** The claimed notifications, oldest first, each with who would read it as things are now. */
export async function selectMailed(sql: Sql, { reader, ids }: ClaimedMail) {
  const { userId, teamId } = reader;
  const rows: unknown[] = await sql('notification_recipients as r')
    .join('notifications as n', 'n.id', 'r.notification_id')
    .join('users as u', 'u.id', 'r.user_id')
    .join('teams as t', 't.id', 'r.team_id')
    .leftJoin('members as m', (join) => {
      join.on('m.team_id', 'r.team_id').andOn('m.user_id', 'r.user_id');
    })
    .leftJoin('mail_refusals as x', (join) => {
      join.on('x.user_id', 'r.user_id').andOn('x.kind', 'n.kind');
    })
    .where({ 'r.user_id': userId, 'r.team_id': teamId })
    .whereIn('r.notification_id', [...ids])
    .orderBy('n.id')
    .select('n.id', 'n.team_id', 'n.kind', 'n.subject_id', 'n.facts', 'n.at', 'r.read_at')
    .select(
      'u.name',
      'u.email',
      'u.disabled_at',
      'u.language',
      't.name as team',
      't.zone',
      'm.role',
      'x.kind as refused',
    );
  return rows.map((row) => ({ notification: notificationRow.parse(row), recipient: recipientRow.parse(row) }));
}

export type Mailed = Awaited<ReturnType<typeof selectMailed>>[number];

async function selectFirstDue(sql: Sql, now: number): Promise<Reader | undefined> {
  const rows: unknown = await sql('notification_recipients')
    .whereIn('mail', ['waiting', 'sending'])
    .where('mail_at', '<=', now)
    .orderBy('mail_at')
    .limit(1)
    .select('user_id', 'team_id');
  const [first] = z.array(z.object({ user_id: rowId, team_id: rowId })).parse(rows);
  return first === undefined ? undefined : { userId: first.user_id, teamId: first.team_id };
}

const waitingRow = z
  .object({ notification_id: rowId, told_at: z.int(), mail_tries: z.int() })
  .transform((row) => ({ id: row.notification_id, toldAt: row.told_at, tries: row.mail_tries }));

/** Locked until the transaction ends: of two senders the second finds nothing. */
async function selectWaiting(sql: Sql, { userId, teamId }: Reader, now: number) {
  const rows: unknown = await sql('notification_recipients')
    .where({ user_id: userId, team_id: teamId })
    .where((mail) => {
      void mail
        .where({ mail: 'waiting' })
        .orWhere((late) => void late.where({ mail: 'sending' }).where('mail_at', '<=', now));
    })
    .orderBy('notification_id')
    .forUpdate()
    .select('notification_id', 'told_at', 'mail_tries');
  return z.array(waitingRow).parse(rows);
}

function of(sql: Sql, { reader, ids }: Pick<ClaimedMail, 'reader' | 'ids'>) {
  return sql('notification_recipients')
    .where({ user_id: reader.userId, team_id: reader.teamId })
    .whereIn('notification_id', [...ids]);
}
