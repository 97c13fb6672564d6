import { expect } from 'chai';
import type { Step } from '#plugin-api';
import type { JobOutcome } from '../../../core/queue/job-queue.ts';
import type { Worker } from '../../../core/queue/worker.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  createEngineWorld,
  type EngineWorld,
  jobOf,
  makeWorker,
  quickTimings,
  schedule,
  until,
} from '../../support/engine-world.ts';

const timings = { ...quickTimings, stepBudgetMs: 60, jobBudgetMs: 60, budgetGraceMs: 20 };
const never = (): Promise<never> => new Promise(() => undefined);
const published: Step = { kind: 'published', remoteIds: ['1'] };

onEachDatabase('A step that does not end', (db) => {
  let world: EngineWorld;
  const workers: Worker[] = [];
  beforeEach(async () => {
    world = await createEngineWorld(db(), timings);
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop();
  });

  const start = async (worker: Worker): Promise<void> => {
    workers.push(worker);
    await worker.start();
  };
  const stateOf = async (id: number) => (await world.desk.find(world.teamId, id)).state;

  it('gives its slot to others when its time is up, and after three times is taken for poison', async () => {
    const poison = [await schedule(world), await schedule(world)];
    const ids = new Set(poison.map(({ id }) => id));
    let runs = 0;
    world.network.advance = ({ id }) => {
      if (!ids.has(id)) return published;
      runs += 1;
      return never();
    };
    await start(makeWorker(world, [world.publishing], 2));
    for (let death = 1; death <= 3; death += 1) {
      // From the second death on one after the other: both may be what kills.
      await until(() => runs >= death * 2 || (death === 3 && runs === 5), `both run, ${death}`);
      const other = await schedule(world);
      await until(async () => (await stateOf(other.id)) === 'published', `another is published, ${death}`);
      world.clock.advance(timings.leaseMs + 1);
    }
    await until(async () => {
      world.clock.advance(timings.leaseMs + 1);
      return (await Promise.all(poison.map(({ id }) => stateOf(id)))).every((state) => state === 'needs-attention');
    }, 'both wait for a person');
    expect(runs).to.equal(6);
    expect((await world.desk.find(world.teamId, poison[0]?.id ?? 0)).outcome).to.include({ code: 'poison' });
  });

  it('is told so, and counts as a death although it ends then', async () => {
    const delivery = await schedule(world);
    world.network.advance = (_delivery, _attempt, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    await start(makeWorker(world));
    await until(async () => (await jobOf(world, delivery))['last_error'] === 'TimeIsUp', 'it was aborted');
    expect(await jobOf(world, delivery)).to.include({ state: 'waiting', deaths: 1, lease_owner: null });
    expect((await jobOf(world, delivery))['run_at']).to.be.above(world.clock.now());
  });

  it('is something else than many that each end in time', async () => {
    let piece = 0;
    let wasAborted = false;
    const run = async (job: { pieceDone(): void; readonly signal: AbortSignal }): Promise<JobOutcome> => {
      for (piece = 0; piece < 8; piece += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        job.pieceDone();
      }
      wasAborted = job.signal.aborted;
      return { kind: 'done' };
    };
    await world.queue.enqueue({ kind: 'test', key: 'k', payload: 1, runAt: world.clock.now() });
    await start(makeWorker(world, [{ kind: 'test', run }]));
    await until(async () => (await db().knex('jobs').where({ state: 'finished' })).length === 1, 'it ends');
    expect(wasAborted).to.equal(false);
  });
});
