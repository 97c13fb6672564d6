import { expect } from 'chai';
import sinon from 'sinon';
import { z } from 'zod';
import { claimDueJobs, findNextDueAt, renewLeases, rescueExpiredJobs } from '../../../core/queue/claim-store.ts';
import type { ClaimedJob, JobHandler, JobOutcome } from '../../../core/queue/job-queue.ts';
import { saveJob } from '../../../core/queue/job-store.ts';
import { createWorker, type Worker } from '../../../core/queue/worker.ts';
import { lookAround } from '../../../core/queue/worker-store.ts';
import type { Database } from '../../../core/db/database.ts';
import { standardTimings } from '../../../core/timings.ts';
import { createRunningClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createEngineWorld, type EngineWorld, makeWorker, quickTimings, until } from '../../support/engine-world.ts';

onEachDatabase('The queue', (db) => {
  let world: EngineWorld;
  const workers: Worker[] = [];
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop();
  });

  const enqueue = (key: string, inMs = 0): Promise<void> =>
    world.queue.enqueue({ kind: 'test', key, payload: { key }, runAt: world.clock.now() + inMs });
  const claimAs = (owner: string, limit = 10) => {
    const now = world.clock.now();
    return claimDueJobs(db(), { owner, limit, now, leaseUntil: now + world.timings.leaseMs });
  };
  const rescue = async (): Promise<number> => {
    const now = world.clock.now();
    return rescueExpiredJobs(db().knex, (await lookAround(db().knex, now)).expired, now);
  };
  const row = async (key: string): Promise<Record<string, unknown>> => {
    const rows: unknown = await db().knex('jobs').where({ kind: 'test', key }).select('*');
    return z.array(z.record(z.string(), z.unknown())).parse(rows)[0] ?? {};
  };
  const startWorker = async (handle: (job: ClaimedJob) => Promise<JobOutcome>, slots = 10): Promise<Worker> => {
    const handler: JobHandler = { kind: 'test', run: handle };
    const worker = makeWorker(world, [handler], slots);
    workers.push(worker);
    await worker.start();
    return worker;
  };

  it('hands each due job to one of several claimers, oldest first, only as many as asked for', async () => {
    for (let n = 0; n < 12; n += 1) await enqueue(`k${n}`, -n);
    const taken = await Promise.all([claimAs('a', 5), claimAs('b', 5), claimAs('c', 5)]);
    const keys = taken.flat().map((job) => job.key);
    expect(new Set(keys)).to.have.lengthOf(keys.length);
    expect(keys.length).to.be.within(5, 12);
    expect((await claimAs('d', 5)).length + keys.length).to.be.at.most(12);
  });

  it('claims no job before its time and says when the next is due', async () => {
    await enqueue('later', 500);
    expect(await claimAs('a')).to.deep.equal([]);
    expect(await findNextDueAt(db())).to.equal(world.clock.now() + 500);
    world.clock.advance(500);
    expect((await claimAs('a')).map((job) => job.key)).to.deep.equal(['later']);
  });

  it('raises fence and deaths with each claim, and lets only the newest fence save', async () => {
    await enqueue('k');
    const [first] = await claimAs('a');
    world.clock.advance(world.timings.leaseMs + 1);
    expect(await rescue()).to.equal(1);
    const [second] = await claimAs('b');
    if (first === undefined || second === undefined) throw new Error('Both claims should have got it.');
    expect([first.fence, second.fence, first.deaths, second.deaths]).to.deep.equal([1, 2, 1, 2]);

    const now = world.clock.now();
    const change = { state: 'finished', runAt: now, failures: 0 } as const;
    expect(await saveJob(db().knex, first, { change, now })).to.equal(false);
    expect(await saveJob(db().knex, second, { change, now })).to.equal(true);
    expect(await row('k')).to.include({ state: 'finished', deaths: 0, lease_owner: null });
  });

  it('never takes a job from a worker that renews its lease', async () => {
    await enqueue('k');
    const [job] = await claimAs('a');
    for (let beat = 0; beat < 10; beat += 1) {
      world.clock.advance(world.timings.heartbeatMs);
      const until = world.clock.now() + world.timings.leaseMs;
      expect(await renewLeases(db().knex, { owner: 'a', ids: [job?.id ?? 0], until })).to.equal(1);
      expect(await rescue()).to.equal(0);
    }
  });

  it('keeps one job per kind and key: a waiting one takes the earlier time, a finished one waits again', async () => {
    await enqueue('k', 100);
    await enqueue('k', 500);
    expect(await row('k')).to.include({ state: 'waiting', run_at: world.clock.now() + 100, fence: 0 });
    await enqueue('k', 20);
    expect(await row('k')).to.include({ run_at: world.clock.now() + 20 });
    await world.queue.remove('test', 'k');
    expect(await row('k')).to.include({ state: 'finished', fence: 1 });
    await enqueue('k', 700);
    expect(await row('k')).to.include({ state: 'waiting', run_at: world.clock.now() + 700, fence: 2 });
    await world.queue.seed({ kind: 'test', key: 'k', payload: null, runAt: 0 });
    expect(await row('k')).to.include({ run_at: world.clock.now() + 700 });
    await world.queue.wake('test', 'k');
    expect(await row('k')).to.include({ run_at: world.clock.now() });
  });

  it('tells of an enqueue in a transaction only once that is committed', async () => {
    const told = sinon.spy();
    world.queue.onEnqueue(told);
    await db().transaction(async (sql) => {
      await world.queue.enqueue({ kind: 'test', key: 'k', payload: null, runAt: 0 }, sql);
      expect(told.called).to.equal(false);
    });
    await until(() => told.called, 'the listener is told');
    const undone = db().transaction(async (sql) => {
      await world.queue.enqueue({ kind: 'test', key: 'other', payload: null, runAt: 0 }, sql);
      throw new Error('undone');
    });
    await undone.catch(() => undefined);
    expect(told.callCount).to.equal(1);
  });

  it('runs what is due and stores how it ended', async () => {
    const ends: Record<string, JobOutcome> = {
      done: { kind: 'done' },
      again: { kind: 'again', at: world.clock.now() + 1_000, payload: 'next' },
    };
    await enqueue('done');
    await enqueue('again');
    await startWorker((job) => Promise.resolve(ends[job.key] ?? { kind: 'done' }));
    await until(async () => (await row('done'))['state'] === 'finished', 'the job is finished');
    await until(async () => (await row('again'))['payload'] === '"next"', 'the other waits again');
    expect(await row('again')).to.include({ state: 'waiting', run_at: world.clock.now() + 1_000, lease_owner: null });
  });

  it('begins what was enqueued in its own process without waiting for its next look', async () => {
    world = await createEngineWorld(db(), { ...quickTimings, idlePollMs: 60_000 });
    const ran = sinon.stub().resolves({ kind: 'done' });
    await startWorker(ran);
    await enqueue('k');
    await until(() => ran.called, 'the job runs');
  });

  it('runs no more jobs at once than it has slots', async () => {
    let running = 0;
    let most = 0;
    const done = new Set<string>();
    for (let n = 0; n < 9; n += 1) await enqueue(`k${n}`);
    await startWorker(async (job) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done.add(job.key);
      return { kind: 'done' };
    }, 3);
    await until(() => done.size === 9, 'all have run');
    expect(most).to.equal(3);
  });

  it('tries a job again after an error, later each time, and keeps no text of unknown errors', async () => {
    await enqueue('k');
    await startWorker(() => Promise.reject(new Error('select secret from tokens')));
    await until(async () => (await row('k'))['failures'] === 1, 'the error is counted');
    expect(await row('k')).to.include({ state: 'waiting', run_at: world.clock.now() + 4_000, last_error: 'Error' });
  });

  it('takes over what a dead worker left, once its lease has ended', async () => {
    await enqueue('k');
    await claimAs('dead-worker');
    const ran = sinon.stub().resolves({ kind: 'done' });
    await startWorker(ran);
    world.clock.advance(world.timings.leaseMs + 1);
    await until(() => ran.calledOnce, 'the job is taken over');
    expect(ran.firstCall.args[0]).to.include({ key: 'k', fence: 2, deaths: 2 });
  });

  it('aborts a running job whose claim was lost', async () => {
    world = await createEngineWorld(db(), { ...quickTimings, heartbeatMs: 250 });
    await enqueue('k');
    const aborted = sinon.spy();
    await startWorker((job) => (job.fence > 1 ? Promise.resolve({ kind: 'done' }) : untilAborted(job, aborted)));
    await until(async () => (await row('k'))['state'] === 'running', 'it runs');
    await world.queue.remove('test', 'k');
    await until(() => aborted.called, 'the run is aborted');
    expect(await row('k')).to.include({ state: 'finished' });
  });

  it('aborts what runs after two failed heartbeats and claims nothing until one succeeds', async () => {
    world = await createEngineWorld(db(), { ...quickTimings, heartbeatMs: 250 });
    let beats = 0;
    let offset: () => Promise<number> = () => Promise.resolve(0);
    const measureClock = (): Promise<number> => {
      beats += 1;
      return offset();
    };
    const twoBeatsMore = async (): Promise<void> => {
      const seen = beats;
      await until(() => beats >= seen + 2, 'its heart has beaten twice');
    };
    await enqueue('k');
    const aborted = sinon.spy();
    const handler: JobHandler = {
      kind: 'test',
      run: (job) => (job.key === 'k' ? untilAborted(job, aborted) : Promise.resolve({ kind: 'done' })),
    };
    const worker = createWorker({ ...world, handlers: [handler], log: world.log.log, measureClock });
    workers.push(worker);
    await worker.start();
    await until(async () => (await row('k'))['state'] === 'running', 'it runs');

    offset = () => Promise.reject(new Error('The database is away.'));
    await until(() => aborted.called, 'the run is aborted');
    await until(async () => (await row('k'))['state'] === 'waiting', 'it is handed back');
    await db()
      .knex('jobs')
      .update({ run_at: world.clock.now() + 1_000_000 });
    await enqueue('other');
    await twoBeatsMore();
    expect(await row('other')).to.include({ state: 'waiting' });
    offset = () => Promise.resolve(61_000);
    await twoBeatsMore();
    expect(await row('other'), 'the clock is a minute off').to.include({ state: 'waiting' });
    offset = () => Promise.resolve(0);
    await until(async () => (await row('other'))['state'] === 'finished', 'it claims again');
  });

  it('stops without new claims, tells running jobs, and takes its row away', async () => {
    let finish: () => void = () => undefined;
    let wasTold = false;
    await enqueue('k');
    const worker = await startWorker(
      (job) =>
        new Promise((resolve) => {
          finish = () => {
            wasTold = job.isStopping();
            resolve({ kind: 'again', at: world.clock.now() });
          };
        }),
    );
    await until(async () => (await row('k'))['state'] === 'running', 'it runs');
    expect(await db().knex('workers').select('id')).to.deep.equal([{ id: worker.id }]);
    const stopped = worker.stop();
    await enqueue('new');
    finish();
    await stopped;

    expect(wasTold).to.equal(true);
    expect(await row('k')).to.include({ state: 'waiting', deaths: 0, lease_owner: null });
    expect(await row('new')).to.include({ state: 'waiting' });
    expect(await db().knex('workers').select('id')).to.deep.equal([]);
  });

  it('aborts what does not end in time when it stops', async () => {
    world = await createEngineWorld(db(), { ...quickTimings, stopAbortMs: 20 });
    await enqueue('k');
    const worker = await startWorker((job) => untilAborted(job, () => undefined));
    await until(async () => (await row('k'))['state'] === 'running', 'it runs');
    await worker.stop();
    expect(await row('k')).to.include({ state: 'waiting', failures: 0, deaths: 0 });
  });

  it('puts off a kind of job that nobody here knows', async () => {
    await world.queue.enqueue({ kind: 'gone:sync', key: '1', payload: null, runAt: world.clock.now() });
    await startWorker(() => Promise.resolve({ kind: 'done' }));
    await until(
      async () => (await findNextDueAt(db())) === world.clock.now() + world.timings.absentPluginMs,
      'put off',
    );
  });

  it('asks at most twice a second while there is nothing to do, and writes only its heartbeat (60 s, 60 times as fast)', async () => {
    const fast = (ms: number): number => ms / 60;
    const { idlePollMs, rescueMs, heartbeatMs } = standardTimings;
    const timings = { ...quickTimings, idlePollMs: fast(idlePollMs), rescueMs: fast(rescueMs) };
    const clock = { ...createRunningClock(), set: () => undefined };
    world = await createEngineWorld(db(), { ...timings, heartbeatMs: fast(heartbeatMs) }, clock);
    await enqueue('far', 3_600_000);
    const worker = createWorker({ ...world, handlers: [], log: world.log.log, measureClock: () => measure(db()) });
    workers.push(worker);
    await worker.start();
    const asked: string[] = [];
    const note = (query: { sql: string }): void => void asked.push(query.sql);
    db().knex.on('query', note);
    const writes = (): readonly string[] => asked.filter((sql) => !sql.startsWith('select'));
    const begun = clock.now();
    const seconds = (): number => (clock.now() - begun) / fast(1_000);
    await until(() => seconds() >= 60 && asked.length >= 20 && writes().length >= 2, 'it has looked and beaten');
    db().knex.removeListener('query', note);
    expect(asked.length).to.be.at.most(2 * seconds());
    expect(writes().length).to.be.at.most(1 + seconds() / 15);
    expect(new Set(writes().map((sql) => sql.slice(0, 21)))).to.deep.equal(new Set(['insert into `workers`']));
  });
});

/** As the clock of the database does. */
async function measure({ knex }: Database): Promise<number> {
  await knex.raw('select 1');
  return 0;
}

function untilAborted(job: ClaimedJob, told: () => void): Promise<never> {
  return new Promise((_resolve, reject) => {
    job.signal.addEventListener('abort', () => {
      told();
      reject(new Error('aborted'));
    });
  });
}
