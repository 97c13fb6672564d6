import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { firstRow, rowId, rowTime } from '../db/rows.ts';
import { roles, type Role } from './permissions.ts';

/** password: choose a password, the first or a new one. invitation: join a team. address: sign in with another one. */
export type LinkPurpose = 'password' | 'invitation' | 'address';

export interface NewLink {
  readonly purpose: LinkPurpose;
  readonly userId: number;
  readonly createdBy: number | null;
  /** Seven days unless said. */
  readonly lastsMs?: number;
  /** Of an invitation. */
  readonly place?: { readonly teamId: number; readonly role: Role };
  /** Of an address: the new one. */
  readonly email?: string;
}

const linkRow = z
  .object({
    id: rowId,
    user_id: rowId,
    team_id: rowId.nullable(),
    role: z.enum(roles).nullable(),
    created_by: rowId.nullable(),
    email: z.string().nullable(),
    expires_at: rowTime,
  })
  .transform((row) => ({
    id: row.id,
    userId: row.user_id,
    place: row.team_id === null || row.role === null ? null : { teamId: row.team_id, role: row.role },
    createdBy: row.created_by,
    email: row.email,
    expiresAt: row.expires_at,
  }));

export type OpenLink = z.output<typeof linkRow>;

const sevenDaysMs = 7 * 24 * 3_600_000;
/** How long a link for a new password lasts, where there was one already. */
export const resetMs = 30 * 60_000;

/** One-time links: the database holds the hash of a token, the token itself is seen once, by whoever made it. */
export class LinkStore {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Makes a link; an older one for the same purpose and place is void. @returns the token */
  async make(link: NewLink, sql: Sql = this.#db.knex): Promise<string> {
    return (await this.makeNamed(link, sql)).token;
  }

  /** The same, with the link's number. */
  async makeNamed(
    { purpose, userId, createdBy, place, email, lastsMs = sevenDaysMs }: NewLink,
    sql: Sql,
  ): Promise<{ readonly id: number; readonly token: string }> {
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    const same = { purpose, user_id: userId, team_id: place?.teamId ?? null, used_at: null };
    await sql('one_time_links').where(same).update({ used_at: now });
    const ids: unknown = await sql('one_time_links').insert({
      ...same,
      token_hash: hashToken(token),
      role: place?.role ?? null,
      email: email ?? null,
      created_by: createdBy,
      created_at: now,
      expires_at: now + lastsMs,
    });
    return { id: z.tuple([rowId]).parse(ids)[0], token };
  }

  /** A new token for an open link; the old one is void. Undefined when it is not open any more. */
  async renewToken(purpose: LinkPurpose, id: number): Promise<(OpenLink & { readonly token: string }) | undefined> {
    const token = randomBytes(32).toString('base64url');
    const open = this.#db
      .knex('one_time_links')
      .where({ id, purpose, used_at: null })
      .where('expires_at', '>', this.#clock.now());
    if ((await open.clone().update({ token_hash: hashToken(token) })) !== 1) return undefined;
    const link = firstRow(linkRow, await open.clone().limit(1));
    return link && { ...link, token };
  }

  /** Looks without using. */
  async find(purpose: LinkPurpose, token: string): Promise<OpenLink | undefined> {
    return firstRow(linkRow, await this.#open(this.#db.knex, purpose, token).limit(1));
  }

  /** Uses the link up: of many at once, one gets it. */
  async take(purpose: LinkPurpose, token: string, sql: Sql): Promise<OpenLink | undefined> {
    const found = firstRow(linkRow, await this.#open(sql, purpose, token).limit(1));
    if (found === undefined) return undefined;
    const taken = await this.#open(sql, purpose, token).update({ used_at: this.#clock.now() });
    return taken === 1 ? found : undefined;
  }

  /** Whether a link for this purpose was ever made for the person, used or not. */
  async wasEverMade(purpose: LinkPurpose, userId: number): Promise<boolean> {
    return (await this.#db.knex('one_time_links').where({ purpose, user_id: userId }).first('id')) !== undefined;
  }

  /** Makes every open link of a person void. */
  async voidAllOf(userId: number, sql: Sql = this.#db.knex): Promise<void> {
    await sql('one_time_links').where({ user_id: userId, used_at: null }).update({ used_at: this.#clock.now() });
  }

  /** Invitations to a team that wait for their person. */
  async waitingIn(teamId: number) {
    const rows: unknown = await this.#db
      .knex('one_time_links')
      .join('users', 'users.id', 'one_time_links.user_id')
      .where({ purpose: 'invitation', team_id: teamId, used_at: null })
      .where('expires_at', '>', this.#clock.now())
      .orderBy('one_time_links.id')
      .select('one_time_links.id', 'users.id as user_id', 'users.email', 'role', 'expires_at');
    return z.array(waitingRow).parse(rows);
  }

  /** @returns whether there was one to take back */
  async takeBack(teamId: number, linkId: number, sql: Sql): Promise<boolean> {
    const one = { id: linkId, team_id: teamId, purpose: 'invitation', used_at: null };
    return (await sql('one_time_links').where(one).update({ used_at: this.#clock.now() })) > 0;
  }

  #open(sql: Sql, purpose: LinkPurpose, token: string) {
    return sql('one_time_links')
      .where({ token_hash: hashToken(token), purpose, used_at: null })
      .where('expires_at', '>', this.#clock.now());
  }
}

const waitingRow = z
  .object({ id: rowId, user_id: rowId, email: z.string(), role: z.enum(roles), expires_at: rowTime })
  .transform(({ expires_at: expiresAt, user_id: userId, ...row }) => ({ ...row, userId, expiresAt }));

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
