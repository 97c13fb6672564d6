import type { Log } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { type MigrationFolder, pendingMigrations } from '../db/migrate.ts';

export interface Readiness {
  readonly isReady: boolean;
  /** Each thing that was looked at, without addresses, names or errors: anyone may ask. */
  readonly checks: { readonly database: 'ok' | 'unreachable'; readonly migrations: 'ok' | 'pending' | 'unknown' };
}

export interface Health {
  /** Whether this process can serve: the database answers and has every migration. */
  ready(): Promise<Readiness>;
}

interface HealthDeps {
  readonly db: Database;
  readonly migrations: readonly MigrationFolder[];
  readonly log: Log;
}

const answerWithinMs = 3_000;

export function createHealth(deps: HealthDeps): Health {
  return {
    ready: async () => {
      try {
        const pending = await within(answerWithinMs, pendingMigrations(deps.db, deps.migrations));
        const migrations = pending.length === 0 ? 'ok' : 'pending';
        return { isReady: migrations === 'ok', checks: { database: 'ok', migrations } };
      } catch (error) {
        deps.log.warn({ error }, 'the database did not answer the readiness probe');
        return { isReady: false, checks: { database: 'unreachable', migrations: 'unknown' } };
      }
    },
  };
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${limitMs} ms.`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
