import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';
import { z } from 'zod';
import { StartError } from '../errors.ts';
import { codeRoot } from '../project-root.ts';
import type { Database } from './database.ts';
import { againAfterConflict } from './retry.ts';

/** A folder of migrations; `owner` is `core` or a plugin's id and stands in front of each name. */
export interface MigrationFolder {
  readonly owner: string;
  readonly folder: string;
}

/** The host's own migrations. */
export const coreMigrations: MigrationFolder = { owner: 'core', folder: path.join(codeRoot, 'migrations') };

const table = 'migrations_done';

/** Names of migrations that the code has and the database has not, in the order they will run. Changes nothing. */
export async function pendingMigrations(db: Database, folders: readonly MigrationFolder[]): Promise<readonly string[]> {
  const done = await namesDone(db);
  const known = await listMigrations(folders);
  refuseNewerDatabase(done, known);
  return known.map(({ name }) => name).filter((name) => !done.has(name));
}

/** Whether no migration ever ran here: such a database may be set up without being asked. */
export async function isEmptyDatabase(db: Database): Promise<boolean> {
  return (await namesDone(db)).size === 0;
}

/**
 * Runs what is pending and answers its names. Two at once do not collide: one waits for the other and finds nothing
 * left to do.
 */
export async function migrateToLatest(db: Database, folders: readonly MigrationFolder[]): Promise<readonly string[]> {
  refuseNewerDatabase(await namesDone(db), await listMigrations(folders));
  return alone(db, (sql, config) => sql.migrate.latest(config).then(namesRun), folders);
}

/** Undoes every migration of these folders, newest first. For tests and for an operator who knows why. */
export async function undoAllMigrations(db: Database, folders: readonly MigrationFolder[]): Promise<readonly string[]> {
  return alone(db, (sql, config) => sql.migrate.rollback(config, true).then(namesRun), folders);
}

const batch = z.tuple([z.number(), z.array(z.union([z.string(), z.object({ name: z.string() })]))]);

function namesRun(answer: unknown): readonly string[] {
  return batch.parse(answer)[1].map((entry) => (typeof entry === 'string' ? entry : entry.name));
}

type Migrating = (sql: Knex, config: Knex.MigratorConfig) => Promise<readonly string[]>;

async function alone(db: Database, work: Migrating, folders: readonly MigrationFolder[]): Promise<readonly string[]> {
  const config: Knex.MigratorConfig = {
    tableName: table,
    migrationSource: migrationSource(folders),
    // A removed plugin's migrations stay recorded; a newer database has been refused already.
    disableMigrationsListValidation: true,
    // MySQL commits at each change of a table, so a transaction around it would only promise.
    disableTransactions: db.kind === 'mysql',
  };
  return db.kind === 'sqlite' ? aloneOnSqlite(db, work, config) : aloneOnMySql(db, work, config);
}

/** One immediate transaction around everything: a crash leaves nothing half done, a second process waits. */
function aloneOnSqlite(db: Database, work: Migrating, config: Knex.MigratorConfig): Promise<readonly string[]> {
  // Rebuilding a table would fire ON DELETE CASCADE; knex checks every foreign key before it commits instead.
  return againAfterConflict(() => db.knex.transaction((sql) => work(sql, config), { enforceForeignCheck: false }));
}

/** The server's own lock, which ends with the connection: knex's lock row would stay after a crash. */
function aloneOnMySql(db: Database, work: Migrating, config: Knex.MigratorConfig): Promise<readonly string[]> {
  return db.knex.transaction(async (holder) => {
    const answer: unknown = await holder.raw("select get_lock(concat('migrate/', database()), 60) as held");
    if (lockAnswer.parse(answer)[0][0].held !== 1) {
      throw new StartError(
        'Another process has been changing this database for a minute. Wait for it, then start again.',
      );
    }
    try {
      await db.knex.migrate.forceFreeMigrationsLock(config);
      return await work(db.knex, config);
    } finally {
      await holder.raw("do release_lock(concat('migrate/', database()))");
    }
  });
}

const lockAnswer = z.tuple([z.tuple([z.object({ held: z.number().nullable() })])], z.unknown());

async function namesDone(db: Database): Promise<ReadonlySet<string>> {
  if (!(await db.knex.schema.hasTable(table))) return new Set();
  const rows: unknown = await db.knex(table).select('name');
  return new Set(
    z
      .array(z.object({ name: z.string() }))
      .parse(rows)
      .map((row) => row.name),
  );
}

function refuseNewerDatabase(done: ReadonlySet<string>, known: readonly MigrationFile[]): void {
  const names = new Set(known.map(({ name }) => name));
  const unknown = [...done].filter((name) => name.startsWith('core/') && !names.has(name));
  if (unknown.length === 0) return;
  throw new StartError(
    `The database was written by a newer Castdeck (it has ${unknown.join(', ')}). Install that version, or use another DATABASE_URL.`,
  );
}

interface MigrationFile {
  readonly name: string;
  readonly file: string;
}

/** Names carry no extension, so that source and compiled code agree on what was done. */
function migrationSource(folders: readonly MigrationFolder[]): Knex.MigrationSource<MigrationFile> {
  return {
    getMigrations: () => listMigrations(folders),
    getMigrationName: (migration) => migration.name,
    getMigration: async (migration) => {
      const loaded: unknown = await import(pathToFileURL(migration.file).href);
      return migrationModule.parse(loaded);
    },
  };
}

const step = z.custom<(knex: Knex) => Promise<void>>((value) => typeof value === 'function');
const migrationModule = z.object({ up: step, down: step });

async function listMigrations(folders: readonly MigrationFolder[]): Promise<MigrationFile[]> {
  const lists = await Promise.all(folders.map(listFolder));
  return lists.flat();
}

async function listFolder({ owner, folder }: MigrationFolder): Promise<MigrationFile[]> {
  const files = (await readdir(folder)).filter((name) => /(?<!\.d)\.[jt]s$/.test(name)).sort();
  return files.map((name) => ({ name: `${owner}/${path.parse(name).name}`, file: path.join(folder, name) }));
}
