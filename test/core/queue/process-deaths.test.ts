import { type ChildProcess, fork } from 'node:child_process';
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
import { createRunningClock } from '../../support/clock.ts';
import { createEngineWorld, type EngineWorld, makeWorker, quickTimings, schedule } from '../../support/engine-world.ts';
import { until } from '../../support/until.ts';

/** A sixtieth of the shipped one, and a little more for what does not shrink with it. */
const leaseMs = 1_200;
const clock = { ...createRunningClock(), set: () => undefined };
const line = z.object({ id: z.number(), what: z.string(), pid: z.number(), at: z.number() });

describe('Workers that die', function () {
  this.timeout(90_000);
  let folder: string;
  let db: Database;
  let world: EngineWorld;
  const children = new Set<ChildProcess>();

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
  const startProcess = async ({ slots = 4, budgetMs = 60_000 } = {}): Promise<ChildProcess> => {
    const file = path.join(import.meta.dirname, '../../support/deadly-process.ts');
    const execArgv = ['--import=tsx', '--conditions=castdeck-source', '--max-old-space-size=160'];
    const facts = { file: path.join(folder, 'db.sqlite'), ledger: ledgerFile(), leaseMs, slots, budgetMs };
    const child = fork(file, [JSON.stringify(facts)], { execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
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
      const child = await startProcess({ budgetMs: 400 });
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

  it('P6: of posts that kill, eat memory or never return take three each at most, and the others go on (3 posts)', async () => {
    const poison: number[] = [];
    for (const fate of ['dies', 'eats memory', 'never returns']) poison.push(...(await scheduleMany(1, fate)));
    const others = await scheduleMany(20, 'none');
    let isOver = false;
    const supervised = [supervise(() => isOver), supervise(() => isOver)];
    await until(areEnded, 'everything has ended', 60_000);
    isOver = true;
    const [a = 0, b = 0] = await Promise.all(supervised);

    expect(a + b, 'deaths').to.be.at.most(6);
    expect(await statesOf(poison)).to.deep.equal([{ state: 'needs-attention', outcome_code: 'poison' }]);
    expect(await statesOf(others)).to.deep.equal([{ state: 'published', outcome_code: null }]);
    for (const id of poison) expect(countOf(id, 'begun')).to.be.at.most(3);
    for (const id of others) expect(countOf(id, 'real')).to.equal(1);
  });

  it('P5: are followed within a lease and ten seconds (5 kills, 10 posts)', async () => {
    const uploads = await scheduleMany(10, 'uploads');
    await Promise.all(Array.from({ length: 5 }, () => startProcess({ slots: 2 })));
    await until(() => uploads.every((id) => countOf(id, 'begun') > 0), 'each is being uploaded');
    for (const child of children) child.kill('SIGKILL');
    const killedAt = clock.now();
    const worker = await takeOver();
    await until(areEnded, 'all are published');
    await worker.stop();
    const lastAt = Math.max(...ledger().map((entry) => (entry.what === 'real' ? entry.at : 0)));
    expect(lastAt - killedAt).to.be.at.most((leaseMs * 70) / 60 + 1_000);
    for (const id of uploads) expect(countOf(id, 'real')).to.equal(1);
  });

  it('P5: do nothing any more when they only stood still for longer than a lease (4 posts)', async () => {
    const posts = await scheduleMany(4, 'blocks');
    const child = await startProcess();
    await until(() => ledger().length > 0, 'it stands still');
    const worker = await takeOver();
    await until(areEnded, 'all are published by another');
    await worker.stop();
    const [last = 0] = await scheduleMany(1, 'none');
    await until(() => countOf(last, 'real') === 1, 'it works again');
    const { pid } = child;
    for (const id of posts) {
      expect(countOf(id, 'real')).to.equal(1);
      expect(ledger().filter((entry) => entry.id === id && entry.what === 'real' && entry.pid === pid)).to.deep.equal(
        [],
      );
    }
    expect(await db.knex('attempts').count({ n: '*' })).to.deep.equal([{ n: 5 }]);
  });
});
