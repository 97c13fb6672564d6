import { makeWorker } from '../test/support/engine-world.ts';
import { until } from '../test/support/until.ts';
import type { BenchDatabase, BenchServer } from './lib/databases.ts';
import { onEachServer } from './lib/databases.ts';
import { addChannels, afterCalls, fillEngine, openEngine } from './lib/engine.ts';
import { timed } from './lib/figures.ts';
import { type BenchContext, type Figure, type Goal, interleaved } from './lib/goal.ts';
import { createPrototype } from './lib/prototype.ts';

const musts = { SQLite: 0.2, MariaDB: 0.35 } as const;
const closes = { SQLite: 0.3, MariaDB: 0.5 } as const;

/** Claiming and completing with all bookkeeping on, beside a claim loop without any. */
export const throughput: Goal = {
  id: 'B1',
  title: 'claim and complete through the product’s worker',
  run: (context) => onEachServer((server) => measure(context, server)),
};

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const count = context.isSmall ? 1_000 : 20_000;
  const sides = { goal: 'B1', what: 'posts a second', database: server.name };
  const ratio = await interleaved(context, sides, {
    ours: () => onFresh(server, (database) => ourRate(database, count)),
    peer: () => onFresh(server, (database) => prototypeRate(database, count)),
  });
  return [
    {
      ...{ what: 'rate, to the bare claim loop', database: server.name, value: ratio, unit: '×' },
      ...{ must: { atLeast: musts[server.name] }, close: { atLeast: closes[server.name] } },
    },
  ];
}

async function onFresh<T>(server: BenchServer, work: (database: BenchDatabase) => Promise<T>): Promise<T> {
  const database = await server.open();
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** @returns posts a second */
async function ourRate(database: BenchDatabase, count: number): Promise<number> {
  const world = await openEngine(database);
  const channelIds = await addChannels(world, 100);
  await fillEngine(world, { from: 1, to: count, state: 'scheduled', firstAt: 0, stepMs: 1, channelIds });
  // Due a moment ago, all of them, and within the grace.
  await database.db.knex('deliveries').update({ due_at: world.clock.now() - 1_000 });
  const worker = makeWorker(world);
  const lastCall = afterCalls(world, count);
  const ms = await timed(async () => {
    await worker.start();
    await lastCall;
    await until(async () => (await finished(database)) === count, 'every job is finished');
  });
  await worker.stop();
  return (count * 1_000) / ms;
}

async function finished({ db }: BenchDatabase): Promise<number> {
  const row: unknown = await db.knex('jobs').where({ state: 'finished' }).count({ n: '*' }).first();
  return Number(Reflect.get(Object(row), 'n'));
}

async function prototypeRate(database: BenchDatabase, count: number): Promise<number> {
  const prototype = await createPrototype(database.db);
  await prototype.fill(count);
  return (count * 1_000) / (await timed(() => prototype.drain()));
}
