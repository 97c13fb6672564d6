import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { firstRow, rowBoolean, rowCount, rowId, rowJson, rowTime } from '../db/rows.ts';
import type { AppUse } from '../settings/settings-deps.ts';
import type { Channel } from './channel.ts';

/** What a connection stores beside its credential. */
interface ChannelFacts {
  readonly credentialId: number;
  readonly accountId: string;
  readonly nickname: string;
  readonly username: string | null;
  /** Undefined keeps the picture. */
  readonly avatar: string | undefined;
  readonly connectedBy: number;
  readonly connectedAt: number;
}

export interface Waiting {
  readonly count: number;
  readonly nextAt: number | null;
}

export interface ChannelStore extends AppUse {
  list(teamId: number): Promise<readonly Channel[]>;
  find(teamId: number, id: number): Promise<Channel | undefined>;
  findMany(teamId: number, ids: readonly number[]): Promise<readonly Channel[]>;
  findAcrossTeams(id: number): Promise<Channel | undefined>;
  /** Disconnected ones of a team, the last first. */
  listDisconnected(teamId: number): Promise<readonly Channel[]>;
  /** Connected ones over all teams. */
  ofPlugin(pluginId: string): Promise<readonly Channel[]>;
  /** A new channel, or new facts for the connected one of the same account. @returns its id */
  put(channel: ChannelFacts & { readonly teamId: number; readonly plugin: string }, sql: Sql): Promise<number>;
  /** @returns false when it is not connected any more */
  renew(id: number, facts: ChannelFacts, sql: Sql): Promise<boolean>;
  /** Connects a disconnected one again, with all that is known of it. @returns false when it is connected already */
  reopen(id: number, facts: ChannelFacts, sql: Sql): Promise<boolean>;
  setPaused(id: number, isPaused: boolean, sql: Sql): Promise<boolean>;
  disconnect(id: number, at: number, sql: Sql): Promise<boolean>;
  change(id: number, facts: { nickname?: string; username?: string; avatar?: string }): Promise<void>;
  /** Deliveries of the channel that would still go out. */
  countLive(id: number, sql: Sql): Promise<number>;
  waiting(teamId: number): Promise<ReadonlyMap<number, Waiting>>;
}

const channelRow = z
  .object({
    id: rowId,
    team_id: rowId,
    zone: z.string(),
    plugin: z.string(),
    credential_id: rowId,
    account_id: z.string(),
    union_id: z.string().nullable(),
    nickname: z.string(),
    username: z.string().nullable(),
    avatar: z.string().nullable(),
    is_paused: rowBoolean,
    credential_state: z.enum(['valid', 'reconnect-needed']),
    mode: z.string(),
    app_key: z.string(),
    scopes: rowJson(z.array(z.string())),
    connected_by: rowId.nullable(),
    connected_by_name: z.string().nullable(),
    connected_at: rowTime,
    disconnected_at: rowTime.nullable(),
  })
  .transform((row): Channel => ({
    id: row.id,
    teamId: row.team_id,
    zone: row.zone,
    plugin: row.plugin,
    credentialId: row.credential_id,
    accountId: row.account_id,
    unionId: row.union_id,
    nickname: row.nickname,
    username: row.username,
    avatar: row.avatar,
    state: stateOf(row),
    isPaused: row.is_paused,
    mode: row.mode,
    appKey: row.app_key,
    scopes: row.scopes,
    connectedBy: row.connected_by === null ? null : { id: row.connected_by, name: row.connected_by_name ?? '' },
    connectedAt: row.connected_at,
    disconnectedAt: row.disconnected_at,
  }));

function stateOf(row: { credential_state: string; is_paused: boolean }): Channel['state'] {
  if (row.credential_state === 'reconnect-needed') return 'reconnect-needed';
  return row.is_paused ? 'paused' : 'connected';
}

const waitingRow = z.object({ channel_id: rowId, count: rowCount, next_at: rowTime.nullable() });
const countRow = z.object({ count: rowCount });
const useRow = z
  .object({
    app_key: z.string(),
    scopes: rowJson(z.array(z.string())),
    state: z.string(),
    count: rowCount,
    accepted_at: rowTime,
  })
  .transform(({ app_key: appKey, scopes, state, count, accepted_at: acceptedAt }) => {
    return { appKey, scopes, isLost: state === 'reconnect-needed', count, acceptedAt };
  });

export function createChannelStore(db: Database): ChannelStore {
  const rows = async (where: Readonly<Record<string, number | string>>) => parse(await channels(db.knex).where(where));
  const connected = async (where: Readonly<Record<string, number | string>>) =>
    parse(await channels(db.knex).where(where).whereNull('c.disconnected_at').orderBy('c.nickname').orderBy('c.id'));
  return {
    list: (teamId) => connected({ 'c.team_id': teamId }),
    find: async (teamId, id) => (await rows({ 'c.team_id': teamId, 'c.id': id }))[0],
    findMany: async (teamId, ids) =>
      parse(
        await channels(db.knex)
          .where('c.team_id', teamId)
          .whereIn('c.id', [...ids]),
      ),
    findAcrossTeams: async (id) => (await rows({ 'c.id': id }))[0],
    listDisconnected: async (teamId) =>
      parse(
        await channels(db.knex)
          .where('c.team_id', teamId)
          .whereNotNull('c.disconnected_at')
          .orderBy('c.disconnected_at', 'desc')
          .orderBy('c.id', 'desc'),
      ),
    ofPlugin: (pluginId) => connected({ 'c.plugin': pluginId }),
    put,
    renew: async (id, facts, sql) => (await open(sql, id).update(columnsOf(facts))) === 1,
    reopen: async (id, facts, sql) =>
      (await sql('channels')
        .where({ id })
        .whereNotNull('disconnected_at')
        .update({ ...columnsOf(facts), is_paused: false, disconnected_at: null })) === 1,
    setPaused: async (id, isPaused, sql) => (await open(sql, id).update({ is_paused: isPaused })) === 1,
    disconnect: async (id, at, sql) => (await open(sql, id).update({ disconnected_at: at })) === 1,
    async change(id, facts) {
      if (Object.keys(facts).length > 0) await open(db.knex, id).update(facts);
    },
    countLive,
    waiting: (teamId) => waiting(db, teamId),
    ...appUse(db),
  };
}

function channels(sql: Sql) {
  return sql('channels as c')
    .join('credentials as k', 'k.id', 'c.credential_id')
    .join('teams as t', 't.id', 'c.team_id')
    .leftJoin('users as u', 'u.id', 'c.connected_by')
    .select(
      'c.*',
      't.zone',
      'k.union_id',
      'k.state as credential_state',
      'k.mode',
      'k.app_key',
      'k.scopes',
      'u.name as connected_by_name',
    );
}

function parse(rows: readonly unknown[]): readonly Channel[] {
  return rows.map((row) => channelRow.parse(row));
}

function open(sql: Sql, id: number) {
  return sql('channels').where({ id }).whereNull('disconnected_at');
}

function columnsOf(facts: ChannelFacts) {
  return {
    credential_id: facts.credentialId,
    account_id: facts.accountId,
    nickname: facts.nickname,
    username: facts.username,
    connected_by: facts.connectedBy,
    connected_at: facts.connectedAt,
    ...(facts.avatar === undefined ? {} : { avatar: facts.avatar }),
  };
}

/** The unique index decides: two people who connect the same account at once make one channel. */
async function put(
  channel: ChannelFacts & { readonly teamId: number; readonly plugin: string },
  sql: Sql,
): Promise<number> {
  const { teamId: team_id, plugin, accountId } = channel;
  await sql('channels')
    .insert({ team_id, plugin, ...columnsOf(channel) })
    .onConflict(['team_id', 'plugin', 'connected_account'])
    .merge(columnsOf(channel));
  const found: unknown[] = await sql('channels').where({ team_id, plugin, connected_account: accountId }).select('id');
  return z.object({ id: rowId }).parse(found[0]).id;
}

async function countLive(id: number, sql: Sql): Promise<number> {
  const rows: unknown[] = await sql('deliveries')
    .where({ channel_id: id })
    .whereIn('state', ['scheduled', 'publishing', 'processing'])
    .count({ count: 'id' });
  return firstRow(countRow, rows)?.count ?? 0;
}

async function waiting(db: Database, teamId: number): Promise<ReadonlyMap<number, Waiting>> {
  const rows: unknown[] = await db
    .knex('deliveries')
    .where({ team_id: teamId, state: 'scheduled' })
    .groupBy('channel_id')
    .select('channel_id')
    .count({ count: 'id' })
    .min({ next_at: 'due_at' });
  return new Map(
    rows
      .map((row) => waitingRow.parse(row))
      .map((row) => [row.channel_id, { count: row.count, nextAt: row.next_at }] as const),
  );
}

function appUse(db: Database): AppUse {
  const using = (pluginId: string, appKey: string) =>
    db
      .knex('channels as c')
      .join('credentials as k', 'k.id', 'c.credential_id')
      .where({ 'k.plugin': pluginId, 'k.app_key': appKey })
      .whereNull('c.disconnected_at');
  return {
    async countChannels(pluginId, appKey) {
      const rows: unknown[] = await using(pluginId, appKey).count({ count: 'c.id' });
      return firstRow(countRow, rows)?.count ?? 0;
    },
    async credentialIds(pluginId, appKey) {
      const rows: unknown[] = await using(pluginId, appKey).distinct('k.id');
      return rows.map((row) => z.object({ id: rowId }).parse(row).id);
    },
    async usesOf(pluginId) {
      const columns = ['k.app_key', 'k.scopes', 'k.state'];
      const rows: unknown[] = await db
        .knex('channels as c')
        .join('credentials as k', 'k.id', 'c.credential_id')
        .where('c.plugin', pluginId)
        .whereNull('c.disconnected_at')
        .groupBy(columns)
        .select(columns)
        .count({ count: 'c.id' })
        .max({ accepted_at: 'k.refreshed_at' });
      return rows.map((row) => useRow.parse(row));
    },
  };
}
