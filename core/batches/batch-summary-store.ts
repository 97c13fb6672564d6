import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { rowCount, rowId, rowTime } from '../db/rows.ts';

/** A batch as the list of posts names it. */
export interface BatchSummary {
  readonly id: number;
  /** UTC ms. */
  readonly createdAt: number;
  readonly posts: number;
}

const summaryRow = z
  .object({ id: rowId, created_at: rowTime, posts: rowCount })
  .transform(({ created_at: createdAt, ...row }): BatchSummary => ({ ...row, createdAt }));

export async function selectSummaries(
  sql: Sql,
  teamId: number,
  ids: readonly number[],
): Promise<readonly BatchSummary[]> {
  if (ids.length === 0) return [];
  const found = sql('batches as b')
    .where('b.team_id', teamId)
    .whereIn('b.id', [...ids]);
  const rows: unknown = await found.select(columns(sql));
  return z.array(summaryRow).parse(rows);
}

/** Those of so many newest batches that still have drafts, the newest first. */
export async function selectUnfinished(sql: Sql, teamId: number, limit: number): Promise<readonly BatchSummary[]> {
  const newest = [
    { column: 'b.created_at', order: 'desc' },
    { column: 'b.id', order: 'desc' },
  ];
  const some = sql('batches as b').where('b.team_id', teamId).orderBy(newest).limit(limit).select('b.*');
  const rows: unknown = await sql
    .from(some.as('b'))
    .whereExists(postsOf(sql).where('p.state', 'draft').select(sql.raw('1')))
    .orderBy(newest)
    .select(columns(sql));
  return z.array(summaryRow).parse(rows);
}

function columns(sql: Sql) {
  return { id: 'b.id', created_at: 'b.created_at', posts: postsOf(sql).count('*') };
}

/** By the index of a batch's rows. */
function postsOf(sql: Sql) {
  return sql('posts as p').whereRaw('p.team_id = b.team_id').whereRaw('p.batch_id = b.id');
}
