import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { z } from 'zod';
import type { Database } from '../core/db/database.ts';
import { projectRoot } from '../core/project-root.ts';
import { fillEngine } from './lib/engine.ts';
import { addChannels, openEngine } from './lib/engine.ts';
import type { BenchDatabase, BenchServer } from './lib/databases.ts';
import { onEachServer } from './lib/databases.ts';
import { pause, rounded } from './lib/figures.ts';
import { type BenchContext, type Figure, type Goal, interleaved } from './lib/goal.ts';

/** Four worker processes on one database, posts being added, one of them killed. MariaDB is the gate. */
export const severalWorkers: Goal = {
  id: 'B5',
  title: 'several workers',
  run: (context) =>
    onEachServer((server) => (server.name === 'MariaDB' ? measure(context, server) : Promise.resolve([]))),
};

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const count = context.isSmall ? 600 : 12_000;
  const totals = { doubles: 0, lost: 0, deadlocks: 0, claims: 0 };
  const ratio = await interleaved(
    context,
    { goal: 'B5', what: 'posts a second, 4 workers to 1', database: server.name },
    {
      ours: () => rate(server, { count, processes: 4, kills: false }, totals),
      peer: () => rate(server, { count, processes: 1, kills: false }, totals),
    },
  );
  await rate(server, { count, processes: 4, kills: true }, totals);
  const { name: database } = server;
  const deadlocks = (totals.deadlocks * 100) / totals.claims;
  return [
    { what: 'posted twice', database, value: totals.doubles, unit: '', must: { atMost: 0 } },
    { what: 'lost, one worker killed', database, value: totals.lost, unit: '', must: { atMost: 0 } },
    {
      ...{ what: 'deadlocks, of claims', database, value: rounded(deadlocks), unit: ' %' },
      ...{ must: { atMost: 0.1 }, close: { atMost: 0 } },
    },
    {
      ...{ what: 'posts a second, 4 workers to 1', database, value: ratio, unit: '×' },
      ...{ must: { atLeast: 0.6 }, close: { atLeast: 0.9 } },
    },
  ];
}

interface Trial {
  readonly count: number;
  readonly processes: number;
  readonly kills: boolean;
}

interface Totals {
  doubles: number;
  lost: number;
  deadlocks: number;
  claims: number;
}

/** @returns posts a second */
async function rate(server: BenchServer, trial: Trial, totals: Totals): Promise<number> {
  const database = await server.open();
  const { db } = database;
  await db.knex.schema.createTable('real_posts', (table) => {
    table.bigInteger('delivery_id');
    table.integer('pid');
  });
  const world = await openEngine(database);
  const channelIds = await addChannels(world, 100);
  const due = { state: 'scheduled', firstAt: world.clock.now() - trial.count - 1_000, stepMs: 1, channelIds } as const;
  const late = Math.floor(trial.count / 10);
  await fillEngine(world, { from: 1, to: trial.count - late, ...due });
  const deadlocksBefore = await deadlocksOf(db);
  const children = await Promise.all(Array.from({ length: trial.processes }, () => startWorker(database)));
  const begun = performance.now();
  // Posts are added while the workers are at it.
  for (let n = trial.count - late + 1; n <= trial.count; n += 100) {
    await fillEngine(world, { from: n, to: Math.min(n + 99, trial.count), ...due });
    if (trial.kills && n > trial.count - late / 2) children[0]?.kill('SIGKILL');
  }
  await publishedAll(db, trial);
  const seconds = (performance.now() - begun) / 1_000;
  totals.deadlocks += (await deadlocksOf(db)) - deadlocksBefore;
  totals.claims += trial.count;
  const [doubles, posted] = await ledger(db);
  totals.doubles += doubles;
  totals.lost += trial.count - posted;
  await Promise.all(children.map(stopWorker));
  await database.close();
  return trial.count / seconds;
}

async function startWorker({ target }: BenchDatabase): Promise<ChildProcess> {
  const file = path.join(projectRoot, 'test/support/publishing-process.ts');
  const execArgv = ['--import=tsx', '--conditions=castdeck-source'];
  const child = fork(file, [JSON.stringify(target)], { execArgv });
  await once(child, 'message');
  return child;
}

async function stopWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.send('stop');
  await ended;
}

const longestMs = 300_000;

async function publishedAll(db: Database, { count }: Trial): Promise<void> {
  const end = performance.now() + longestMs;
  for (;;) {
    const left: unknown = await db
      .knex('jobs')
      .whereNot({ state: 'finished' })
      .where({ kind: 'publish-delivery' })
      .limit(1);
    if (Array.isArray(left) && left.length === 0) return;
    if (performance.now() > end) throw new Error(`Not all of ${count} were published within ${longestMs / 1_000} s.`);
    await pause(50);
  }
}

const ledgerRow = z.object({ doubles: z.coerce.number(), posted: z.coerce.number() });

async function ledger(db: Database): Promise<readonly [doubles: number, posted: number]> {
  const row: unknown = await db
    .knex('real_posts')
    .select(db.knex.raw('count(*) - count(distinct delivery_id) as doubles, count(distinct delivery_id) as posted'))
    .first();
  const { doubles, posted } = ledgerRow.parse(row);
  return [doubles, posted];
}

const status = z.tuple([z.array(z.object({ Value: z.coerce.number() })), z.unknown()]);

async function deadlocksOf(db: Database): Promise<number> {
  const answer: unknown = await db.knex.raw("show global status like 'Innodb_deadlocks'");
  return status.parse(answer)[0][0]?.Value ?? 0;
}
