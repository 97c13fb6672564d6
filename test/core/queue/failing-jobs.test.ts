import { expect } from 'chai';
import { z } from 'zod';
import type { JobHandler } from '../../../core/queue/job-queue.ts';
import { runJob } from '../../../core/queue/job-runner.ts';
import { Neighbours } from '../../../core/queue/neighbours.ts';
import { lookAround, upsertWorker } from '../../../core/queue/worker-store.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { claim, createEngineWorld, type EngineWorld } from '../../support/engine-world.ts';

onEachDatabase('Jobs that keep failing', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    await world.queue.enqueue({ kind: 'test', key: 'k', payload: 1, runAt: world.clock.now() });
  });

  const failing = (more: Partial<JobHandler>): JobHandler => ({
    kind: 'test',
    run: () => Promise.reject(new Error('no')),
    ...more,
  });
  const runOnce = async (handler: JobHandler): Promise<number> => {
    world.clock.advance(3_600_000);
    const claimed = await claim(world);
    const deps = { ...world, log: world.log.log, random: () => 0.5, handlers: new Map([[handler.kind, handler]]) };
    for (const job of claimed) await runJob(deps, job);
    return claimed.length;
  };
  const row = async () => {
    const rows: unknown = await db().knex('jobs').select('id', 'state', 'failures', 'deaths', 'last_error', 'run_at');
    return z.array(z.looseObject({ id: z.number(), state: z.string() })).parse(rows)[0] ?? { id: 0, state: 'absent' };
  };
  const die = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) {
      await claim(world);
      await db().knex('jobs').update({ state: 'waiting', lease_owner: null, lease_until: null });
    }
  };

  it('give up after 25 errors, and wait for a person with what went wrong', async () => {
    const handler = failing({ whenItKeepsFailing: 'gives-up' });
    for (let n = 0; n < 24; n += 1) await runOnce(handler);
    expect(await row()).to.include({ state: 'waiting', failures: 24 });
    await runOnce(handler);
    expect(await row()).to.include({ state: 'failed', failures: 25, last_error: 'Error' });
    expect(await runOnce(handler), 'nobody runs it').to.equal(0);
  });

  it('go on for ever where they must: a recurring one and a delivery', async () => {
    for (const handler of [failing({ whenItKeepsFailing: 'rests' }), failing({})]) {
      for (let n = 0; n < 30; n += 1) await runOnce(handler);
      expect(await row()).to.include({ state: 'waiting' });
    }
  });

  it('are run again from their beginning when a person says so, but not while they run', async () => {
    await db().knex('jobs').update({ state: 'failed', failures: 25, deaths: 2, last_error: 'Error' });
    const { id } = await row();
    expect(await world.queue.retryJob(id)).to.equal(true);
    expect(await row()).to.include({ state: 'waiting', failures: 0, deaths: 0, run_at: world.clock.now() });
    await db().knex('jobs').update({ state: 'running' });
    expect(await world.queue.retryJob(id), 'it is running').to.equal(false);
    await db().knex('jobs').update({ state: 'waiting' });
    expect(await runOnce(failing({ run: () => Promise.resolve({ kind: 'done' }) }))).to.equal(1);
    expect(await row()).to.include({ state: 'finished', last_error: null });
  });

  it('are let be when a person says so; asked for again they run again', async () => {
    await db().knex('jobs').update({ state: 'failed', failures: 25 });
    const { id } = await row();
    expect(await world.queue.discardJob(id)).to.equal(true);
    expect(await world.queue.discardJob(id)).to.equal(false);
    expect(await row()).to.include({ state: 'finished' });
    await world.queue.enqueue({ kind: 'test', key: 'k', payload: 1, runAt: world.clock.now() });
    expect(await row()).to.include({ state: 'waiting', failures: 0 });
  });

  it('are not run again after three dead workers: one rests for an hour, one waits for a person', async () => {
    let ran = 0;
    const run = () => Promise.resolve({ kind: 'again', at: world.clock.now() + (ran += 1) } as const);
    await die(3);
    await runOnce(failing({ run, whenItKeepsFailing: 'rests' }));
    expect(await row()).to.include({ state: 'waiting', deaths: 0, run_at: world.clock.now() + 3_600_000 });
    world.clock.advance(3_600_000);
    await die(3);
    await runOnce(failing({ run, whenItKeepsFailing: 'gives-up' }));
    expect(await row()).to.include({ state: 'failed', last_error: 'Its workers ended three times in a row.' });
    expect(ran).to.equal(0);
  });

  it('wait again at once when their worker is seen to be dead by two at the same moment', async () => {
    const place = { name: 'here', began: '1' };
    const now = world.clock.now();
    // There is a process of that number, which began at another time.
    const mark = { id: 'worker-a', pid: process.pid, place };
    await claim(world, mark.id);
    await upsertWorker(db().knex, { ...mark, host: 'north', startedAt: now, seenAt: now, facts: {} });
    const { expired, workers } = await lookAround(db().knex, now);
    expect({ expired, workers }).to.deep.equal({ expired: [], workers: [mark] });
    const deps = { ...world, log: world.log.log, place, whenFreed: () => undefined };
    const two = ['worker-b', 'worker-c'].map((id) => new Neighbours({ ...deps, id }));
    await Promise.all(two.map((neighbours) => neighbours.meet(workers)));
    await Promise.all(two.map((neighbours) => neighbours.leave()));
    expect(await row()).to.include({ state: 'waiting', deaths: 1, run_at: now });
    expect((await lookAround(db().knex, now)).workers).to.deep.equal([]);
    expect(world.log.lines(), 'told once').to.have.lengthOf(1);
  });

  it('stay ended when the answer to storing their end was lost', async () => {
    const [job] = await claim(world);
    if (job === undefined) throw new Error('It should be claimed.');
    await db().knex('jobs').update({ state: 'finished' });
    const handlers = new Map([['test', failing({})]]);
    await runJob({ ...world, log: world.log.log, random: () => 0.5, handlers }, job);
    expect(await row()).to.include({ state: 'finished' });
  });
});
