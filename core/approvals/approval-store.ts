import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowCount, rowId, rowJson, rowTime } from '../db/rows.ts';
import type { PlannedTime } from '../posts/post.ts';

/** Who sent a post back to its author, when, and why. */
export interface SentBack {
  readonly by: number;
  readonly byName: string;
  /** UTC milliseconds. */
  readonly at: number;
  readonly comment: string;
}

export interface WaitingPost {
  readonly postId: number;
  /** UTC milliseconds: the earliest of its deliveries that wait. */
  readonly dueAt: number;
}

const waitingRow = z
  .object({ post_id: rowId, due_at: rowTime })
  .transform((row): WaitingPost => ({ postId: row.post_id, dueAt: row.due_at }));

const waiting = (sql: Sql, teamId: number) =>
  sql('deliveries').where({ team_id: teamId, needs_approval: true, state: 'scheduled' });

/** What is due first comes first. */
export async function selectWaitingPosts(
  sql: Sql,
  { teamId, limit }: { readonly teamId: number; readonly limit: number },
): Promise<readonly WaitingPost[]> {
  const rows: unknown = await waiting(sql, teamId)
    .groupBy('post_id')
    .orderBy([{ column: 'due_at' }, { column: 'post_id' }])
    .limit(limit)
    .select('post_id')
    .min({ due_at: 'due_at' });
  return z.array(waitingRow).parse(rows);
}

export async function countWaitingPosts(sql: Sql, teamId: number): Promise<number> {
  const rows: unknown[] = await waiting(sql, teamId).countDistinct({ n: 'post_id' });
  return firstRow(z.object({ n: rowCount }), rows)?.n ?? 0;
}

interface Return {
  readonly teamId: number;
  readonly postId: number;
  readonly sentBack: SentBack;
  /** The time it was to go out at: its author finds it in the draft. */
  readonly planned: PlannedTime;
  readonly now: number;
}

/** A new version: a form that was opened before says so when it is saved. */
export async function updateSentBack(sql: Sql, { teamId, postId, sentBack, planned, now }: Return): Promise<void> {
  await sql('posts')
    .where({ team_id: teamId, id: postId })
    .update({
      sent_back: JSON.stringify(sentBack),
      planned_date: planned.date === '' ? null : planned.date,
      planned_time: planned.time === '' ? null : planned.time,
      version: sql.raw('version + 1'),
      edit_body: null,
      updated_at: now,
    });
}

const sentBackSchema = z.object({ by: z.number(), byName: z.string(), at: z.number(), comment: z.string() });

export async function selectSentBack(sql: Sql, teamId: number, postId: number): Promise<SentBack | null> {
  const rows: unknown[] = await sql('posts').where({ team_id: teamId, id: postId }).select('sent_back');
  const row = z.object({ sent_back: rowJson(sentBackSchema).nullable().catch(null) });
  return firstRow(row, rows)?.sent_back ?? null;
}
