import { z } from 'zod';
import { roles } from '../auth/permissions.ts';
import type { Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';

/** Whose mail, about which team. */
export interface WeeklyReader {
  readonly userId: number;
  readonly teamId: number;
}

/** A team of a person, and whether the mail about its weeks is on. */
const choiceRow = z
  .object({ id: rowId, name: z.string(), zone: z.string(), next_at: rowTime.nullable() })
  .transform(({ next_at: nextAt, ...team }) => ({ ...team, isOn: nextAt !== null }));
export type WeeklyChoice = z.output<typeof choiceRow>;

const dueRow = z
  .object({
    user_id: rowId,
    team_id: rowId,
    next_at: rowTime,
    zone: z.string(),
    role: z.enum(roles).nullable(),
    disabled_at: rowTime.nullable(),
  })
  .transform((row) => ({
    ...{ userId: row.user_id, teamId: row.team_id, nextAt: row.next_at, zone: row.zone },
    isMember: row.role !== null,
    isDisabled: row.disabled_at !== null,
  }));
export type DueWeekly = z.output<typeof dueRow>;

/** The teams of a person, by name. */
export async function selectChoices(sql: Sql, userId: number): Promise<readonly WeeklyChoice[]> {
  const rows: unknown = await sql('members as m')
    .join('teams as t', 't.id', 'm.team_id')
    .leftJoin('weekly_mails as w', (join) => {
      join.on('w.team_id', 'm.team_id').andOn('w.user_id', 'm.user_id');
    })
    .where({ 'm.user_id': userId, 't.deleted_at': null })
    .orderBy(['t.name', 't.id'])
    .select('t.id', 't.name', 't.zone', 'w.next_at');
  return z.array(choiceRow).parse(rows);
}

/** @param nextAt UTC ms; what is on already keeps its own */
export async function turnOn(sql: Sql, { userId, teamId }: WeeklyReader, nextAt: number): Promise<void> {
  await sql('weekly_mails')
    .insert({ user_id: userId, team_id: teamId, next_at: nextAt })
    .onConflict(['user_id', 'team_id'])
    .ignore();
}

export async function turnOff(sql: Sql, { userId, teamId }: WeeklyReader): Promise<void> {
  await sql('weekly_mails').where({ user_id: userId, team_id: teamId }).delete();
}

export async function isTurnedOn(sql: Sql, { userId, teamId }: WeeklyReader): Promise<boolean> {
  const rows: unknown[] = await sql('weekly_mails').where({ user_id: userId, team_id: teamId }).select('user_id');
  return rows.length > 0;
}

/** Those whose time has come, the longest waiting first. */
export async function selectDue(sql: Sql, now: number, limit: number): Promise<readonly DueWeekly[]> {
  const rows: unknown = await sql('weekly_mails as w')
    .join('users as u', 'u.id', 'w.user_id')
    .join('teams as t', 't.id', 'w.team_id')
    .leftJoin('members as m', (join) => {
      join.on('m.team_id', 'w.team_id').andOn('m.user_id', 'w.user_id');
    })
    .where('w.next_at', '<=', now)
    .orderBy('w.next_at')
    .limit(limit)
    .select('w.user_id', 'w.team_id', 'w.next_at', 't.zone', 'm.role', 'u.disabled_at');
  return z.array(dueRow).parse(rows);
}

/** @returns whether it was still due then: of several workers, one moves it on */
export async function moveOn(sql: Sql, { userId, teamId, nextAt }: DueWeekly, to: number): Promise<boolean> {
  const due = { user_id: userId, team_id: teamId, next_at: nextAt };
  return (await sql('weekly_mails').where(due).update({ next_at: to })) === 1;
}
