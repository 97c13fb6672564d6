import type { Knex } from 'knex';
import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { anyJson, rowId, rowJson, rowTime } from '../db/rows.ts';

/** Whose acts: of one team with the sign-ins of its members, or of the whole installation. */
export type ActScope = { readonly teamId: number } | 'installation';

export interface ActFilter {
  readonly personId?: number | undefined;
  readonly kinds: readonly string[];
  /** UTC ms; `to` is not included. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Older than this record. */
  readonly before?: number | undefined;
  readonly most: number;
}

const actRow = z
  .object({
    id: rowId,
    at: rowTime,
    team_id: rowId.nullable(),
    team_name: z.string().nullable(),
    actor_id: rowId.nullable(),
    actor_name: z.string().nullable(),
    subject: z.string(),
    subject_id: z.string(),
    kind: z.string(),
    facts: rowJson(anyJson),
    address: z.string().nullable(),
  })
  .transform((row) => ({
    id: row.id,
    at: row.at,
    teamId: row.team_id,
    teamName: row.team_name,
    actorId: row.actor_id,
    actorName: row.actor_name,
    subject: row.subject,
    subjectId: row.subject_id,
    kind: row.kind,
    facts: row.facts,
    address: row.address,
  }));

export type ActRecord = z.output<typeof actRow>;

const named = z.object({ id: rowId, name: z.string() });
const deletionRow = z.object({ team_id: rowId, facts: rowJson(z.object({ name: z.string() })) });

export class AuditStore {
  readonly #knex: Sql;

  constructor(db: Database) {
    this.#knex = db.knex;
  }

  /** Newest first, by key. @param signIns kinds that belong to no team: of those who are members now, since they joined */
  async list(scope: ActScope, filter: ActFilter, signIns: readonly string[]): Promise<readonly ActRecord[]> {
    if (scope === 'installation') return this.#read(this.#acts(filter));
    const { teamId } = scope;
    const own = await this.#read(this.#acts(filter).where('events.team_id', teamId));
    const kinds = filter.kinds.filter((kind) => signIns.includes(kind));
    if (kinds.length === 0) return own;
    const ofMembers = this.#acts({ ...filter, kinds })
      .whereNull('events.team_id')
      .join('members', 'members.user_id', 'events.actor_id')
      .where('members.team_id', teamId)
      .where('members.created_at', '<=', this.#knex.ref('events.at'));
    return [...own, ...(await this.#read(ofMembers))].sort((a, b) => b.id - a.id).slice(0, filter.most);
  }

  /** Names of people, also of those who are no members any more. */
  userNames(ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
    return this.#names('users', ids);
  }

  /** Names of teams; of one that was deleted, as it was then. */
  async teamNames(ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const names = await this.#names('teams', ids);
    const gone = ids.filter((id) => !names.has(id));
    if (gone.length === 0) return names;
    const rows: unknown = await this.#knex('events')
      .whereIn('team_id', gone)
      .where({ is_act: true, kind: 'team.deleted' })
      .select('team_id', 'facts');
    const deletions = z.array(deletionRow).parse(rows);
    return new Map([...names, ...deletions.map(({ team_id: id, facts }) => [id, facts.name] as const)]);
  }

  async #names(table: 'users' | 'teams', ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
    if (ids.length === 0) return new Map();
    const rows: unknown = await this.#knex(table)
      .whereIn('id', [...ids])
      .select('id', 'name');
    return new Map(
      z
        .array(named)
        .parse(rows)
        .map(({ id, name }) => [id, name]),
    );
  }

  async channelNames(ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
    if (ids.length === 0) return new Map();
    const rows: unknown = await this.#knex('channels')
      .whereIn('id', [...ids])
      .select('id', 'nickname as name');
    return new Map(
      z
        .array(named)
        .parse(rows)
        .map(({ id, name }) => [id, name]),
    );
  }

  /** Who may have done something: members of the team, or everybody. By name. */
  async people(scope: ActScope): Promise<readonly { readonly id: number; readonly name: string }[]> {
    const people = this.#knex('users').orderBy(['users.name', 'users.id']).select('users.id', 'users.name');
    if (scope !== 'installation') {
      void people.join('members', 'members.user_id', 'users.id').where('members.team_id', scope.teamId);
    }
    const rows: unknown = await people;
    return z.array(named).parse(rows);
  }

  #acts({ personId, kinds, from, to, before, most }: ActFilter): Knex.QueryBuilder {
    const acts = this.#knex('events')
      .where('events.is_act', true)
      .whereIn('events.kind', [...kinds]);
    if (personId !== undefined) void acts.where('events.actor_id', personId);
    if (from !== undefined) void acts.where('events.at', '>=', from);
    if (to !== undefined) void acts.where('events.at', '<', to);
    if (before !== undefined) void acts.where('events.id', '<', before);
    return acts.orderBy('events.id', 'desc').limit(most);
  }

  async #read(acts: Knex.QueryBuilder): Promise<readonly ActRecord[]> {
    const rows: unknown = await acts
      .leftJoin('users', 'users.id', 'events.actor_id')
      .leftJoin('teams', 'teams.id', 'events.team_id')
      .select('events.id', 'events.at', 'events.team_id', 'teams.name as team_name', 'events.actor_id')
      .select('users.name as actor_name', 'events.subject', 'events.subject_id', 'events.kind', 'events.facts')
      .select('events.address');
    return z.array(actRow).parse(rows);
  }
}
