import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { firstRow, rowId, rowTime } from '../db/rows.ts';

/** For whom a link is, and where it leads. */
export interface ConnectLink {
  readonly plugin: string;
  readonly teamId: number;
  readonly userId: number;
  /** UTC milliseconds. */
  readonly expiresAt: number;
}

export interface ConnectLinkStore {
  add(tokenHash: string, link: ConnectLink, sql: Sql): Promise<void>;
  find(tokenHash: string): Promise<ConnectLink | undefined>;
  /** One DELETE: of many who ask at once, one is told true. */
  consume(tokenHash: string): Promise<boolean>;
  forgetExpired(now: number): Promise<void>;
}

const linkRow = z
  .object({ plugin: z.string(), team_id: rowId, user_id: rowId, expires_at: rowTime })
  .transform((row): ConnectLink => ({
    plugin: row.plugin,
    teamId: row.team_id,
    userId: row.user_id,
    expiresAt: row.expires_at,
  }));

export function createConnectLinkStore(db: Database): ConnectLinkStore {
  const rows = () => db.knex('connect_links');
  return {
    async add(tokenHash, { plugin, teamId, userId, expiresAt }, sql) {
      const owner = { plugin, team_id: teamId, user_id: userId };
      await sql('connect_links').insert({ token_hash: tokenHash, ...owner, expires_at: expiresAt });
    },
    find: async (tokenHash) => firstRow(linkRow, await rows().where({ token_hash: tokenHash })),
    consume: async (tokenHash) => (await rows().where({ token_hash: tokenHash }).delete()) === 1,
    async forgetExpired(now) {
      await rows().where('expires_at', '<', now).delete();
    },
  };
}
