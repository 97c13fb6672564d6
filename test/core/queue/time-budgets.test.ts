import { expect } from 'chai';
import sinon from 'sinon';
import { RunningJobs } from '../../../core/queue/running-jobs.ts';
import type { JobHandler } from '../../../core/queue/job-queue.ts';
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

const timings = { ...quickTimings, stepBudgetMs: 200, budgetGraceMs: 30 };
const never = (): Promise<never> => new Promise(() => undefined);

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
    world.network.advance = never;
    let runs = 0;
    // Counted where they begin: on a busy machine their time may be up before they come to the network.
    const poisonous: JobHandler = {
      ...world.publishing,
      run: (job) => {
        if (job.deaths <= 3) runs += 1;
        return world.publishing.run(job);
      },
    };
    const others: string[] = [];
    const run: JobHandler['run'] = ({ key }) => {
      others.push(key);
      return Promise.resolve({ kind: 'done' });
    };
    await start(makeWorker(world, [poisonous, { kind: 'other', run }], 2));
    for (let death = 1; death <= 3; death += 1) {
      // From the second death on one after the other: both may be what kills.
      await until(() => runs >= death * 2 || (death === 3 && runs === 5), `both run, ${death}`);
      const other = { kind: 'other', key: String(death), payload: null, runAt: world.clock.now() };
      await world.queue.enqueue(other);
      await until(() => others.includes(other.key), `another has its turn, ${death}`);
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
        signal.throwIfAborted();
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    await start(makeWorker(world));
    await until(async () => (await jobOf(world, delivery))['last_error'] === 'TimeIsUp', 'it was aborted');
    expect(await jobOf(world, delivery)).to.include({ state: 'waiting', deaths: 1, lease_owner: null });
    expect((await jobOf(world, delivery))['run_at']).to.be.above(world.clock.now());
  });
});

describe('The time of a job', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers();
  });
  afterEach(() => clock.restore());

  const begin = () => beginIn(new RunningJobs(1));

  const beginIn = (running: RunningJobs) => {
    const freed: string[] = [];
    let course: { readonly signal: AbortSignal; pieceDone(): void; freeSlot(): void } | undefined;
    let end: () => void = () => undefined;
    const claim = { id: 1, kind: 'test', key: 'k', lane: 0, payload: null, runAt: 0, fence: 1, deaths: 3, failures: 0 };
    running.start(claim, {
      times: { budgetMs: 1_000, graceMs: 100 },
      work: (given) => {
        course = given;
        return new Promise((resolve) => (end = resolve));
      },
      lookAgain: () => void freed.push('look'),
      left: () => void freed.push('left'),
    });
    return {
      ...{ running, freed },
      isAborted: () => course?.signal.aborted,
      pieceDone: () => course?.pieceDone(),
      freeSlot: () => course?.freeSlot(),
      end: () => end(),
    };
  };

  it('is begun again by each piece that is stored, which also clears it of suspicion', async () => {
    const job = begin();
    await clock.tickAsync(0);
    expect(job.running.hasSuspect).to.equal(true);
    for (let piece = 0; piece < 5; piece += 1) {
      await clock.tickAsync(900);
      job.pieceDone();
    }
    expect([job.isAborted(), job.running.size, job.running.hasSuspect]).to.deep.equal([false, 1, false]);
    job.end();
    await clock.tickAsync(10_000);
    expect(job.freed).to.deep.equal(['look']);
  });

  it('is up once: it is told, and a little later its slot is free, whatever it does then', async () => {
    const job = begin();
    await clock.tickAsync(1_000);
    expect([job.isAborted(), job.freed]).to.deep.equal([true, []]);
    job.pieceDone();
    await clock.tickAsync(100);
    expect([job.running.size, job.freed]).to.deep.equal([0, ['look', 'left']]);
    job.end();
    await clock.tickAsync(0);
    expect(job.freed).to.deep.equal(['look', 'left']);
  });

  it('leaves its slot to another while its end is being stored, once', async () => {
    const job = begin();
    await clock.tickAsync(0);
    expect(job.running.freeSlots).to.equal(0);
    job.freeSlot();
    job.freeSlot();
    expect([job.running.freeSlots, job.running.size, job.freed]).to.deep.equal([1, 1, ['look']]);
    expect(job.running.ids, 'its lease is renewed').to.deep.equal([1]);
    job.end();
    await clock.tickAsync(0);
    expect([job.running.freeSlots, job.running.size, job.freed]).to.deep.equal([1, 0, ['look', 'look']]);
  });

  it('lets no more of them store their end than there are slots', async () => {
    const job = begin();
    await clock.tickAsync(0);
    job.freeSlot();
    const second = beginIn(job.running);
    await clock.tickAsync(0);
    second.freeSlot();
    expect([job.running.freeSlots, second.freed]).to.deep.equal([0, []]);
    second.end();
    await clock.tickAsync(0);
    expect([job.running.freeSlots, second.freed]).to.deep.equal([1, ['look']]);
    job.end();
  });
});
