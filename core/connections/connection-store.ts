import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { rowBoolean, rowCount, rowId, rowJson, rowTime } from '../db/rows.ts';
import type { Connection, ConnectionFilter, ConnectionPlace, ConnectionTally } from './connection.ts';

const connectionRow = z
  .object({
    id: rowId,
    team_id: rowId,
    team_name: z.string(),
    nickname: z.string(),
    username: z.string().nullable(),
    is_paused: rowBoolean,
    connected_at: rowTime,
    connected_by: z.string().nullable(),
    app_key: z.string(),
    mode: z.string(),
    scopes: rowJson(z.array(z.string())),
    state: z.enum(['valid', 'reconnect-needed']),
    access_expires_at: rowTime,
    refresh_expires_at: rowTime,
    refreshed_at: rowTime,
    refresh_failed_at: rowTime.nullable(),
    refresh_failed_code: z.string().nullable(),
  })
  .transform((row): Connection => ({
    channelId: row.id,
    team: { id: row.team_id, name: row.team_name },
    nickname: row.nickname,
    username: row.username,
    isPaused: row.is_paused,
    connectedAt: row.connected_at,
    connectedBy: row.connected_by,
    appKey: row.app_key,
    mode: row.mode,
    scopes: row.scopes,
    isLost: row.state === 'reconnect-needed',
    accessExpiresAt: row.access_expires_at,
    refreshExpiresAt: row.refresh_expires_at,
    refreshedAt: row.refreshed_at,
    failure:
      row.refresh_failed_at === null ? null : { at: row.refresh_failed_at, code: row.refresh_failed_code ?? 'unknown' },
  }));

const tallyRow = z
  .object({ app_key: z.string(), state: z.string(), has_failed: rowBoolean, count: rowCount })
  .transform((row): ConnectionTally => ({
    appKey: row.app_key,
    isLost: row.state === 'reconnect-needed',
    hasFailed: row.has_failed,
    count: row.count,
  }));

export interface ConnectionQuery {
  readonly plugin: string;
  readonly filter: ConnectionFilter;
  readonly limit: number;
  readonly after?: ConnectionPlace;
  readonly before?: ConnectionPlace;
}

/** Connected channels of one network over all teams, team by team; by key, not by offset. */
export async function selectConnections(db: Database, query: ConnectionQuery): Promise<readonly Connection[]> {
  const { after, before, limit } = query;
  const isBackwards = before !== undefined;
  const rows: unknown[] = await filtered(db, query)
    .join('teams as t', 't.id', 'c.team_id')
    .leftJoin('users as u', 'u.id', 'c.connected_by')
    .modify((sql) => {
      const edge = before ?? after;
      if (edge === undefined) return;
      void sql.where((next) => {
        beyond(next, isBackwards ? '<' : '>', edge);
      });
    })
    .orderBy(['c.team_id', 'c.id'].map((column) => ({ column, order: isBackwards ? 'desc' : 'asc' })))
    .limit(limit)
    .select(
      ...['c.id', 'c.team_id', 'c.nickname', 'c.username', 'c.is_paused', 'c.connected_at', 't.name as team_name'],
      ...['u.name as connected_by', 'k.app_key', 'k.mode', 'k.scopes', 'k.state', 'k.access_expires_at'],
      ...['k.refresh_expires_at', 'k.refreshed_at', 'k.refresh_failed_at', 'k.refresh_failed_code'],
    );
  const found = rows.map((row) => connectionRow.parse(row));
  return isBackwards ? found.reverse() : found;
}

/** How many connections are alike, over all teams. */
export async function tallyConnections(db: Database, plugin: string): Promise<readonly ConnectionTally[]> {
  const failed = db.knex.raw('case when k.refresh_failed_at is null then 0 else 1 end');
  const rows: unknown[] = await filtered(db, { plugin, filter: {} })
    .groupBy('k.app_key', 'k.state', failed)
    .select(
      'k.app_key',
      'k.state',
      db.knex.raw('case when k.refresh_failed_at is null then 0 else 1 end as has_failed'),
    )
    .count({ count: 'c.id' });
  return rows.map((row) => tallyRow.parse(row));
}

function filtered(db: Database, { plugin, filter }: Pick<ConnectionQuery, 'plugin' | 'filter'>) {
  const { appKey, lostOrNotOf, hasFailed, missing } = filter;
  return db
    .knex('channels as c')
    .join('credentials as k', 'k.id', 'c.credential_id')
    .where('c.plugin', plugin)
    .whereNull('c.disconnected_at')
    .modify((sql) => {
      if (appKey !== undefined) void sql.where('k.app_key', appKey);
      if (lostOrNotOf !== undefined) {
        void sql.where(
          (lost) => void lost.where('k.state', 'reconnect-needed').orWhereNotIn('k.app_key', [...lostOrNotOf]),
        );
      }
      if (hasFailed === true) void sql.whereNotNull('k.refresh_failed_at');
      // Scopes are a list of JSON; a scope's name has no character that means something to `like` but `_`.
      if (missing !== undefined) void sql.whereNot('k.scopes', 'like', `%"${missing}"%`);
    });
}

type Condition = ReturnType<typeof filtered>;

function beyond(sql: Pick<Condition, 'where'>, sign: '<' | '>', { teamId, channelId }: ConnectionPlace): void {
  void sql
    .where('c.team_id', sign, teamId)
    .orWhere((same) => void same.where('c.team_id', teamId).where('c.id', sign, channelId));
}
