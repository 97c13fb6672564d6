import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
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
/** Processes that are killed at the same moment. */
const atOnce = 10;
const poisonFates = ['dies', 'eats memory', 'loops', 'never returns'];
const clock = { ...createRunningClock(), set: () => undefined };
const line = z.object({ id: z.number(), what: z.string(), pid: z.number(), at: z.number() });

/** For the runs by hand, whose results are written down. */
const say = (words: string): void => void process.stdout.write(`      ${words}\n`);

describe('Workers that die', function () {
  this.timeout(90_000 + (kills + poisons * 2) * 5_000);
  let folder: string;
  let db: Database;
  let world: EngineWorld;
  const children = new Set<ChildProcess>();
  let made: Bundle;
  before(async () => {
    made = await bundle(path.join(import.meta.dirname, '../../support/deadly-process.ts'));
  });
  after(() => made.remove());

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'castdeck-deaths-'));
    db = await connectDatabase({ kind: 'sqlite', file: path.join(folder, 'db.sqlite') });
    await migrateToLatest(db, [coreMigrations]);
    const times = { leaseMs, heartbeatMs: leaseMs / 4, idlePollMs: 40, rescueMs: 80 };
    world = await createEngineWorld(db, { ...quickTimings, ...times }, clock);
  });
  afterEach(async () => {
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
    const flags = ['--max-old-space-size=160'];
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

  /** Keeps a process running while the work lasts. @returns how many died */
  const supervise = async (isOver: () => boolean): Promise<number> => {
    for (let deaths = 0; ; deaths += 1) {
      const child = await startProcess({ budgetMs: 400, watchdogMs: 2_000 });
      while (child.exitCode === null && child.signalCode === null) {
        if (isOver()) return deaths;
        await pause(50);
      }
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

  /** @returns how long after its time each was begun, at most, ms */
  const beginOthers = async (count: number): Promise<{ ids: readonly number[]; lagMs: () => number }> => {
    const dueAt = clock.now();
    const ids = await scheduleMany(count, 'none');
    const begunAt = (id: number): number =>
      Math.min(...ledger().flatMap((entry) => (entry.id === id && entry.what === 'begun' ? [entry.at] : [])));
    return { ids, lagMs: () => Math.max(...ids.map(begunAt)) - dueAt };
  };

  it(`P6: of posts that kill, eat memory, loop or never return take three each at most, and the others go on (${poisons} posts)`, async () => {
    let isOver = false;
    const supervised = [supervise(() => isOver), supervise(() => isOver)];
    await until(async () => (await db.knex('workers')).length === 2, 'both work');
    const before = await beginOthers(20);
    await until(areEnded, 'those without poison beside them have ended');
    const poison: number[] = [];
    for (let n = 0; n < poisons; n += 1) poison.push(...(await scheduleMany(1, poisonFates[n % 4] ?? 'dies')));
    const others = await beginOthers(20);
    await until(areEnded, 'everything has ended', 60_000 + poisons * 10_000);
    isOver = true;
    const [a = 0, b = 0] = await Promise.all(supervised);

    expect(a + b, 'deaths').to.be.at.most(3 * (poisons - Math.floor(poisons / 4)));
    expect(await statesOf(poison)).to.deep.equal([{ state: 'needs-attention', outcome_code: 'poison' }]);
    expect(await statesOf(others.ids)).to.deep.equal([{ state: 'published', outcome_code: null }]);
    for (const id of poison) expect(countOf(id, 'begun')).to.be.at.most(3);
    for (const id of others.ids) expect(countOf(id, 'real')).to.equal(1);
    if (poisons > 4) say(`deaths ${a + b}, others late ${others.lagMs()} ms, without poison ${before.lagMs()} ms`);
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
