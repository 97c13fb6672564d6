import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';

/** One saved version of a legal text. */
export interface LegalVersion {
  readonly id: number;
  readonly page: string;
  /** A language, or `all` for every reader. */
  readonly language: string;
  /** Markdown. */
  readonly content: string;
  readonly savedAt: number;
  /** Null where that person is gone. */
  readonly savedBy: string | null;
}

export interface NewVersion {
  readonly page: string;
  readonly language: string;
  readonly content: string;
  readonly by: number;
  readonly at: number;
}

const versionRow = z
  .object({
    id: rowId,
    page: z.string(),
    language: z.string(),
    content: z.string(),
    saved_at: rowTime,
    name: z.string().nullable(),
  })
  .transform((row): LegalVersion => ({
    id: row.id,
    page: row.page,
    language: row.language,
    content: row.content,
    savedAt: row.saved_at,
    savedBy: row.name,
  }));

const columns = ['legal_texts.id', 'page', 'legal_texts.language', 'content', 'saved_at', 'users.name'] as const;

/** Legal texts; nothing is ever changed or removed, since people may ask what stood there when they agreed. */
export class LegalStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The newest of each language of a page. */
  async newest(page: string): Promise<readonly LegalVersion[]> {
    const ids = this.#db.knex('legal_texts').where({ page }).groupBy('language').max('id');
    const rows: unknown[] = await this.#versions().whereIn('legal_texts.id', ids).orderBy('legal_texts.id', 'desc');
    return rows.map((row) => versionRow.parse(row));
  }

  /** Newest first. */
  async latest(page: string, most: number): Promise<readonly LegalVersion[]> {
    const rows: unknown[] = await this.#versions().where({ page }).orderBy('legal_texts.id', 'desc').limit(most);
    return rows.map((row) => versionRow.parse(row));
  }

  async find(page: string, id: number): Promise<LegalVersion | undefined> {
    const row: unknown = await this.#versions().where({ page, 'legal_texts.id': id }).first();
    return row === undefined ? undefined : versionRow.parse(row);
  }

  async add({ page, language, content, by, at }: NewVersion, sql: Sql): Promise<void> {
    await sql('legal_texts').insert({ page, language, content, saved_at: at, saved_by: by });
  }

  #versions() {
    return this.#db
      .knex('legal_texts')
      .leftJoin('users', 'users.id', 'legal_texts.saved_by')
      .select(...columns);
  }
}
