import { expect } from 'chai';
import { createOperationsService } from '../../../core/operations/operations-service.ts';
import { createJobQueue } from '../../../core/queue/job-queue.ts';
import { standardTimings } from '../../../core/timings.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { failureOf } from '../../support/failure.ts';
import { addJob, openOperations, type OperationsWorld } from './operations-world.ts';

onEachDatabase('A job that a person acts on', (db) => {
  let world: OperationsWorld;
  beforeEach(async () => {
    world = await openOperations(db());
  });
  const act = (id: number, what: 'retry' | 'discarding') => world.browser.post(`/admin/jobs/${id}/${what}`);
  const row = async (id: number) => {
    const rows: readonly object[] = await db().knex('jobs').where({ id });
    return { ...rows[0] };
  };
  const eventsOf = (id: number) => world.events.of('job', id);

  it('runs again now when it is retried, with a record of who did it', async () => {
    const id = await addJob(db(), { key: '7', state: 'failed', failures: 25 });
    const answer = await act(id, 'retry');
    expect([answer.status, answer.headers['location']]).to.deep.equal([303, '/admin/jobs?state=failed']);
    expect(await row(id)).to.include({ state: 'waiting', run_at: world.web.clock.now(), failures: 0 });
    const [event] = await eventsOf(id);
    expect(event).to.deep.include({ kind: 'job.retried', actorId: world.admin.id, teamId: null });
    expect(event?.facts).to.deep.equal({ kind: 'paperboy:sync', key: '7', state: 'failed' });
    expect((await world.browser.get('/admin/jobs')).text).to.contain(`Job ${id} (paperboy:sync) runs again now.`);
  });

  it('waits no longer when it is retried before its time', async () => {
    const id = await addJob(db(), { runAt: world.web.clock.now() + 3_600_000, failures: 3 });
    expect((await act(id, 'retry')).status).to.equal(303);
    expect(await row(id)).to.include({ state: 'waiting', run_at: world.web.clock.now(), failures: 0 });
  });

  it('is let be when it is discarded, with a record of who did it', async () => {
    const id = await addJob(db(), { state: 'failed' });
    expect((await act(id, 'discarding')).status).to.equal(303);
    expect(await row(id)).to.include({ state: 'finished' });
    expect((await eventsOf(id)).map(({ kind }) => kind)).to.deep.equal(['job.discarded']);
  });

  it('is refused with the reason, and nothing is changed or recorded, where it is not for this page to decide', async () => {
    const running = await addJob(db(), { state: 'running' });
    const finished = await addJob(db(), { state: 'finished' });
    const delivery = await addJob(db(), { kind: 'publish-delivery', state: 'failed' });
    const recurring = await addJob(db(), { kind: 'purge', key: 'all' });
    const refusals = [
      [running, 'retry', 'This job is running now.'],
      [running, 'discarding', 'This job is running now.'],
      [finished, 'retry', 'This job is finished already.'],
      [delivery, 'retry', 'This job belongs to a delivery.'],
      [delivery, 'discarding', 'This job belongs to a delivery.'],
      [recurring, 'discarding', 'This job comes back by itself'],
    ] as const;
    for (const [id, what, words] of refusals) {
      const before = await row(id);
      const answer = await act(id, what);
      expect([answer.status, answer.text.includes(words)], words).to.deep.equal([409, true]);
      expect(await row(id)).to.deep.equal(before);
      expect(await eventsOf(id)).to.deep.equal([]);
    }
    for (const path of ['999999', '0', '1e3', 'x']) {
      expect((await world.browser.post(`/admin/jobs/${path}/retry`)).status, path).to.equal(404);
    }
  });

  it('is not recorded as retried when a worker took it in between', async () => {
    const id = await addJob(db());
    const { clock, t } = world.web;
    const parts = { db: db(), clock, t, timings: standardTimings, events: world.events };
    const queue = { ...createJobQueue(parts), retryJob: () => Promise.resolve(false) };
    const error = await failureOf(createOperationsService({ ...parts, queue }).act(world.admin.id, id, 'retry'));
    expect(error.message).to.contain('This job is running now.');
    expect(await eventsOf(id)).to.deep.equal([]);
  });

  it('S11: is left alone by a form that is not ours', async () => {
    const id = await addJob(db(), { state: 'failed' });
    const foreign = world.browser.send('post', `/admin/jobs/${id}/retry`).set('Origin', 'https://evil.example');
    expect((await foreign.type('form').send(`_csrf=${world.browser.csrfToken}`)).status).to.equal(403);
    const tokenless = world.browser.send('post', `/admin/jobs/${id}/discarding`).set('Origin', world.web.publicUrl);
    expect((await tokenless.type('form').send('')).status).to.equal(403);
    expect(await row(id)).to.include({ state: 'failed' });
  });
});
