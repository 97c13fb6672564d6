import { systemRandom } from '../core/queue/backoff.ts';
import { findNextDueAt } from '../core/queue/claim-store.ts';
import { DueJobs } from '../core/queue/due-jobs.ts';
import { upsertJob } from '../core/queue/job-store.ts';
import type { BenchDatabase, BenchServer } from './lib/databases.ts';
import { onEachServer } from './lib/databases.ts';
import { addChannels, openEngine } from './lib/engine.ts';
import { fillJobs } from './lib/fill.ts';
import { median, rounded, timed } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';
import { settle } from './lib/settle.ts';

const now = 1_800_000_000_000;
const dayMs = 86_400_000;
const kind = 'bench';
const channels = 50;
const slots = 10;

/** What a worker does all day costs the same however much waits, is finished, or is due. */
export const growth: Goal = {
  id: 'B4',
  title: 'growth of claim, empty poll, next due and insert',
  run: (context) => onEachServer((server) => measure(context, server)),
};

interface Sizes {
  readonly waiting: number;
  readonly finished: number;
  readonly due: number;
}

/** One of the databases that are compared: all of them are open at the same time, and each act is done on each in turn. */
interface Queue {
  readonly name: string;
  readonly sizes: Sizes;
  readonly database: BenchDatabase;
  readonly due: DueJobs;
}

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const queues = await openQueues(context, server);
  const { few, backlogs, floods } = queues;
  const sides = { context, server, few, others: backlogs };
  const poll = await growthOf({ ...sides, what: 'empty poll', times: 40, act: claim });
  const nextDue = await growthOf({ ...sides, what: 'next due', times: 40, act: lookAhead });
  const insertion = await growthOf({ ...sides, what: 'insert', times: 40, act: insert });
  const all = [few, ...backlogs, ...floods];
  const claims = { what: 'claim of 10', times: Math.min(12, Math.ceil(60 / context.rounds)), act: claim };
  for (const queue of [few, ...backlogs]) await addDue(queue, 5_000_000);
  const claiming = await growthOf({ ...sides, ...claims });
  for (const queue of [few, ...floods]) await addDue(queue, 6_000_000);
  const flood = await growthOf({ ...sides, ...claims, others: floods });
  for (const { database } of all) await database.close();
  const figure = (what: string, value: number, must: number): Figure => ({
    ...{ what, database: server.name, value: rounded(value), unit: '×' },
    ...{ must: { atMost: must }, close: { atMost: 1.1 } },
  });
  return [
    figure('empty poll, backlog and history 1k → 1M', poll, 1.5),
    figure('next due, backlog and history 1k → 1M', nextDue, 1.5),
    figure('insert, backlog and history 1k → 1M', insertion, 1.5),
    figure('claim of 10, backlog and history 1k → 1M', claiming, 1.5),
    figure('claim of 10, due 1k → 100k', flood, 3),
  ];
}

async function openQueues({ isSmall }: BenchContext, server: BenchServer) {
  const [some, large] = isSmall ? [5_000, 20_000] : [100_000, 1_000_000];
  const least = { waiting: 1_000, finished: 0, due: 1_000 };
  const open = (name: string, sizes: Partial<Sizes>) => openQueue(server, name, { ...least, ...sizes });
  return {
    few: await open('few', {}),
    backlogs: [
      await open('some', { waiting: some }),
      await open('many', { waiting: large }),
      await open('many and as many finished', { waiting: large, finished: large }),
    ],
    floods: [
      await open('ten times as many due', { due: 10_000 }),
      await open('a hundred times as many due', { due: isSmall ? 20_000 : 100_000 }),
    ],
  };
}

async function openQueue(server: BenchServer, name: string, sizes: Sizes): Promise<Queue> {
  const database = await server.open();
  const { db } = database;
  // The worker walks over the channels when much is due.
  await addChannels(await openEngine(database), channels);
  const fill = { db, kind, stepMs: 10, lanes: channels };
  await fillJobs({ ...fill, state: 'waiting', firstAt: now + dayMs, from: 1_000_001, to: 1_000_000 + sizes.waiting });
  if (sizes.finished > 0) {
    await fillJobs({ ...fill, state: 'finished', firstAt: 0, from: 3_000_001, to: 3_000_000 + sizes.finished });
  }
  await db.knex.raw(db.kind === 'sqlite' ? 'analyze' : 'analyze table jobs');
  await settle(db);
  return { name, sizes, database, due: new DueJobs(db, { slots, random: systemRandom }) };
}

async function addDue({ database: { db }, sizes }: Queue, after: number): Promise<void> {
  const due = { firstAt: now - 1_000_000_000, stepMs: 1, from: after + 1, to: after + sizes.due };
  await fillJobs({ db, kind, state: 'waiting', lanes: channels, ...due });
}

/** As the worker asks: the look that finds nothing also says when the next job is due. */
async function claim({ due }: Queue, n: number): Promise<void> {
  // Long enough after the look before that the walk over the channels, its dear part, is in each.
  const at = now + n * 50;
  const hand = { owner: 'bench', free: slots, held: new Map<number, number>(), mostSuspects: 1 };
  await due.claim({ ...hand, now: at, leaseUntil: at + 60_000 });
}

function lookAhead({ database: { db } }: Queue): Promise<unknown> {
  return findNextDueAt(db);
}

async function insert({ database: { db } }: Queue, n: number): Promise<void> {
  await upsertJob(db.knex, { kind, key: `new-${n}`, payload: {}, runAt: now + 2 * dayMs + n }, now);
}

interface Growth {
  readonly context: BenchContext;
  readonly server: BenchServer;
  readonly few: Queue;
  readonly others: readonly Queue[];
  readonly what: string;
  /** In each round, on each queue. */
  readonly times: number;
  readonly act: (queue: Queue, n: number) => Promise<unknown>;
}

/** @returns the worst of the others' ratios to few, each the median of its rounds */
async function growthOf({ context, server, few, others, what, ...acts }: Growth): Promise<number> {
  const queues = [few, ...others];
  const rounds: (readonly number[])[] = [];
  for (let round = 1; round <= context.rounds; round += 1) {
    const medians = await medianEach(queues, { ...acts, round });
    const [base = NaN] = medians;
    rounds.push(medians.map((ms) => ms / base));
    const medianMs = Object.fromEntries(queues.map(({ name }, i) => [name, rounded(medians[i] ?? NaN)]));
    context.say({ goal: 'B4', database: server.name, what, round, medianMs });
  }
  return Math.max(...others.map((_queue, i) => median(rounds.map((ratios) => ratios[i + 1] ?? NaN))));
}

/** Each act on every queue, another one first each time: what the machine does besides meets them alike. */
async function medianEach(
  queues: readonly Queue[],
  { act, times, round }: Pick<Growth, 'act' | 'times'> & { readonly round: number },
): Promise<readonly number[]> {
  const taken = new Map<Queue, number[]>(queues.map((queue) => [queue, []]));
  for (let n = 0; n < times; n += 1) {
    const first = n % queues.length;
    for (const queue of [...queues.slice(first), ...queues.slice(0, first)]) {
      taken.get(queue)?.push(await timed(() => act(queue, round * 1_000 + n)));
    }
  }
  return queues.map((queue) => median(taken.get(queue) ?? []));
}
