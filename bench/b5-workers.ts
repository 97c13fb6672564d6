import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Database } from '../core/db/database.ts';
import { standardTimings } from '../core/timings.ts';
import type { EngineWorld } from '../test/support/engine-world.ts';
import { until } from '../test/support/until.ts';
import type { BenchDatabase, BenchServer } from './lib/databases.ts';
import { onEachServer } from './lib/databases.ts';
import { addChannels, fillEngine, openEngine } from './lib/engine.ts';
import { rounded } from './lib/figures.ts';
import { type BenchContext, type Figure, type Goal, interleaved } from './lib/goal.ts';

/** Four worker processes on one database, posts being added, one of them killed. MariaDB is the gate. */
export const severalWorkers: Goal = {
  id: 'B5',
  title: 'several workers',
  run: (context) => onEachServer((server) => measure(context, server)),
};

const workers = 4;
/** Of the run with a killed worker: its jobs come back after seconds instead of a minute. */
const quick = { leaseMs: 6_000, heartbeatMs: 1_500, rescueMs: 500 };

interface Sizes {
  /** Of each measurement of a rate. */
  readonly each: number;
  readonly withDeath: number;
}

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const isGate = server.name === 'MariaDB';
  const sizes: Sizes = context.isSmall ? { each: 300, withDeath: 600 } : { each: 3_000, withDeath: 12_000 };
  // SQLite has one writer at a time: said for information, so once is enough.
  const order = isGate
    ? { context, server, count: sizes.each }
    : { context: { ...context, rounds: 1 }, server, count: Math.ceil(sizes.each / 3) };
  const rates = await inCrew(server, standardTimings, (crew) => ratesOf({ ...order, crew }));
  const { name: database } = server;
  const ratio: Figure = { what: 'posts a second, 4 workers to 1', database, value: rates.ratio, unit: '×' };
  if (!isGate) return [ratio];
  const death = await inCrew(server, quick, (crew) => withDeath(crew, sizes.withDeath));
  context.say({ goal: 'B5', database, rates: rates.found, death });
  const claims = rates.found.claims + death.claims;
  const deadlocks = ((rates.found.deadlocks + death.deadlocks) * 100) / claims;
  return [
    { what: 'posted twice', database, value: rates.found.doubles + death.doubles, unit: '', must: { atMost: 0 } },
    { what: 'lost, one worker killed', database, value: rates.found.lost + death.lost, unit: '', must: { atMost: 0 } },
    {
      ...{ what: 'deadlocks, of claims', database, value: rounded(deadlocks), unit: ' %' },
      ...{ must: { atMost: 0.1 }, close: { atMost: 0 } },
    },
    { ...ratio, must: { atLeast: 0.6 }, close: { atLeast: 0.9 } },
  ];
}

/** Worker processes that wait for a word, the database they share, and what they posted. */
interface Crew {
  readonly world: EngineWorld;
  readonly db: Database;
  readonly channelIds: readonly number[];
  readonly processes: readonly ChildProcess[];
  readonly ledgers: readonly string[];
}

type QueueTimings = typeof quick;

async function inCrew<T>(server: BenchServer, timings: QueueTimings, work: (crew: Crew) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'castdeck-bench-'));
  const database = await server.open();
  const world = await openEngine(database);
  const channelIds = await addChannels(world, 100);
  const ledgers = Array.from({ length: workers }, (_none, n) => path.join(folder, `${n}.txt`));
  const processes = await Promise.all(ledgers.map((ledger) => startProcess(database, { ledger, timings })));
  try {
    return await work({ world, db: database.db, channelIds, processes, ledgers });
  } finally {
    for (const child of processes) child.kill('SIGKILL');
    await database.close();
    rmSync(folder, { recursive: true });
  }
}

interface ProcessOrder {
  readonly ledger: string;
  readonly timings: QueueTimings;
}

async function startProcess({ target }: BenchDatabase, order: ProcessOrder): Promise<ChildProcess> {
  const file = path.join(import.meta.dirname, 'worker-process.ts');
  const execArgv = ['--import=tsx', '--conditions=castdeck-source'];
  const child = fork(file, [JSON.stringify({ target, ...order })], { execArgv });
  await once(child, 'message');
  return child;
}

async function tell(processes: readonly ChildProcess[], word: 'start' | 'stop'): Promise<void> {
  await Promise.all(
    processes.map(async (child) => {
      const done = once(child, 'message');
      child.send(word);
      await done;
    }),
  );
}

interface Rates {
  readonly context: BenchContext;
  readonly server: BenchServer;
  readonly crew: Crew;
  readonly count: number;
}

async function ratesOf({ context, server, crew, count }: Rates) {
  const deadlocksBefore = await deadlocksOf(crew.db);
  let given = 0;
  const rate = async (hands: number): Promise<number> => {
    const chosen = crew.processes.slice(0, hands);
    const from = given + 1;
    given += count;
    const isLate = Math.floor(count / 10);
    await give(crew, from, given - isLate);
    const begun = performance.now();
    await tell(chosen, 'start');
    await giveWhileBusy(crew, given - isLate + 1, given);
    await allFinished(crew.db);
    const seconds = (performance.now() - begun) / 1_000;
    await tell(chosen, 'stop');
    return count / seconds;
  };
  // Both meet a database that was used, and code that has run.
  await rate(workers);
  const sides = { goal: 'B5', what: 'posts a second, 4 workers to 1', database: server.name } as const;
  const ratio = await interleaved(context, sides, { ours: () => rate(workers), peer: () => rate(1) });
  const deadlocks = (await deadlocksOf(crew.db)) - deadlocksBefore;
  return { ratio, found: { ...readLedgers(crew, given), claims: given, deadlocks } };
}

async function withDeath(crew: Crew, count: number) {
  const deadlocksBefore = await deadlocksOf(crew.db);
  const isLate = Math.floor(count / 10);
  await give(crew, 1, count - isLate);
  const begun = performance.now();
  await tell(crew.processes, 'start');
  const killing = until(() => readLedgers(crew, count).posted > count / 3, 'a third is posted', 120_000).then(() =>
    crew.processes[0]?.kill('SIGKILL'),
  );
  await giveWhileBusy(crew, count - isLate + 1, count);
  await killing;
  await allFinished(crew.db);
  const seconds = (performance.now() - begun) / 1_000;
  await tell(crew.processes.slice(1), 'stop');
  const deadlocks = (await deadlocksOf(crew.db)) - deadlocksBefore;
  return { ...readLedgers(crew, count), claims: count, deadlocks, seconds: rounded(seconds) };
}

/** All due a moment ago. */
async function give({ world, channelIds }: Crew, from: number, to: number): Promise<void> {
  const firstAt = world.clock.now() - 10_000 - to;
  await fillEngine(world, { from, to, state: 'scheduled', firstAt, stepMs: 1, channelIds });
}

/** Posts are added while the workers are at it. */
async function giveWhileBusy(crew: Crew, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n += 50) await give(crew, n, Math.min(n + 49, to));
}

async function allFinished({ knex }: Database): Promise<void> {
  const isDone = async (): Promise<boolean> => {
    const left: unknown[] = await knex('jobs').whereIn('state', ['waiting', 'running', 'failed']).limit(1).select('id');
    return left.length === 0;
  };
  await until(isDone, 'everything is published', 300_000);
}

/**
 * One call may be asked again only by whoever takes over from the killed process, and then under the same attempt, by
 * which a network knows it again. Everything else that stands twice is a second post.
 */
function readLedgers({ ledgers, processes }: Crew, given: number) {
  const lines = ledgers.map((file) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []));
  const isDead = (n: number): boolean => processes[n]?.signalCode === 'SIGKILL';
  const ofLiving = lines.filter((_some, n) => !isDead(n)).flat();
  const ofDead = new Set(lines.filter((_some, n) => isDead(n)).flat());
  const all = [...ofLiving.filter((line) => !ofDead.has(line)), ...ofDead];
  const posted = new Set(all.map((line) => line.split(' ', 1)[0])).size;
  return { posted, doubles: all.length - posted, lost: given - posted };
}

const status = z.tuple([z.array(z.object({ Value: z.coerce.number() })), z.unknown()]);

async function deadlocksOf({ knex, kind }: Database): Promise<number> {
  if (kind === 'sqlite') return 0;
  const answer: unknown = await knex.raw("show global status like 'Innodb_deadlocks'");
  return status.parse(answer)[0][0]?.Value ?? 0;
}
