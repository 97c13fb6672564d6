import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowBoolean, rowCount, rowId, rowTime } from '../db/rows.ts';
import { languages } from '../language/languages.ts';
import { roles } from './permissions.ts';
import { selectStanding, themes } from './standing-store.ts';

const accountRow = z
  .object({
    id: rowId,
    email: z.string(),
    name: z.string(),
    password_hash: z.string().nullable(),
    is_admin: rowBoolean,
    theme: z.enum(themes),
    // One that a later version spoke is none here.
    language: z.enum(languages).nullable().catch(null),
    created_at: rowTime,
    disabled_at: rowTime.nullable(),
  })
  .transform((row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    passwordHash: row.password_hash,
    isAdmin: row.is_admin,
    theme: row.theme,
    language: row.language,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
  }));

/** A person as stored, with the hash of the password: never handed to a page. */
export type Account = z.output<typeof accountRow>;

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string | null;
  readonly isAdmin: boolean;
  readonly at: number;
}

const placeRow = z
  .object({ user_id: rowId, name: z.string(), role: z.enum(roles) })
  .transform(({ user_id: userId, ...place }) => ({ userId, ...place }));

/** One e-mail address is one person, however it is written. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}

export class PersonStore {
  readonly #knex: Sql;

  constructor(knex: Sql) {
    this.#knex = knex;
  }

  async find(id: number, sql = this.#knex): Promise<Account | undefined> {
    return firstRow(accountRow, await sql('users').where({ id }).limit(1));
  }

  async findByEmail(email: string, sql = this.#knex): Promise<Account | undefined> {
    return firstRow(
      accountRow,
      await sql('users')
        .where({ email: normalEmail(email) })
        .limit(1),
    );
  }

  async list(): Promise<readonly Account[]> {
    return z.array(accountRow).parse(await this.#knex('users').orderBy(['name', 'id']));
  }

  /** @returns the new person's id @throws the database's error when the e-mail address is taken */
  async add({ email, name, passwordHash, isAdmin, at }: NewAccount, sql = this.#knex): Promise<number> {
    const values = { name, password_hash: passwordHash, is_admin: isAdmin, created_at: at };
    const ids: unknown = await sql('users').insert({ email: normalEmail(email), ...values });
    return z.tuple([rowId]).parse(ids)[0];
  }

  async rename(id: number, name: string, sql = this.#knex): Promise<void> {
    await sql('users').where({ id }).update({ name });
  }

  /** @throws the database's error when the e-mail address is taken */
  async setEmail(id: number, email: string, sql: Sql): Promise<void> {
    await sql('users')
      .where({ id })
      .update({ email: normalEmail(email) });
  }

  async setTheme(id: number, theme: Account['theme']): Promise<void> {
    await this.#knex('users').where({ id }).update({ theme });
  }

  async setLanguage(id: number, language: Account['language'], sql = this.#knex): Promise<void> {
    await sql('users').where({ id }).update({ language });
  }

  /** @param at UTC ms; null lets the person in again */
  async setDisabled(id: number, at: number | null): Promise<void> {
    await this.#knex('users').where({ id }).update({ disabled_at: at });
  }

  async setPassword(id: number, passwordHash: string, sql = this.#knex): Promise<void> {
    await sql('users').where({ id }).update({ password_hash: passwordHash });
  }

  /** @returns false when the person has a password already */
  async setFirstPassword(id: number, passwordHash: string, sql: Sql): Promise<boolean> {
    return (await sql('users').where({ id, password_hash: null }).update({ password_hash: passwordHash })) === 1;
  }

  async countAdmins(sql = this.#knex): Promise<number> {
    const rows: unknown = await sql('users').where({ is_admin: true, disabled_at: null }).count({ n: '*' });
    return z.tuple([z.object({ n: rowCount })]).parse(rows)[0].n;
  }

  /** A person with the teams and the role in each, by name. */
  findWithTeams(id: number) {
    return selectStanding(this.#knex, id);
  }

  /** Over all people, by team. */
  async allMemberships() {
    const rows: unknown = await this.#knex('members')
      .join('teams', 'teams.id', 'members.team_id')
      .where({ 'teams.deleted_at': null })
      .orderBy(['teams.name', 'teams.id'])
      .select('members.user_id', 'teams.name', 'members.role');
    return z.array(placeRow).parse(rows);
  }
}
