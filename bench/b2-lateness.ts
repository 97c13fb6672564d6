import { randomInt } from 'node:crypto';
import { connectDatabase } from '../core/db/connect.ts';
import { type EngineWorld, makeWorker, schedule } from '../test/support/engine-world.ts';
import { until } from '../test/support/until.ts';
import type { BenchDatabase, BenchServer } from './lib/databases.ts';
import { onEachServer } from './lib/databases.ts';
import { addChannels, fillEngine, openEngine } from './lib/engine.ts';
import { quantile, rounded } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';
import { settle } from './lib/settle.ts';

/** How late a post begins: random due times, a hundred at one instant, and one that another process has just written. */
export const lateness: Goal = {
  id: 'B2',
  title: 'lateness at any backlog',
  run: (context) => {
    context.say({ goal: 'B2', skipped: 'BullMQ, which needs Redis, is not measured beside it' });
    return onEachServer((server) => measure(context, server));
  },
};

interface Late {
  readonly random: readonly number[];
  readonly burst: readonly number[];
  readonly fromOutside: readonly number[];
}

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const backlogs = context.isSmall ? [1_000] : [1_000, 100_000, 1_000_000];
  const worst = { p50: 0, p99: 0, burst: 0, outside: 0 };
  for (const backlog of backlogs) {
    const database = await server.open();
    const late = await latenesses(context, database, backlog);
    await database.close();
    const figures = {
      p50: quantile(late.random, 0.5),
      p99: quantile(late.random, 0.99),
      burst: quantile(late.burst, 0.99),
      outside: Math.max(...late.fromOutside),
    };
    context.say({ goal: 'B2', database: server.name, backlog, ms: figures });
    for (const key of ['p50', 'p99', 'burst', 'outside'] as const) worst[key] = Math.max(worst[key], figures[key]);
  }
  const figure = (what: string, value: number, bounds: Pick<Figure, 'must' | 'close'>): Figure => ({
    ...{ what, database: server.name, value: rounded(value), unit: ' ms' },
    ...bounds,
  });
  return [
    figure('late, p50, at the worst backlog', worst.p50, { must: { atMost: 15 }, close: { atMost: 5 } }),
    figure('late, p99, at the worst backlog', worst.p99, { must: { atMost: 100 }, close: { atMost: 30 } }),
    figure('late, p99 of 100 at one instant', worst.burst, { must: { atMost: 150 } }),
    figure('late, written by another process less than a second before', worst.outside, { must: { atMost: 1_200 } }),
  ];
}

async function latenesses(context: BenchContext, database: BenchDatabase, backlog: number): Promise<Late> {
  const world = await openEngine(database);
  const channelIds = await addChannels(world, 50);
  const dayMs = 86_400_000;
  const later = { state: 'scheduled', firstAt: world.clock.now() + dayMs, stepMs: 10, channelIds } as const;
  await fillEngine(world, { from: 1_000_001, to: 1_000_000 + backlog, ...later });
  await settle(database.db);
  const begunAt = watch(world);
  const worker = makeWorker(world);
  await worker.start();
  const size = context.isSmall
    ? { random: 30, withinMs: 3_000, burst: 20 }
    : { random: 250, withinMs: 12_000, burst: 100 };
  const room = { world, channelIds };
  const random = await dueAtRandom(room, size.random, size.withinMs);
  // After the last of those at random.
  const burst = await dueAtOnce(room, size.burst, world.clock.now() + size.withinMs + 4_000);
  const fromOutside = await writtenOutside(world, database, channelIds);
  const all = [...random, ...burst, ...fromOutside];
  await until(() => all.every(({ id }) => begunAt.has(id)), 'all of them have begun', 60_000);
  await worker.stop();
  const late = (some: readonly Due[]): readonly number[] => some.map(({ id, at }) => (begunAt.get(id) ?? at) - at);
  return { random: late(random), burst: late(burst), fromOutside: late(fromOutside) };
}

interface Room {
  readonly world: EngineWorld;
  readonly channelIds: readonly number[];
}

interface Due {
  readonly id: number;
  readonly at: number;
}

/** @returns when the network was first asked to publish each delivery */
function watch(world: EngineWorld): ReadonlyMap<number, number> {
  const begunAt = new Map<number, number>();
  const advance = world.network.advance;
  world.network.advance = (delivery, ...rest) => {
    if (!begunAt.has(delivery.id)) begunAt.set(delivery.id, world.clock.now());
    return advance(delivery, ...rest);
  };
  return begunAt;
}

async function dueAtRandom({ world, channelIds }: Room, count: number, withinMs: number): Promise<readonly Due[]> {
  const due: Due[] = [];
  for (let n = 0; n < count; n += 1) {
    const channelId = channelIds[randomInt(channelIds.length)];
    due.push(await dueIn(world, 3_000 + randomInt(withinMs), channelId));
  }
  return due;
}

async function dueIn(world: EngineWorld, inMs: number, channelId?: number): Promise<Due> {
  const order = channelId === undefined ? { inMs } : { inMs, channelId };
  const { id, dueAt } = await schedule(world, order);
  return { id, at: dueAt ?? 0 };
}

async function dueAtOnce({ world, channelIds }: Room, count: number, at: number): Promise<readonly Due[]> {
  const due: Due[] = [];
  for (let n = 0; n < count; n += 1) {
    due.push(await dueIn(world, at - world.clock.now(), channelIds[n % channelIds.length]));
  }
  return due;
}

/** Through a connection of its own, so that nothing in this process tells the worker. */
async function writtenOutside(
  world: EngineWorld,
  { target }: BenchDatabase,
  channelIds: readonly number[],
): Promise<readonly Due[]> {
  const db = await connectDatabase(target);
  const due: Due[] = [];
  for (let n = 0; n < 5; n += 1) {
    const at = world.clock.now() + 500;
    const id = 900_000 + n;
    const fill = { from: id, to: id, state: 'scheduled', firstAt: at, stepMs: 0, channelIds } as const;
    await fillEngine({ ...world, db }, fill);
    due.push({ id, at });
    await until(() => world.clock.now() > at + 1_500, 'the worker has had time', 5_000);
  }
  await db.close();
  return due;
}
