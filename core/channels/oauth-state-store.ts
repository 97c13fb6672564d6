import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { firstRow, rowBoolean, rowId, rowTime } from '../db/rows.ts';

/** One connection under way: what was begun, by whom, and where. */
export interface OAuthState {
  /** SHA-256 of what the network carries back. */
  readonly stateHash: string;
  readonly sessionHash: string;
  readonly userId: number;
  readonly teamId: number;
  readonly plugin: string;
  /** The channel to reconnect; null = a new one. */
  readonly channelId: number | null;
  readonly setId: string;
  readonly sealedVerifier: string;
  readonly inPopup: boolean;
  /** Begun where channels are reconnected one after the other. */
  readonly inWalk: boolean;
  readonly expiresAt: number;
}

export interface OAuthStateStore {
  add(state: OAuthState): Promise<void>;
  find(stateHash: string): Promise<OAuthState | undefined>;
  /** One DELETE: of many who ask at once, one is told true. */
  consume(stateHash: string): Promise<boolean>;
  forgetExpired(now: number): Promise<void>;
}

const stateRow = z
  .object({
    state_hash: z.string(),
    session_hash: z.string(),
    user_id: rowId,
    team_id: rowId,
    plugin: z.string(),
    channel_id: rowId.nullable(),
    set_id: z.string(),
    sealed_verifier: z.string(),
    in_popup: rowBoolean,
    in_walk: rowBoolean,
    expires_at: rowTime,
  })
  .transform((row): OAuthState => ({
    stateHash: row.state_hash,
    sessionHash: row.session_hash,
    userId: row.user_id,
    teamId: row.team_id,
    plugin: row.plugin,
    channelId: row.channel_id,
    setId: row.set_id,
    sealedVerifier: row.sealed_verifier,
    inPopup: row.in_popup,
    inWalk: row.in_walk,
    expiresAt: row.expires_at,
  }));

export function createOAuthStateStore(db: Database): OAuthStateStore {
  const rows = () => db.knex('oauth_states');
  return {
    async add(state) {
      await rows().insert({
        state_hash: state.stateHash,
        session_hash: state.sessionHash,
        user_id: state.userId,
        team_id: state.teamId,
        plugin: state.plugin,
        channel_id: state.channelId,
        set_id: state.setId,
        sealed_verifier: state.sealedVerifier,
        in_popup: state.inPopup,
        in_walk: state.inWalk,
        expires_at: state.expiresAt,
      });
    },
    find: async (stateHash) => firstRow(stateRow, await rows().where({ state_hash: stateHash })),
    consume: async (stateHash) => (await rows().where({ state_hash: stateHash }).delete()) === 1,
    async forgetExpired(now) {
      await rows().where('expires_at', '<', now).delete();
    },
  };
}
