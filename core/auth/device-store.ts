import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';

const forgottenAfterMs = 365 * 24 * 3_600_000;

/** Browsers that people have signed in with. The browser holds a token, the database its hash. */
export class DeviceStore {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Asks the database also where the answer is clear, so that the time tells nothing. */
  async isKnown(userId: number, token: string): Promise<boolean> {
    const row: unknown = await this.#rows()
      .where({ user_id: userId, token_hash: hashToken(token) })
      .first('user_id');
    return row !== undefined;
  }

  /** @param token what the browser brought: one that we gave out is kept, anything else replaced @returns the browser's token */
  async remember(userId: number, token: string): Promise<string> {
    const isOurs =
      (await this.#rows()
        .where({ token_hash: hashToken(token) })
        .first('user_id')) !== undefined;
    const kept = isOurs ? token : randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    await this.#rows()
      .insert({ user_id: userId, token_hash: hashToken(kept), seen_at: now })
      .onConflict(['user_id', 'token_hash'])
      .merge(['seen_at']);
    await this.#rows()
      .where('seen_at', '<', now - forgottenAfterMs)
      .delete();
    return kept;
  }

  #rows() {
    return this.#db.knex('known_devices');
  }
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
