import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { z } from 'zod';
import type { Database, DatabaseTarget } from '../../core/db/database.ts';
import { freePort } from './free-port.ts';

/** A MariaDB server where a test has databases of its own. */
export interface MariaDbRoom {
  /** A fresh, empty database on this server. */
  createDatabase(): Promise<MariaDbTarget>;
}

type MariaDbTarget = Extract<DatabaseTarget, { kind: 'mysql' }>;

/** A MariaDB server that lives for one test file, which may end it. */
export interface MariaDbServer extends MariaDbRoom {
  /** `mysql://…` of an empty database of this server, as for DATABASE_URL. */
  readonly url: string;
  readonly pid: number;
  /** Ends the process without warning, as a power cut would. */
  kill9(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** A server that the files of a process have one after the other: each has databases of its own, and nobody ends it. */
export interface SharedMariaDb extends MariaDbRoom {
  /** Makes room for the next. */
  dropDatabase(target: MariaDbTarget): Promise<void>;
}

const run = promisify(execFile);
const asRoot = userInfo().uid === 0 ? ['--user=root'] : [];

/**
 * @param under the folder that its files are in
 * @throws one line when mariadbd is not installed: `apt-get install mariadb-server`
 */
export async function startMariaDb(under = tmpdir()): Promise<MariaDbServer> {
  const { folder, port, server: first } = await openServer(under);
  let server = first;
  let restarted = Promise.resolve();
  const stop = async (): Promise<void> => {
    process.off('exit', killNow);
    await kill(server);
    await rm(folder, { recursive: true, force: true });
  };
  // A test run that dies must not leave a server behind.
  const killNow = (): void => void server.kill('SIGKILL');
  process.on('exit', killNow);
  await query(port, 'create database castdeck');
  return {
    url: `mysql://root@127.0.0.1:${port}/castdeck`,
    get pid() {
      return server.pid ?? 0;
    },
    createDatabase: () => createDatabase(port),
    kill9: () => kill(server),
    restart: () => {
      // Two at once would start two servers on the same files.
      restarted = restarted.then(async () => {
        await kill(server);
        server = await startServer(folder, port);
      });
      return restarted;
    },
    stop,
  };
}

let shared: Promise<SharedMariaDb> | undefined;

/**
 * The server of this process: started when it is asked for first, ended with the process. It starts once for all files
 * that need no server of their own.
 * @throws one line when mariadbd is not installed
 */
export function sharedMariaDb(): Promise<SharedMariaDb> {
  shared ??= openShared();
  return shared;
}

async function openShared(): Promise<SharedMariaDb> {
  const { folder, port, server } = await openServer(tmpdir());
  // Neither keeps the process from ending nor outlives it.
  server.unref();
  process.on('exit', () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    createDatabase: () => createDatabase(port),
    dropDatabase: async ({ database }) => {
      await query(port, `drop database ${database}`);
    },
  };
}

async function openServer(under: string) {
  const folder = await mkdtemp(path.join(under, 'castdeck-mariadb-'));
  await cp(await template(), path.join(folder, 'data'), { recursive: true });
  const port = await freePort();
  return { folder, port, server: await startServer(folder, port) };
}

async function createDatabase(port: number): Promise<MariaDbTarget> {
  const database = `test_${randomBytes(6).toString('hex')}`;
  await query(port, `create database ${database}`);
  return { kind: 'mysql', host: '127.0.0.1', port, user: 'root', password: '', database };
}

/** Installing the system tables takes seconds; the result is kept per version and copied. */
async function template(): Promise<string> {
  const version = await run('mariadbd', ['--version']).catch(() => {
    throw new Error('MariaDB is missing: install mariadb-server (Debian: apt-get install mariadb-server).');
  });
  const name = version.stdout.replace(/[^0-9.]+/g, '-').slice(0, 40);
  const folder = path.join(tmpdir(), `castdeck-mariadb-template${name}${userInfo().uid}`);
  if (existsSync(folder)) return folder;
  const fresh = await mkdtemp(path.join(tmpdir(), 'castdeck-mariadb-install-'));
  const options = ['--no-defaults', `--datadir=${fresh}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  await run('mariadb-install-db', [...options, '--innodb-log-file-size=8M', ...asRoot]);
  // Another test process may have been faster.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true }));
  return folder;
}

async function startServer(folder: string, port: number): Promise<ChildProcess> {
  await mkdir(path.join(folder, 'tmp'), { recursive: true });
  const server = spawn(
    'mariadbd',
    [
      '--no-defaults',
      `--datadir=${path.join(folder, 'data')}`,
      `--tmpdir=${path.join(folder, 'tmp')}`,
      `--socket=${path.join(folder, 'socket')}`,
      `--pid-file=${path.join(folder, 'pid')}`,
      `--log-error=${path.join(folder, 'error.log')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--innodb-flush-log-at-trx-commit=1',
      '--innodb-log-file-size=8M',
      '--innodb-buffer-pool-size=32M',
      '--key-buffer-size=1M',
      '--aria-pagecache-buffer-size=1M',
      '--performance-schema=OFF',
      '--skip-name-resolve',
      // Tests end the process, never the machine: what the system has been given is kept without waiting for the disk.
      ...['--debug-no-sync', '--sync-frm=0', '--innodb-flush-method=nosync'],
      ...asRoot,
    ],
    { stdio: 'ignore' },
  );
  await untilItAnswers(server, port, folder);
  return server;
}

async function untilItAnswers(server: ChildProcess, port: number, folder: string): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (server.exitCode !== null) throw new Error(`MariaDB ended at its start; see ${path.join(folder, 'error.log')}.`);
    const said = await query(port, 'select @@datadir').then(JSON.stringify, () => undefined);
    if (said?.includes(folder) === true) return;
    if (said !== undefined) throw new Error(`Another server answers at port ${port}, which MariaDB was to have.`);
    await pause(50);
  }
  throw new Error('MariaDB did not answer within a minute.');
}

/**
 * How many transactions wait for a lock at this moment. Not asked of information_schema.innodb_trx: while that is asked
 * more than ten times a second, InnoDB answers with what it was at first.
 */
export async function locksWaitedFor({ knex }: Database): Promise<number> {
  const [[row]] = z
    .tuple([z.array(z.object({ Value: z.coerce.number() })), z.unknown()])
    .parse(await knex.raw("show global status like 'Innodb_row_lock_current_waits'"));
  if (row === undefined) throw new Error('MariaDB does not say how many wait for a lock.');
  return row.Value;
}

async function query(port: number, sql: string): Promise<unknown> {
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' });
  try {
    return (await connection.query(sql))[0];
  } finally {
    await connection.end();
  }
}

async function kill(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await ended;
}
