import type { Database } from '../../core/db/database.ts';
import { connectDatabase } from '../../core/db/connect.ts';
import { coreMigrations, type MigrationFolder, migrateToLatest } from '../../core/db/migrate.ts';
import { migrateLikeTheFirst } from './copied-tables.ts';
import type { MariaDbRoom } from './mariadb.ts';

interface TestDatabaseOptions {
  /** Use this server instead of SQLite in memory; the test gets a fresh database of its own. */
  readonly mariadb?: MariaDbRoom;
  /** Migrations of plugins, besides core's. */
  readonly folders?: readonly MigrationFolder[];
}

/** A migrated, empty database that belongs to this test alone. Close it, or let the end of the run do it. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<Database> {
  const target =
    options.mariadb === undefined
      ? ({ kind: 'sqlite', file: ':memory:' } as const)
      : await options.mariadb.createDatabase();
  const db = await connectDatabase(target);
  if (options.folders === undefined) await migrateLikeTheFirst(db);
  else await migrateToLatest(db, [coreMigrations, ...(options.folders ?? [])]);
  return db;
}
