import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { firstRow, rowId, rowJson, rowTime } from '../db/rows.ts';
import type { BatchPlace } from '../posts/post.ts';
import type { Batch, BatchOptions } from './batch.ts';

interface NewBatch {
  readonly teamId: number;
  readonly createdBy: number;
  readonly now: number;
  readonly source: string | null;
  readonly importHash: string | null;
  readonly options: BatchOptions;
}

export interface BatchStore {
  insert(batch: NewBatch): Promise<number>;
  find(teamId: number, id: number): Promise<Batch | undefined>;
  findByHash(teamId: number, importHash: string): Promise<Batch | undefined>;
  /** The newest first. */
  list(teamId: number, limit: number): Promise<readonly Batch[]>;
  saveOptions(teamId: number, id: number, options: BatchOptions): Promise<void>;
  markFilled(teamId: number, id: number, now: number): Promise<void>;
  /** Ids of its posts, from top to bottom. */
  rowIds(teamId: number, id: number): Promise<readonly number[]>;
  /** Puts a post into the table, or takes it out. */
  place(teamId: number, postId: number, batch: BatchPlace | null): Promise<void>;
}

const storedOptions = z
  .object({
    channelIds: z.array(z.int()),
    typed: z.array(z.tuple([z.int(), z.record(z.string(), z.string())])),
  })
  .transform(({ channelIds, typed }): BatchOptions => ({ channelIds, typed: new Map(typed) }));

const batchRow = z
  .object({
    id: rowId,
    team_id: rowId,
    created_by: rowId.nullable(),
    author_name: z.string().nullable(),
    created_at: rowTime,
    source: z.string().nullable(),
    filled_at: rowTime.nullable(),
    options: rowJson(storedOptions),
  })
  .transform((row): Batch => ({
    id: row.id,
    teamId: row.team_id,
    createdBy: row.created_by === null ? null : { id: row.created_by, name: row.author_name ?? '' },
    createdAt: row.created_at,
    source: row.source,
    filledAt: row.filled_at,
    options: row.options,
  }));

export function createBatchStore({ knex }: Database): BatchStore {
  const select = (where: Record<string, string | number>) =>
    knex('batches')
      .leftJoin('users', 'users.id', 'batches.created_by')
      .where(where)
      .select('batches.*', { author_name: 'users.name' });
  return {
    insert: (batch) => insertBatch(knex, batch),
    find: async (teamId, id) => firstRow(batchRow, await select({ 'batches.team_id': teamId, 'batches.id': id })),
    findByHash: async (teamId, hash) =>
      firstRow(batchRow, await select({ 'batches.team_id': teamId, 'batches.import_hash': hash })),
    async list(teamId, limit) {
      const newest = [
        { column: 'batches.created_at', order: 'desc' },
        { column: 'batches.id', order: 'desc' },
      ];
      const rows: unknown[] = await select({ 'batches.team_id': teamId }).orderBy(newest).limit(limit);
      return rows.map((row) => batchRow.parse(row));
    },
    async saveOptions(teamId, id, options) {
      await knex('batches')
        .where({ team_id: teamId, id })
        .update({ options: written(options) });
    },
    async markFilled(teamId, id, now) {
      await knex('batches').where({ team_id: teamId, id }).update({ filled_at: now });
    },
    rowIds: (teamId, id) => selectRowIds(knex, teamId, id),
    async place(teamId, postId, batch) {
      await knex('posts')
        .where({ team_id: teamId, id: postId })
        .update({ batch_id: batch?.id ?? null, batch_place: batch?.place ?? null });
    },
  };
}

async function insertBatch(knex: Sql, batch: NewBatch): Promise<number> {
  const ids: unknown[] = await knex('batches').insert({
    team_id: batch.teamId,
    created_by: batch.createdBy,
    created_at: batch.now,
    source: batch.source,
    import_hash: batch.importHash,
    filled_at: batch.importHash === null ? batch.now : null,
    options: written(batch.options),
  });
  return rowId.parse(ids[0]);
}

async function selectRowIds(sql: Sql, teamId: number, id: number): Promise<readonly number[]> {
  const rows: unknown[] = await sql('posts')
    .where({ team_id: teamId, batch_id: id })
    .orderBy(['batch_place', 'id'])
    .select('id');
  return rows.map((row) => z.object({ id: rowId }).parse(row).id);
}

function written({ channelIds, typed }: BatchOptions): string {
  return JSON.stringify({ channelIds, typed: [...typed] });
}
