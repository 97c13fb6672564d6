import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectDatabase } from '../../core/db/connect.ts';
import type { Database, DatabaseTarget } from '../../core/db/database.ts';
import { coreMigrations, migrateToLatest } from '../../core/db/migrate.ts';
import { type MariaDbServer, startMariaDb } from '../../test/support/mariadb.ts';
import type { Figure } from './goal.ts';

/** A database server of the measurement's own, or a file for SQLite. */
export interface BenchServer {
  readonly name: Exclude<Figure['database'], '–'>;
  /** The server's process; undefined where the database runs inside ours. */
  readonly pid: number | undefined;
  /** A migrated, empty database. */
  open(): Promise<BenchDatabase>;
}

export interface BenchDatabase {
  readonly db: Database;
  readonly target: DatabaseTarget;
  close(): Promise<void>;
}

/** Runs the work on SQLite, then on MariaDB. */
export async function onEachServer<T>(work: (server: BenchServer) => Promise<readonly T[]>): Promise<readonly T[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-bench-'));
  let files = 0;
  try {
    const onSqlite = await work({
      ...{ name: 'SQLite', pid: undefined },
      open: () => openTarget({ kind: 'sqlite', file: path.join(folder, `${(files += 1)}.db`) }),
    });
    return [...onSqlite, ...(await onMariaDb(work))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onMariaDb<T>(work: (server: BenchServer) => Promise<readonly T[]>): Promise<readonly T[]> {
  let server: MariaDbServer;
  try {
    server = await startMariaDb();
  } catch (error) {
    process.stderr.write(`MariaDB is left out: ${error instanceof Error ? error.message : String(error)}\n`);
    return [];
  }
  try {
    await giveRoom(await server.createDatabase());
    const open = async (): Promise<BenchDatabase> => openTarget(await server.createDatabase());
    return await work({ name: 'MariaDB', pid: server.pid, open });
  } finally {
    await server.stop();
  }
}

/** As an installation's server has it: that of the tests is the smallest that runs, and would be busy with its pages. */
async function giveRoom(target: DatabaseTarget): Promise<void> {
  const db = await connectDatabase(target);
  await db.knex.raw('set global innodb_buffer_pool_size = 536870912');
  await db.knex.raw('set global innodb_log_file_size = 134217728');
  await db.close();
}

async function openTarget(target: DatabaseTarget): Promise<BenchDatabase> {
  const db = await connectDatabase(target);
  await migrateToLatest(db, [coreMigrations]);
  return { db, target, close: () => db.close() };
}
