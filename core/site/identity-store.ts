import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';

/** Values by field; a field without one is absent. */
export type StoredIdentity = ReadonlyMap<string, string>;

export interface Change {
  readonly by: number;
  /** UTC milliseconds. */
  readonly at: number;
}

const settingRow = z.object({ field: z.string(), value: z.string() });
const pictureRow = z.object({ content: z.string() });

/** What the admins chose for the installation's looks. */
export class IdentityStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async read(): Promise<StoredIdentity> {
    const rows: unknown[] = await this.#db.knex('site_settings').select('field', 'value');
    return new Map(rows.map((row) => settingRow.parse(row)).map(({ field, value }) => [field, value]));
  }

  /** An empty value takes the field's away. */
  async put(values: ReadonlyMap<string, string>, { by, at }: Change, sql: Sql): Promise<void> {
    for (const [field, value] of values) {
      if (value === '') await sql('site_settings').where({ field }).delete();
      else {
        const row = { field, value, updated_at: at, updated_by: by };
        await sql('site_settings').insert(row).onConflict('field').merge();
      }
    }
  }

  async readPicture(kind: string): Promise<Buffer | undefined> {
    const row: unknown = await this.#db.knex('site_pictures').where({ kind }).first('content');
    return row === undefined ? undefined : Buffer.from(pictureRow.parse(row).content, 'base64');
  }

  /** Undefined: the picture goes. */
  async putPicture(
    { kind, hash, content }: { readonly kind: string; readonly hash: string; readonly content: Buffer | undefined },
    { by, at }: Change,
    sql: Sql,
  ): Promise<void> {
    if (content === undefined) {
      await sql('site_pictures').where({ kind }).delete();
      return;
    }
    const row = { kind, hash, content: content.toString('base64'), updated_at: at, updated_by: by };
    await sql('site_pictures').insert(row).onConflict('kind').merge();
  }
}
