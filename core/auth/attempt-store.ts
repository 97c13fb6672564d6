import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { rowTime } from '../db/rows.ts';

/** How often something may be tried in a span of time. */
export interface AttemptLimit {
  /** What is guarded, e.g. `sign-in/address`. */
  readonly what: string;
  readonly most: number;
  readonly windowMs: number;
}

const countRow = z.object({ attempts: z.int(), expires_at: rowTime });

/** Counts attempts in the database, so that every web process counts the same. A fixed window: enough against guessing. */
export class AttemptStore {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * Counts one attempt of `whom` before it is made, so that many at once cannot slip through together.
   * @returns milliseconds to wait, 0 when the attempt may be made
   */
  async take({ what, most, windowMs }: AttemptLimit, whom: string): Promise<number> {
    const bucket = bucketOf(what, whom);
    const now = this.#clock.now();
    return this.#db.transaction(async (sql) => {
      const running = sql('attempt_counts').where({ bucket }).where('expires_at', '>', now);
      const counted = await running.clone().increment('attempts', 1);
      if (counted === 0) {
        const fresh = { bucket, attempts: 1, expires_at: now + windowMs };
        await sql('attempt_counts').insert(fresh).onConflict('bucket').merge();
        return 0;
      }
      const row = countRow.parse(await running.clone().first('attempts', 'expires_at'));
      return row.attempts > most ? row.expires_at - now : 0;
    });
  }

  /** Takes one attempt back: it was a good one. */
  async giveBack({ what }: AttemptLimit, whom: string): Promise<void> {
    await this.#db
      .knex('attempt_counts')
      .where({ bucket: bucketOf(what, whom) })
      .where('attempts', '>', 0)
      .decrement('attempts', 1);
  }

  async forget({ what }: AttemptLimit, whom: string): Promise<void> {
    await this.#db
      .knex('attempt_counts')
      .where({ bucket: bucketOf(what, whom) })
      .delete();
  }

  async forgetExpired(): Promise<void> {
    await this.#db.knex('attempt_counts').where('expires_at', '<=', this.#clock.now()).delete();
  }
}

/** Hashed: what a stranger typed as an e-mail address may be of any length, and is nobody's business. */
function bucketOf(what: string, whom: string): string {
  return `${what}/${createHash('sha256').update(whom).digest('hex')}`;
}
