import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';

export interface StoredFile {
  readonly id: number;
  readonly place: string;
  readonly bytes: Buffer;
  readonly savedAt: number;
  readonly savedBy: string | null;
}

export interface FileToStore {
  readonly place: string;
  readonly bytes: Buffer;
  readonly by: number;
  readonly at: number;
}

const fileRow = z
  .object({ id: rowId, place: z.string(), content: z.string(), updated_at: rowTime, name: z.string().nullable() })
  .transform((row): StoredFile => ({
    id: row.id,
    place: row.place,
    bytes: Buffer.from(row.content, 'base64'),
    savedAt: row.updated_at,
    savedBy: row.name,
  }));

/** The files of strangers' crawlers, by place. */
export class VerificationStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async all(): Promise<readonly StoredFile[]> {
    const rows: unknown[] = await this.#db
      .knex('site_files')
      .leftJoin('users', 'users.id', 'site_files.updated_by')
      .orderBy('place')
      .select('site_files.id', 'place', 'content', 'site_files.updated_at', 'users.name');
    return rows.map((row) => fileRow.parse(row));
  }

  async at(place: string): Promise<Buffer | undefined> {
    const row: unknown = await this.#db.knex('site_files').where({ place }).first('content');
    return row === undefined ? undefined : Buffer.from(contentRow.parse(row).content, 'base64');
  }

  async put(file: FileToStore, sql: Sql): Promise<void> {
    await sql('site_files')
      .insert({
        place: file.place,
        content: file.bytes.toString('base64'),
        updated_at: file.at,
        updated_by: file.by,
      })
      .onConflict('place')
      .merge();
  }

  /** @returns the place it answered at; undefined when it is gone */
  async remove(id: number, sql: Sql): Promise<string | undefined> {
    const row: unknown = await sql('site_files').where({ id }).first('place');
    if (row === undefined) return undefined;
    await sql('site_files').where({ id }).delete();
    return placeRow.parse(row).place;
  }
}

const contentRow = z.object({ content: z.string() });
const placeRow = z.object({ place: z.string() });
