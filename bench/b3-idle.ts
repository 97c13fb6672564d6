import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { DatabaseTarget, Sql } from '../core/db/database.ts';
import { findProgram } from '../test/support/needs.ts';
import { until } from '../test/support/until.ts';
import { runCommand, startCommand, type Started } from './lib/commands.ts';
import type { BenchDatabase, BenchServer } from './lib/databases.ts';
import { onEachServer } from './lib/databases.ts';
import { addChannels, fillEngine, openEngine } from './lib/engine.ts';
import { pause, rounded } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';
import { serverStatus, settle } from './lib/settle.ts';

/** What the compiled worker costs, and the database with it, while there is nothing to do for the moment. */
export const idle: Goal = {
  id: 'B3',
  title: 'idle cost of the worker',
  async run(context) {
    context.say({
      goal: 'B3',
      skipped: 'graphile-worker and pg-boss, which need PostgreSQL, are not measured beside it',
    });
    const ready: Ready[] = [];
    return onEachServer(async (server) => {
      ready.push(await prepare(context, server));
      // Both at the same time: neither has anything to do, and each has its own processes.
      if (server.name === 'SQLite' && findProgram('mariadbd') !== undefined) return [];
      return (await Promise.all(ready.map((one) => measure(context, one)))).flat();
    });
  },
};

interface Ready {
  readonly server: BenchServer;
  readonly database: BenchDatabase;
}

async function prepare({ isSmall }: BenchContext, server: BenchServer): Promise<Ready> {
  const database = await server.open();
  const world = await openEngine(database);
  const channelIds = await addChannels(world, 50);
  // Their tokens last: those that end while it is measured would be work.
  await database.db.knex('credentials').update({ access_expires_at: world.clock.now() + 86_400_000 });
  const later = { state: 'scheduled', firstAt: world.clock.now() + 86_400_000, stepMs: 10, channelIds } as const;
  await fillEngine(world, { from: 1, to: isSmall ? 1_000 : 1_000_000, ...later });
  await settle(database.db);
  return { server, database };
}

async function measure(context: BenchContext, { server, database }: Ready): Promise<readonly Figure[]> {
  const seconds = context.isSmall ? 10 : 60;
  const used = await inFolder((folder) => watchWorker(database, { folder, seconds, server }));
  await database.close();
  context.say({ goal: 'B3', database: server.name, seconds, ...used });
  const { name } = server;
  return [
    {
      ...{ what: 'statements while idle', database: name, value: rounded(used.statements / seconds), unit: ' /s' },
      ...{ must: { atMost: 2 }, close: { atMost: 0.2 } },
    },
    {
      ...{ what: 'of a core, with the database', database: name },
      ...{ value: rounded((used.cpuSeconds * 100) / seconds), unit: ' %', must: { atMost: 1 } },
    },
    {
      ...{ what: 'writes, besides one heartbeat in 15 s', database: name },
      ...{ value: Math.max(0, used.writes - Math.ceil(seconds / 15)), unit: '', must: { atMost: 0 } },
    },
  ];
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Watched {
  readonly folder: string;
  readonly seconds: number;
  readonly server: BenchServer;
}

async function watchWorker({ db, target }: BenchDatabase, { folder, seconds, server }: Watched) {
  const countsFile = path.join(folder, 'statements.json');
  const environment = {
    DATA_DIR: folder,
    DATABASE_URL: urlOf(target),
    // The key that the engine seals its channels' tokens with.
    APP_KEY: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    ...(db.kind === 'sqlite' ? counting(countsFile) : {}),
  };
  await runCommand('migrate', [], { folder, environment: { ...environment, NODE_OPTIONS: '' } });
  const worker = await startCommand('worker', { folder, environment });
  try {
    // Its first looks, and what V8 does about a program that has just begun.
    await pause(20_000);
    const compare = async (count: () => Promise<Counts>) => {
      const look = async () => ({ ...(await count()), cpu: await cpuSeconds(worker, server) });
      const before = await look();
      await pause(seconds * 1_000);
      const after = await look();
      const [all, writes, cpu] = [after.all - before.all, after.writes - before.writes, after.cpu - before.cpu];
      return { statements: all, writes, cpuSeconds: rounded(cpu) };
    };
    if (db.kind === 'sqlite') return await compare(() => askWorker(worker, countsFile));
    // One connection, so that opening another is not counted; the question itself is.
    const found = await db.transaction((sql) => compare(() => askServer(sql)));
    return { ...found, statements: found.statements - 1 };
  } finally {
    await worker.stop();
  }
}

function counting(file: string) {
  return { NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'count-statements.mjs')}`, BENCH_STATEMENTS: file };
}

function urlOf(target: DatabaseTarget): string {
  if (target.kind === 'sqlite') return `sqlite:${target.file}`;
  return `mysql://${target.user}@${target.host}:${target.port}/${target.database}`;
}

const counts = z.object({ all: z.int(), writes: z.int() });
type Counts = z.output<typeof counts>;

async function askWorker({ child }: Started, file: string): Promise<Counts> {
  await rm(file, { force: true });
  child.kill('SIGUSR2');
  const read = async (): Promise<string> => (existsSync(file) ? await readFile(file, 'utf8') : '');
  await until(async () => (await read()).endsWith('}'), 'the worker has written its counts', 5_000);
  return counts.parse(JSON.parse(await read()));
}

const writing = ['Com_insert', 'Com_update', 'Com_delete', 'Com_replace'];

async function askServer(sql: Sql): Promise<Counts> {
  const found = await serverStatus(sql, ['Questions', ...writing]);
  const of = (name: string): number => found.get(name) ?? NaN;
  return { all: of('Questions'), writes: writing.reduce((sum, name) => sum + of(name), 0) };
}

/** Of the worker's process and the database's. */
async function cpuSeconds({ child }: Started, { pid }: BenchServer): Promise<number> {
  const pids = [child.pid, pid].filter((one) => one !== undefined);
  const used = await Promise.all(pids.map(cpuOf));
  return used.reduce((sum, seconds) => sum + seconds, 0);
}

async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [utime = 0, stime = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  const ticksPerSecond = 100;
  return (utime + stime) / ticksPerSecond;
}
