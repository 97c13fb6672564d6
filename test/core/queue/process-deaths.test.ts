import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import type { Database } from '../../../core/db/database.ts';
import { connectDatabase } from '../../../core/db/connect.ts';
import { coreMigrations, migrateToLatest } from '../../../core/db/migrate.ts';
import type { Worker } from '../../../core/queue/worker.ts';
import { trialsFrom } from '../../chaos/dice.ts';
import { type Bundle, bundle } from '../../support/bundle.ts';
import { createRunningClock } from '../../support/clock.ts';
import { createEngineWorld, type EngineWorld, makeWorker, quickTimings, schedule } from '../../support/engine-world.ts';
import { until } from '../../support/until.ts';

/** A sixtieth of the shipped one, and a little more for what does not shrink with it. */
const leaseMs = 1_200;
const kills = trialsFrom('CHAOS_P5_TRIALS', 10);
const poisons = trialsFrom('CHAOS_P6_TRIALS', 4);
/** Posts beside each that is poison. */
const healthy = 20;
/** How long a step may take, and how long a process may stand still. */
const [budgetMs, standstillMs] = [400, 2_000];
/** What a machine with more to do than this may add. */
const machineMs = 2_000;
/** Processes that are killed at the same moment. */
const atOnce = 10;
const poisonFates = ['dies', 'eats memory', 'loops', 'never returns'];
const clock = { ...createRunningClock(), set: () => undefined };
const line = z.object({ id: z.number(), what: z.string(), pid: z.number(), at: z.number() });

interface Watch {
  isOver: boolean;
  /** Processes that work now. */
  working: number;
  /** By their pids. */
  readonly dead: Set<number>;
  slowestStartMs: number;
}

/** For the runs by hand, whose results are written down. */
const say = (words: string): void => void process.stdout.write(`      ${words}\n`);

describe('Workers that die', function () {
  this.timeout(90_000 + (kills + poisons * 2) * 5_000);
  let folder: string;
  let db: Database;
  let world: EngineWorld;
  const children = new Set<ChildProcess>();
  let watch: Watch;
  let made: Bundle;
  before(async () => {
    made = await bundle(path.join(import.meta.dirname, '../../support/deadly-process.ts'));
  });
  after(() => made.remove());

  beforeEach(async () => {
    watch = { isOver: false, working: 0, dead: new Set(), slowestStartMs: 0 };
    folder = mkdtempSync(path.join(tmpdir(), 'castdeck-deaths-'));
    db = await connectDatabase({ kind: 'sqlite', file: path.join(folder, 'db.sqlite') });
    await migrateToLatest(db, [coreMigrations]);
    const times = { leaseMs, heartbeatMs: leaseMs / 4, idlePollMs: 40, rescueMs: 80 };
    world = await createEngineWorld(db, { ...quickTimings, ...times }, clock);
  });
  afterEach(async () => {
    watch.isOver = true;
    for (const child of children) child.kill('SIGKILL');
    children.clear();
    await db.close();
    rmSync(folder, { recursive: true });
  });

  const ledgerFile = () => path.join(folder, 'ledger');
  /** Whole lines only: the last one may just be being written. */
  const ledger = (): readonly z.output<typeof line>[] =>
    existsSync(ledgerFile())
      ? readFileSync(ledgerFile(), 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((text) => line.parse(JSON.parse(text)))
      : [];
  const startProcess = async ({ slots = 4, budgetMs = 60_000, watchdogMs = 0 } = {}): Promise<ChildProcess> => {
    const facts = { file: path.join(folder, 'db.sqlite'), ledger: ledgerFile(), leaseMs, slots, budgetMs, watchdogMs };
    const flags = ['--max-old-space-size=96'];
    const child = made.start({ args: [JSON.stringify(facts)], flags, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
    return child;
  };
  const scheduleMany = async (count: number, options: string): Promise<readonly number[]> => {
    const ids: number[] = [];
    for (let n = 0; n < count; n += 1) ids.push((await schedule(world, { options })).id);
    return ids;
  };
  const statesOf = async (ids: readonly number[]): Promise<readonly unknown[]> => {
    const rows: unknown = await db.knex('deliveries').whereIn('id', ids).distinct('state', 'outcome_code');
    return z.array(z.unknown()).parse(rows);
  };
  const areEnded = async (): Promise<boolean> =>
    (await db.knex('deliveries').whereIn('state', ['scheduled', 'publishing', 'processing'])).length === 0;

  const isGone = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;
  const startWatched = async (): Promise<ChildProcess> => {
    const begunAt = clock.now();
    const child = await startProcess({ budgetMs, watchdogMs: standstillMs });
    watch.slowestStartMs = Math.max(watch.slowestStartMs, clock.now() - begunAt);
    return child;
  };
  /** Keeps a process running while the work lasts. */
  const supervise = async (): Promise<void> => {
    for (;;) {
      const child = await startWatched();
      watch.working += 1;
      await until(() => watch.isOver || isGone(child), 'it ends', this.timeout());
      if (watch.isOver) return;
      watch.working -= 1;
      watch.dead.add(child.pid ?? 0);
    }
  };
  const countOf = (id: number, what: string): number =>
    ledger().filter((entry) => entry.id === id && entry.what === what).length;
  /** In this process: whatever it is handed is published. */
  const takeOver = async (): Promise<Worker> => {
    world.network.advance = ({ id }) => {
      appendFileSync(ledgerFile(), `${JSON.stringify({ id, what: 'real', pid: process.pid, at: clock.now() })}\n`);
      return { kind: 'published', remoteIds: [`v-${id}`] };
    };
    const worker = makeWorker(world);
    await worker.start();
    return worker;
  };

  /** Posts that are due at the same moment, one of them with this fate. @returns how late the last healthy one is out, ms */
  const runRound = async (fate: string): Promise<number> => {
    await until(() => watch.working === 2, 'both work');
    const dueAt = clock.now() + 500;
    const fates = Array.from({ length: healthy + 1 }, (_, n) => (n === 2 ? fate : 'none'));
    const ids: number[] = [];
    for (const options of fates) ids.push((await schedule(world, { options, inMs: dueAt - clock.now() })).id);
    await until(areEnded, `the round has ended, ${fate}`, 60_000);
    const others = ids.filter((_, n) => fates[n] === 'none');
    expect(await statesOf(others)).to.deep.equal([{ state: 'published', outcome_code: null }]);
    for (const id of others) expect(countOf(id, 'real')).to.equal(1);
    const [poison = 0] = ids.filter((id) => !others.includes(id));
    if (poison > 0) {
      expect(await statesOf([poison])).to.deep.equal([{ state: 'needs-attention', outcome_code: 'poison' }]);
      const pids = ledger().flatMap(({ id, what, pid }) => (id === poison && what === 'begun' ? [pid] : []));
      expect(pids.length, `deaths by a post that ${fate}`).to.be.within(1, 3);
      // The last one may stand still yet, long after it lost its claim.
      const isOver = (): boolean => fate === 'never returns' || pids.every((pid) => watch.dead.has(pid));
      await until(isOver, 'those that it kills are dead');
    }
    return Math.max(
      ...ledger().flatMap(({ id, what, at }) => (what === 'real' && others.includes(id) ? at - dueAt : [])),
    );
  };

  it(`P6: of posts that kill, eat memory, loop or never return take three each at most, and hold up the others for as many leases (${poisons} posts)`, async () => {
    const supervised = [supervise(), supervise()];
    const usualMs = await runRound('none');
    const latest: Record<string, number> = {};
    for (let n = 0; n < poisons; n += 1) {
      const fate = poisonFates[n % poisonFates.length] ?? 'dies';
      const before = watch.dead.size;
      const lateMs = await runRound(fate);
      // One that was too busy to live is not the post's doing, and holds up the others just so.
      const deaths = watch.dead.size - before;
      const aDeathMs = standstillMs + leaseMs + watch.slowestStartMs;
      expect(lateMs, `late beside a post that ${fate}, ms`).to.be.at.most(2 * usualMs + deaths * aDeathMs + machineMs);
      latest[fate] = Math.max(latest[fate] ?? 0, lateMs);
    }
    watch.isOver = true;
    await Promise.all(supervised);
    const figures = { usualMs, latest, slowestStartMs: watch.slowestStartMs, deaths: watch.dead.size };
    if (poisons > 4) say(JSON.stringify(figures));
  });

  it(`P5: are followed within a lease and ten seconds (${kills} kills)`, async () => {
    let slowestMs = 0;
    for (let killed = 0; killed < kills;) {
      const some = await killSome();
      killed += some.killed;
      slowestMs = Math.max(slowestMs, some.slowestMs);
    }
    if (kills > atOnce) say(`the slowest was followed after ${slowestMs} ms, with a lease of ${leaseMs} ms`);
  });

  /** In the middle of uploads. @returns how many died, and after how long the last upload went on, ms */
  const killSome = async (): Promise<{ readonly killed: number; readonly slowestMs: number }> => {
    const uploads = await scheduleMany(atOnce, 'uploads');
    await Promise.all(Array.from({ length: atOnce }, () => startProcess({ slots: 2 })));
    await until(() => uploads.every((id) => countOf(id, 'begun') > 0), 'each is being uploaded');
    const killed = new Set(ledger().flatMap(({ id, pid }) => (uploads.includes(id) ? [pid] : []))).size;
    for (const child of children) child.kill('SIGKILL');
    const killedAt = clock.now();
    const worker = await takeOver();
    await until(areEnded, 'all are published');
    await worker.stop();
    const lastAt = Math.max(...ledger().map((entry) => (entry.what === 'real' ? entry.at : 0)));
    expect(lastAt - killedAt).to.be.at.most((leaseMs * 70) / 60 + 1_000);
    for (const id of uploads) expect(countOf(id, 'real')).to.equal(1);
    return { killed, slowestMs: lastAt - killedAt };
  };

  it('P5: are not robbed when they stand still for twenty seconds, and do nothing any more when for longer than a lease (8 posts)', async () => {
    const shortly = await scheduleMany(4, 'blocks shortly');
    const child = await startProcess();
    await until(() => ledger().length > 0, 'it stands still');
    const [stoodAt = 0] = ledger().map(({ at }) => at);
    const worker = await takeOver();
    await until(areEnded, 'all are published');
    const robbed = ledger().filter(({ pid, at }) => pid === process.pid && at < stoodAt + leaseMs / 3);
    expect(robbed, 'taken over while it stood still').to.deep.equal([]);
    await worker.stop();

    const posts = await scheduleMany(4, 'blocks');
    await until(() => posts.some((id) => countOf(id, 'begun') > 0), 'it stands still for longer');
    const other = await takeOver();
    await until(areEnded, 'all are published by another');
    await other.stop();
    const [last = 0] = await scheduleMany(1, 'none');
    await until(() => countOf(last, 'real') === 1, 'it works again');
    const { pid } = child;
    const ofChild = (id: number) => ledger().filter((entry) => entry.id === id && entry.pid === pid);
    for (const id of [...shortly, ...posts]) expect(countOf(id, 'real')).to.equal(1);
    for (const id of posts) expect(ofChild(id).filter(({ what }) => what === 'real')).to.deep.equal([]);
    expect(posts.flatMap(ofChild).length, 'claims that the fence refused').to.be.at.least(1);
    expect(await db.knex('attempts').count({ n: '*' })).to.deep.equal([{ n: 9 }]);
  });
});
