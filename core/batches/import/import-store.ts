import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { firstRow, rowId } from '../../db/rows.ts';

interface StoredImport {
  readonly id: number;
  readonly fileName: string;
  readonly hash: string;
  readonly bytes: Buffer;
}

interface NewImport extends Omit<StoredImport, 'id'> {
  readonly teamId: number;
  readonly createdBy: number;
  readonly now: number;
}

export interface ImportStore {
  /** The same bytes again are the same import; files of other days are forgotten. @returns its id */
  keep(file: NewImport): Promise<number>;
  find(teamId: number, id: number): Promise<StoredImport | undefined>;
  /** Posts of the team that were made with these numbers, by number. */
  findMade(teamId: number, nonces: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

const dayMs = 86_400_000;
/** Parameters of one statement. */
const atOnce = 200;

const importRow = z
  .object({ id: rowId, file_name: z.string(), hash: z.string(), content: z.string() })
  .transform((row): StoredImport => ({
    ...{ id: row.id, fileName: row.file_name, hash: row.hash },
    bytes: Buffer.from(row.content, 'base64'),
  }));

export function createImportStore({ knex }: Pick<Database, 'knex'>): ImportStore {
  const select = (where: Record<string, string | number>) =>
    knex('csv_imports').where(where).select('id', 'file_name', 'hash', 'content');
  return {
    async keep({ teamId, createdBy, now, fileName, hash, bytes }) {
      await knex('csv_imports')
        .where('created_at', '<', now - dayMs)
        .delete();
      await knex('csv_imports')
        .insert({
          ...{ team_id: teamId, created_by: createdBy, created_at: now, file_name: fileName, hash },
          content: bytes.toString('base64'),
        })
        .onConflict(['team_id', 'hash'])
        .merge(['file_name', 'created_at']);
      const kept: unknown = await knex('csv_imports').where({ team_id: teamId, hash }).first('id');
      return z.object({ id: rowId }).parse(kept).id;
    },
    find: async (teamId, id) => firstRow(importRow, await select({ team_id: teamId, id })),
    async findMade(teamId, nonces) {
      const made = new Map<string, number>();
      for (let n = 0; n < nonces.length; n += atOnce) {
        const rows: unknown[] = await knex('posts')
          .where({ team_id: teamId })
          .whereIn('nonce', nonces.slice(n, n + atOnce))
          .select('id', 'nonce');
        for (const row of rows) {
          const { id, nonce } = z.object({ id: rowId, nonce: z.string() }).parse(row);
          made.set(nonce, id);
        }
      }
      return made;
    },
  };
}
