import { type DoctorCheck, type Finding, findingsOf, type Translate } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { DatabaseClock } from '../db/database-clock.ts';
import { type MigrationFolder, pendingMigrations } from '../db/migrate.ts';
import { databaseVersion } from './doctor-store.ts';

export const databaseOutcomes = {
  ok: { tone: 'ok' },
  'no-answer': { tone: 'bad', who: 'admin', steps: 2 },
  pending: { tone: 'bad', who: 'admin', steps: 2 },
  clock: { tone: 'warn', who: 'admin', steps: 2 },
} as const;

const mostApartMs = 5_000;

interface DatabaseParts {
  readonly t: Translate;
  readonly db: Database;
  readonly clock: Pick<DatabaseClock, 'measure'>;
  readonly migrations: readonly MigrationFolder[];
}

/** Whether the database answers, has every table of this version, and goes by the same time as this machine. */
export function databaseCheck({ t, db, clock, migrations }: DatabaseParts): DoctorCheck {
  const found = findingsOf(t, 'doctor:database', databaseOutcomes);
  const run = async (): Promise<Finding> => {
    let version: string;
    try {
      version = await databaseVersion(db);
    } catch (error) {
      return found('no-answer', { code: codeOf(error) });
    }
    const pending = await pendingMigrations(db, migrations);
    if (pending.length > 0) return found('pending', { values: { count: pending.length, first: pending[0] ?? '' } });
    const seconds = Math.abs(await clock.measure()) / 1000;
    if (seconds * 1000 > mostApartMs) return found('clock', { values: { version, seconds: Math.round(seconds) } });
    return found('ok', { values: { version, seconds: Number(seconds.toFixed(1)) } });
  };
  return { id: 'database', label: t('doctor:database.label'), run };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
