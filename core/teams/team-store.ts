import { z } from 'zod';
import { roles, type Role } from '../auth/permissions.ts';
import type { Sql } from '../db/database.ts';
import { firstRow, rowBoolean, rowCount, rowId, rowTime } from '../db/rows.ts';

const teamRow = z.object({ id: rowId, name: z.string(), zone: z.string() });
export type Team = z.output<typeof teamRow>;

const listedRow = z
  .object({ id: rowId, name: z.string(), zone: z.string(), created_at: rowTime, members: rowCount, owners: rowCount })
  .transform(({ created_at: createdAt, ...team }) => ({ ...team, createdAt }));
export type ListedTeam = z.output<typeof listedRow>;

const memberRow = z
  .object({
    id: rowId,
    name: z.string(),
    email: z.string(),
    role: z.enum(roles),
    created_at: rowTime,
    has_password: rowBoolean,
    is_disabled: rowBoolean,
  })
  .transform((row) => ({
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    joinedAt: row.created_at,
    /** Whether the person has ever chosen a password. */
    hasPassword: row.has_password,
    isDisabled: row.is_disabled,
  }));
export type Member = z.output<typeof memberRow>;

export interface Place {
  readonly teamId: number;
  readonly userId: number;
}

const roleRow = z.object({ role: z.enum(roles) });

export class TeamStore {
  readonly #knex: Sql;

  constructor(knex: Sql) {
    this.#knex = knex;
  }

  async find(id: number, sql = this.#knex): Promise<Team | undefined> {
    return firstRow(teamRow, await sql('teams').where({ id, deleted_at: null }).limit(1));
  }

  async findByName(name: string): Promise<readonly Team[]> {
    return z.array(teamRow).parse(await this.#knex('teams').where({ name, deleted_at: null }).orderBy('id'));
  }

  /** Every team of the installation with its number of members and of owners who can sign in, by name. */
  async list(): Promise<readonly ListedTeam[]> {
    const rows: unknown = await this.#knex('teams')
      .leftJoin('members', 'members.team_id', 'teams.id')
      .leftJoin('users', 'users.id', 'members.user_id')
      .where({ 'teams.deleted_at': null })
      .groupBy('teams.id', 'teams.name', 'teams.zone', 'teams.created_at')
      .orderBy(['teams.name', 'teams.id'])
      .select('teams.id', 'teams.name', 'teams.zone', 'teams.created_at')
      .count({ members: 'members.user_id' })
      .count({ owners: this.#knex.raw("case when members.role = 'owner' and users.disabled_at is null then 1 end") });
    return z.array(listedRow).parse(rows);
  }

  async add({ name, zone, at }: { name: string; zone: string; at: number }, sql = this.#knex): Promise<number> {
    const ids: unknown = await sql('teams').insert({ name, zone, created_at: at });
    return z.tuple([rowId]).parse(ids)[0];
  }

  /** By name. */
  async members(teamId: number): Promise<readonly Member[]> {
    const rows: unknown = await this.#knex('members')
      .join('users', 'users.id', 'members.user_id')
      .where({ team_id: teamId })
      .orderBy(['users.name', 'users.id'])
      .select(
        'users.id',
        'users.name',
        'users.email',
        'members.role',
        'members.created_at',
        this.#knex.raw('users.password_hash is not null as has_password'),
        this.#knex.raw('users.disabled_at is not null as is_disabled'),
      );
    return z.array(memberRow).parse(rows);
  }

  async role({ teamId, userId }: Place, sql = this.#knex): Promise<Role | undefined> {
    return firstRow(roleRow, await sql('members').where({ team_id: teamId, user_id: userId }).limit(1))?.role;
  }

  /** @throws the database's error when the person is in the team already */
  async addMember(
    { teamId, userId }: Place,
    { role, at }: { role: Role; at: number },
    sql = this.#knex,
  ): Promise<void> {
    await sql('members').insert({ team_id: teamId, user_id: userId, role, created_at: at });
  }

  async setRole({ teamId, userId }: Place, role: Role, sql: Sql): Promise<void> {
    await sql('members').where({ team_id: teamId, user_id: userId }).update({ role });
  }

  async removeMember({ teamId, userId }: Place, sql: Sql): Promise<void> {
    await sql('members').where({ team_id: teamId, user_id: userId }).delete();
  }

  /** The owners who can sign in, locked until the transaction ends: two cannot leave each other alone. */
  async lockOwners(teamId: number, sql: Sql): Promise<readonly number[]> {
    const rows: unknown = await sql('members')
      .join('users', 'users.id', 'members.user_id')
      .where({ team_id: teamId, role: 'owner', disabled_at: null })
      .forUpdate()
      .select('users.id');
    return z
      .array(z.object({ id: rowId }))
      .parse(rows)
      .map((row) => row.id);
  }
}
