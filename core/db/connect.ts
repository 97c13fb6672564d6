import path from 'node:path';
import knex, { type Knex } from 'knex';
import { z } from 'zod';
import type { Log } from '#plugin-api';
import { StartError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import type { Database, DatabaseTarget, Sql } from './database.ts';
import { keepStatements, type PreparingConnection } from './kept-statements.ts';
import { readBeside } from './read-rows.ts';
import { againAfterConflict } from './retry.ts';
import type { RowReader } from './row-reader.ts';

/**
 * Opens the database and asks it one question, so that a wrong address is told at the start and not at first use.
 * @param log told of connections that break
 * @throws StartError that says what is wrong with DATABASE_URL; it never holds the password
 */
export async function connectDatabase(target: DatabaseTarget, log: Log = silence): Promise<Database> {
  const voice = { isHeard: false };
  const config = target.kind === 'sqlite' ? await sqliteConfig(target) : await mysqlConfig(target);
  const pool = knex({ ...config, log: knexLog(log, voice) });
  try {
    await ask(pool, target);
    voice.isHeard = true;
  } catch (error) {
    await pool.destroy();
    throw error instanceof StartError ? error : new StartError(explain(target, error), error);
  }
  const reader = await readerOf(target);
  if (reader !== undefined) readBeside(pool, reader);
  return {
    knex: pool,
    kind: target.kind,
    transaction: <T>(work: (sql: Sql) => Promise<T>) => againAfterConflict(() => pool.transaction(work)),
    close: async () => {
      await Promise.all([reader?.close(), pool.destroy()]);
    },
  };
}

/** A database in memory has one connection alone. */
async function readerOf(target: DatabaseTarget): Promise<RowReader | undefined> {
  if (target.kind === 'mysql') {
    const { createMysqlReader } = await import('./mysql-reader.ts');
    return createMysqlReader(mysqlConnectionOf(target));
  }
  if (target.file === ':memory:') return undefined;
  const { createSqliteReader } = await import('./sqlite-reader.ts');
  return createSqliteReader(target.file);
}

const silence: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** knex would write to the console by itself. Until the first answer its words are those of the error that is thrown. */
function knexLog(log: Log, voice: { readonly isHeard: boolean }): Knex.Logger {
  const line = (level: 'debug' | 'warn') => (said: unknown) => {
    if (voice.isHeard) log[level]({ said }, 'said by the database client');
  };
  return { debug: line('debug'), warn: line('warn'), error: line('warn'), deprecate: line('debug') };
}

type SqliteTarget = Extract<DatabaseTarget, { kind: 'sqlite' }>;
type MySqlTarget = Extract<DatabaseTarget, { kind: 'mysql' }>;

// Long enough for a queue of short transactions, short enough that a transaction waiting for itself is noticed.
const waitForConnectionMs = 8_000;

async function sqliteConfig(target: SqliteTarget): Promise<Knex.Config> {
  if (target.file !== ':memory:') makeFolderOf(target.file);
  const { SqliteClient } = await import('./sqlite-client.ts');
  return {
    client: SqliteClient,
    connection: { filename: target.file },
    useNullAsDefault: true,
    acquireConnectionTimeout: waitForConnectionMs,
    // better-sqlite3 is synchronous: one connection serves a process, and an in-memory database lives in it.
    pool: { min: 1, max: 1, idleTimeoutMillis: 2 ** 31 - 1, afterCreate: setPragmas },
  };
}

function makeFolderOf(file: string): void {
  try {
    makeFolder(path.dirname(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `DATABASE_URL: the folder of ${file} cannot be made (${reason}). Choose another place.`,
      error,
    );
  }
}

function setPragmas(connection: unknown, done: (error: Error | null, connection: unknown) => void): void {
  try {
    const sqlite = sqliteConnection.parse(connection);
    for (const pragma of ['busy_timeout=5000', 'journal_mode=WAL', 'synchronous=FULL', 'foreign_keys=ON']) {
      sqlite.pragma(pragma);
    }
    keepStatements(sqlite);
    done(null, connection);
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)), connection);
  }
}

const sqliteConnection = z.custom<PreparingConnection & { pragma(statement: string): unknown }>(
  (value) => typeof value === 'object' && value !== null && 'pragma' in value && 'prepare' in value,
);

// Each start loads the client of its own database only.
async function mysqlConfig(target: MySqlTarget): Promise<Knex.Config> {
  const { MySqlClient } = await import('./mysql-client.ts');
  return {
    client: MySqlClient,
    connection: mysqlConnectionOf(target),
    acquireConnectionTimeout: 15_000,
    // A worker's ten slots, its claims and its heartbeat, which must not wait for any of them, and pages beside them.
    pool: { min: 0, max: 16, afterCreate: setSession },
  };
}

function mysqlConnectionOf({ host, port, user, password, database }: MySqlTarget) {
  return {
    ...{ host, port, user, password, database },
    ...{ timezone: 'Z', connectTimeout: 10_000, supportBigNumbers: true, decimalNumbers: true },
    // A tuple of addresses or a statement of two must never come out of one bound value.
    ...{ multipleStatements: false, stringifyObjects: true },
  };
}

// REPEATABLE READ, the default, deadlocks at every other claim of two workers.
const sessionStatements = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SET SESSION time_zone = '+00:00', SESSION innodb_lock_wait_timeout = 10, " +
    "SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
];

function setSession(connection: unknown, done: (error: Error | null, connection: unknown) => void): void {
  const mysql = mysqlConnection.parse(connection);
  const [first = '', second = ''] = sessionStatements;
  mysql.query(first, (error) => {
    if (error !== null) {
      done(error, connection);
      return;
    }
    mysql.query(second, (again) => done(again, connection));
  });
}

const mysqlConnection = z.custom<{ query(sql: string, done: (error: Error | null) => void): void }>(
  (value) => typeof value === 'object' && value !== null && 'query' in value,
);

async function ask(pool: Knex, target: DatabaseTarget): Promise<void> {
  if (target.kind === 'sqlite') {
    // Reads the file's header: a file that is no database fails here.
    await pool.raw('select count(*) from sqlite_master');
    return;
  }
  const answer: unknown = await pool.raw('select version() as version');
  const version = versionAnswer.parse(answer)[0][0].version;
  if (!isNewEnough(version)) {
    throw new StartError(
      `DATABASE_URL: the server is ${version}. Castdeck needs MariaDB 10.6 or newer, or MySQL 8.0 or newer.`,
    );
  }
}

const versionAnswer = z.tuple([z.tuple([z.object({ version: z.string() })])], z.unknown());

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return /mariadb/i.test(version) ? major > 10 || (major === 10 && minor >= 6) : major >= 8;
}

const failure = z.object({ code: z.string().catch(''), message: z.string() });

function explain(target: DatabaseTarget, error: unknown): string {
  const { code, message } = failure.catch({ code: '', message: String(error) }).parse(error);
  if (target.kind === 'sqlite') {
    if (code === 'SQLITE_NOTADB') return `DATABASE_URL: ${target.file} is not a SQLite database. Choose another file.`;
    return `DATABASE_URL: ${target.file} cannot be opened (${message}). Check the path and who may write there.`;
  }
  const place = `the database "${target.database}" at ${target.host}:${target.port} as user "${target.user}"`;
  return `DATABASE_URL: cannot reach ${place}: ${reasons.get(code) ?? message}`;
}

const reasons = new Map([
  ['ECONNREFUSED', 'nothing listens there. Start the database server or correct host and port.'],
  ['ENOTFOUND', 'there is no such host. Correct the host name.'],
  ['EAI_AGAIN', 'the host name cannot be looked up now. Check the name and the network.'],
  ['ETIMEDOUT', 'no answer. Check host, port and firewall.'],
  ['ER_ACCESS_DENIED_ERROR', 'user or password is wrong. Correct them.'],
  ['ER_DBACCESS_DENIED_ERROR', 'this user may not use that database. Grant it, or correct the name.'],
  ['ER_BAD_DB_ERROR', 'that database does not exist. Create it with CREATE DATABASE, or correct the name.'],
]);
