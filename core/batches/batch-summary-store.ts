import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { rowCount, rowId, rowTime } from '../db/rows.ts';

/** A batch as the list of posts names it. */
export interface BatchSummary {
  readonly id: number;
  /** UTC ms. */
  readonly createdAt: number;
  readonly posts: number;
}

/** What the list of posts knows of batches. */
export interface BatchSummaries {
  /** Those of these that are the team's, by id. */
  of(teamId: number, ids: readonly number[]): Promise<ReadonlyMap<number, BatchSummary>>;
  /** Those of the newest batches that still have drafts, the newest first. */
  unfinished(teamId: number): Promise<readonly BatchSummary[]>;
}

const summaryRow = z
  .object({ id: rowId, created_at: rowTime, posts: rowCount })
  .transform(({ created_at: createdAt, ...row }): BatchSummary => ({ ...row, createdAt }));

/** Further back nobody goes on with one. */
const recent = 12;

export function createBatchSummaries({ db: { knex } }: { readonly db: Database }): BatchSummaries {
  const columns = () => ({ id: 'b.id', created_at: 'b.created_at', posts: postsOf(knex).count('*') });
  return {
    async of(teamId, ids) {
      if (ids.length === 0) return new Map();
      const found = knex('batches as b')
        .where('b.team_id', teamId)
        .whereIn('b.id', [...ids]);
      const rows: unknown = await found.select(columns());
      return new Map(
        z
          .array(summaryRow)
          .parse(rows)
          .map((batch) => [batch.id, batch]),
      );
    },
    async unfinished(teamId) {
      const newest = [
        { column: 'b.created_at', order: 'desc' },
        { column: 'b.id', order: 'desc' },
      ];
      const some = knex('batches as b').where('b.team_id', teamId).orderBy(newest).limit(recent).select('b.*');
      const rows: unknown = await knex
        .from(some.as('b'))
        .whereExists(postsOf(knex).where('p.state', 'draft').select(knex.raw('1')))
        .orderBy(newest)
        .select(columns());
      return z.array(summaryRow).parse(rows);
    },
  };
}

/** By the index of a batch's rows. */
function postsOf(sql: Sql) {
  return sql('posts as p').whereRaw('p.team_id = b.team_id').whereRaw('p.batch_id = b.id');
}
