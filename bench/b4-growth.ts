import { claimDueJobs, findNextDueAt } from '../core/queue/claim-store.ts';
import { upsertJob } from '../core/queue/job-store.ts';
import type { Database } from '../core/db/database.ts';
import type { BenchServer } from './lib/databases.ts';
import { onEachServer } from './lib/databases.ts';
import { fillJobs } from './lib/fill.ts';
import { quantile, rounded, timed } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';

const now = 1_800_000_000_000;
const kind = 'bench';

/** Claiming, looking and adding cost the same however much waits, is finished, or is due. */
export const growth: Goal = {
  id: 'B4',
  title: 'growth of claim, empty poll, next due and insert',
  run: (context) => onEachServer((server) => measure(context, server)),
};

/** Median milliseconds. */
interface Costs {
  readonly poll: number;
  readonly nextDue: number;
  readonly insert: number;
  readonly claim: number;
}

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const large = context.isSmall ? 20_000 : 1_000_000;
  const few = await costs(context, server, { waiting: 1_000, finished: 0, due: 1_000 });
  const backlog = await costs(context, server, { waiting: large, finished: 0, due: 1_000 });
  const history = await costs(context, server, { waiting: large, finished: large, due: 1_000 });
  const manyDue = await costs(context, server, {
    waiting: 1_000,
    finished: 0,
    due: context.isSmall ? 10_000 : 100_000,
  });
  const worst = (of: (costs: Costs) => number): number => Math.max(of(backlog), of(history)) / of(few);
  const figure = (what: string, value: number, must: number): Figure => ({
    ...{ what, database: server.name, value: rounded(value), unit: '×' },
    ...{ must: { atMost: must }, close: { atMost: 1.1 } },
  });
  return [
    figure(
      'empty poll, backlog and history 1k → 1M',
      worst(({ poll }) => poll),
      1.5,
    ),
    figure(
      'next due, backlog and history 1k → 1M',
      worst(({ nextDue }) => nextDue),
      1.5,
    ),
    figure(
      'insert, backlog and history 1k → 1M',
      worst(({ insert }) => insert),
      1.5,
    ),
    figure(
      'claim of 10, backlog and history 1k → 1M',
      worst(({ claim }) => claim),
      1.5,
    ),
    figure('claim of 10, due 1k → 100k', manyDue.claim / few.claim, 3),
  ];
}

interface Sizes {
  readonly waiting: number;
  readonly finished: number;
  readonly due: number;
}

async function costs(context: BenchContext, server: BenchServer, sizes: Sizes): Promise<Costs> {
  const database = await server.open();
  const { db } = database;
  const later = { db, kind, state: 'waiting', firstAt: now + 86_400_000, stepMs: 10 } as const;
  await fillJobs({ ...later, from: 1_000_001, to: 1_000_000 + sizes.waiting });
  if (sizes.finished > 0) {
    const old = { db, kind, state: 'finished', firstAt: 0, stepMs: 10 } as const;
    await fillJobs({ ...old, from: 3_000_001, to: 3_000_000 + sizes.finished });
  }
  await db.knex.raw(db.kind === 'sqlite' ? 'analyze' : 'analyze table jobs');
  const times = context.isSmall ? 50 : 90;
  const poll = await medianOf(times, () => claim(db));
  const nextDue = await medianOf(times, () => findNextDueAt(db));
  const insert = await medianOf(times, (n) =>
    upsertJob(db.knex, { kind, key: String(n), payload: {}, runAt: now + 172_800_000 + n }, now),
  );
  await fillJobs({
    db,
    kind,
    state: 'waiting',
    firstAt: now - 10_000_000,
    stepMs: 1,
    from: 5_000_001,
    to: 5_000_000 + sizes.due,
  });
  const claiming = await medianOf(times, () => claim(db));
  await database.close();
  const found = { poll, nextDue, insert, claim: claiming };
  context.say({ goal: 'B4', database: server.name, ...sizes, medianMs: found });
  return found;
}

function claim(db: Database): Promise<unknown> {
  return claimDueJobs(db, { owner: 'bench', limit: 10, now, leaseUntil: now + 60_000 });
}

async function medianOf(times: number, work: (n: number) => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < times; n += 1) taken.push(await timed(() => work(n)));
  return quantile(taken, 0.5);
}
