import type { Log } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { type MigrationFolder, pendingMigrations } from '../db/migrate.ts';

export interface Health {
  /** Whether this process can serve: the database answers and has every migration. Why not is told to the log alone. */
  isReady(): Promise<boolean>;
}

interface HealthDeps {
  readonly db: Database;
  readonly migrations: readonly MigrationFolder[];
  readonly log: Log;
}

const answerWithinMs = 3_000;

export function createHealth(deps: HealthDeps): Health {
  return {
    isReady: async () => {
      try {
        const pending = await within(answerWithinMs, pendingMigrations(deps.db, deps.migrations));
        if (pending.length > 0) deps.log.warn({ pending }, 'not ready: migrations are pending');
        return pending.length === 0;
      } catch (error) {
        deps.log.warn({ error }, 'not ready: the database does not answer');
        return false;
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
