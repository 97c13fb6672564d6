import { expect } from 'chai';
import { z } from 'zod';
import { RemoteError, type PluginJob } from '#plugin-api';
import { createWebhookService } from '../../../core/deliveries/webhook-service.ts';
import { housekeeping } from '../../../core/queue/housekeeping.ts';
import type { JobHandler } from '../../../core/queue/job-queue.ts';
import { runJob } from '../../../core/queue/job-runner.ts';
import { createPluginJobs, pluginJobHandlers, seedPluginJobs } from '../../../core/queue/plugin-jobs.ts';
import { recurringHandler, seedWhenDue, watchRecurring } from '../../../core/queue/recurring.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  claim,
  createEngineWorld,
  type EngineWorld,
  jobOf,
  runDue,
  schedule,
  until,
} from '../../support/engine-world.ts';

const hour = 3_600_000;

onEachDatabase('Background work', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const deps = () => ({ ...world, log: world.log.log, random: () => 0.5 });
  const givePlugin = (parts: { readonly jobs?: readonly PluginJob[] }): void => {
    const active = world.registry.get('fake');
    world.registry.add({ ...active, parts: { ...active.parts, ...parts } });
  };
  const runWith = async (handlers: readonly JobHandler[]): Promise<void> => {
    const byKind = new Map(handlers.map((handler) => [handler.kind, handler]));
    for (const job of await claim(world)) await runJob({ ...deps(), handlers: byKind }, job);
  };
  const jobs = async (): Promise<unknown> =>
    db().knex('jobs').orderBy('id').select('kind', 'key', 'state', 'payload', 'run_at');

  it('runs the recurring jobs of a plugin for each connected channel, at random moments of their interval', async () => {
    const channel = await addChannel(world);
    const gone = await addChannel(world);
    await db().knex('channels').where({ id: gone.id }).update({ disconnected_at: 1 });
    const ran: string[] = [];
    const sync: PluginJob = {
      kind: 'sync',
      everyMs: hour,
      run: ({ key, payload }) => {
        ran.push(`${key} ${JSON.stringify(payload)}`);
        if (ran.length === 1) return Promise.resolve({ again: { at: world.clock.now(), payload: { cursor: 2 } } });
        return Promise.resolve({ done: true });
      },
    };
    givePlugin({ jobs: [sync] });
    const seeding = seedPluginJobs(deps());
    expect(await seeding.isDue()).to.equal(true);
    await seeding.run(new AbortController().signal);
    expect(await seeding.isDue()).to.equal(false);
    await seeding.run(new AbortController().signal);
    expect(await jobs()).to.deep.equal([
      {
        kind: 'fake:sync',
        key: String(channel.id),
        state: 'waiting',
        payload: '{}',
        run_at: world.clock.now() + 30_000,
      },
    ]);

    world.clock.advance(30_000);
    await runWith(pluginJobHandlers(deps()));
    await runWith(pluginJobHandlers(deps()));
    expect(ran).to.deep.equal([`${channel.id} {}`, `${channel.id} {"cursor":2}`]);
    expect(await jobs()).to.deep.equal([
      { kind: 'fake:sync', key: String(channel.id), state: 'waiting', payload: '{}', run_at: world.clock.now() + hour },
    ]);

    await db().knex('channels').update({ disconnected_at: 1 });
    world.clock.advance(hour);
    await runWith(pluginJobHandlers(deps()));
    expect(ran).to.have.lengthOf(2);
  });

  it('keeps a job of a plugin once however often it is asked for, and puts it off when the network asks for time', async () => {
    const explanation = { sentence: 'Slow down.', who: 'network', nextStep: '', code: 'slow' } as const;
    const retryAt = world.clock.now() + 5_000;
    givePlugin({
      jobs: [
        { kind: 'once', run: () => Promise.reject(new RemoteError({ kind: 'rate-limited', explanation, retryAt })) },
      ],
    });
    const own = createPluginJobs('fake', world.queue);
    for (const n of [1, 2, 3]) await own.enqueue({ kind: 'once', key: 'k', payload: n, runAt: world.clock.now() });
    await runWith(pluginJobHandlers(deps()));
    expect(await jobs()).to.deep.equal([
      { kind: 'fake:once', key: 'k', state: 'waiting', payload: '3', run_at: retryAt },
    ]);
  });

  it('is one job for the installation while there is something to do, and none while there is not', async () => {
    let left = 0;
    const run = (): Promise<boolean> => Promise.resolve((left -= 1) > 0);
    const work = { kind: 'tidy', everyMs: hour, isDue: () => Promise.resolve(left > 0), run };
    const look = () => Promise.all([1, 2].map(() => seedWhenDue(work, deps())));
    await look();
    expect(await jobs()).to.deep.equal([]);
    left = 2;
    await look();
    const job = { kind: 'tidy', key: 'all', state: 'waiting', payload: '{}', run_at: world.clock.now() };
    expect(await jobs()).to.deep.equal([job]);
    const handler = recurringHandler(work, deps());
    await runWith([handler]);
    expect(await jobs()).to.deep.equal([job]);
    await runWith([handler]);
    expect(left).to.equal(0);
    expect(await jobs()).to.deep.equal([{ ...job, state: 'finished' }]);
    await look();
    await runWith([handler]);
    expect(left).to.equal(0);
    left = 1;
    await look();
    expect(await jobs()).to.deep.equal([job]);
  });

  it('keeps to the wait of recurring work that failed, whoever looks meanwhile', async () => {
    const run = () => Promise.reject(new Error('The disk is full.'));
    const work = { kind: 'tidy', everyMs: hour, isDue: () => Promise.resolve(true), run };
    await seedWhenDue(work, deps());
    await runWith([recurringHandler(work, deps())]);
    const [{ run_at: runAt }] = z.tuple([z.object({ run_at: z.number() })]).parse(await jobs());
    expect(runAt).to.be.greaterThan(world.clock.now());
    await seedWhenDue(work, deps());
    expect(await jobs()).to.deep.equal([{ kind: 'tidy', key: 'all', state: 'waiting', payload: '{}', run_at: runAt }]);
  });

  it('looks again and again until it is stopped, also after a look that failed', async () => {
    let looks = 0;
    const isDue = () => ((looks += 1) === 1 ? Promise.reject(new Error('Gone away.')) : Promise.resolve(false));
    const watching = watchRecurring([{ kind: 'tidy', everyMs: 1, isDue, run: () => Promise.resolve(false) }], deps());
    await until(() => looks >= 3, 'it has looked three times');
    await watching.stop();
    const seen = looks;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(looks).to.equal(seen);
  });

  it('deletes what nobody needs any more and nothing else', async () => {
    const fresh = await schedule(world);
    await runDue(world);
    const now = world.clock.now();
    const old = now - 8 * 24 * hour;
    const { knex } = db();
    const row = { kind: 'test', payload: 'null', run_at: old, created_at: old, updated_at: old };
    await knex('jobs').insert([
      { ...row, key: 'finished', state: 'finished' },
      { ...row, key: 'waiting', state: 'waiting' },
    ]);
    const session = { data: '{}', created_at: old, seen_at: old };
    await knex('sessions').insert([
      { ...session, id_hash: 'over', expires_at: now - 1 },
      { ...session, id_hash: 'open', expires_at: now + 1 },
    ]);
    await knex('webhook_events').insert({ plugin: 'fake', identity_hash: 'h', event: 'e', at: old });
    const purge = housekeeping(deps()).find((work) => work.kind === 'purge');

    expect(await purge?.isDue()).to.equal(true);
    expect(await purge?.run(new AbortController().signal)).to.equal(false);
    expect(await purge?.isDue()).to.equal(false);

    expect(await knex('jobs').orderBy('id').select('key')).to.deep.equal([
      { key: String(fresh.id) },
      { key: 'waiting' },
    ]);
    expect(await knex('sessions').select('id_hash')).to.deep.equal([{ id_hash: 'open' }]);
    expect(await knex('webhook_events').select('plugin')).to.deep.equal([]);
  });

  it('lets a verified webhook wake its delivery once, a forged one nothing', async () => {
    const delivery = await schedule(world);
    const later = world.clock.now() + hour;
    world.network.advance = () => ({
      kind: 'continue',
      stage: 'processing',
      progress: null,
      reference: 'v_1',
      at: later,
    });
    await runDue(world);
    const active = world.registry.get('fake');
    const receive = ({ body }: { readonly body: Buffer }) =>
      Promise.resolve(
        body.toString() === 'forged'
          ? ({ accepted: false, reason: 'The signature is wrong.' } as const)
          : ({ accepted: true, identity: body.toString(), event: 'post.done', wake: ['v_1', 'unknown'] } as const),
      );
    world.registry.add({ ...active, parts: { ...active.parts, webhooks: { receive } } });
    const webhooks = createWebhookService(deps());
    const send = (body: string) => webhooks.receive('fake', { headers: {}, body: Buffer.from(body) });

    expect(await send('forged')).to.include({ kind: 'refused' });
    expect(await jobOf(world, delivery)).to.include({ run_at: later });
    expect(await send('event 1')).to.deep.equal({ kind: 'taken' });
    expect(await jobOf(world, delivery)).to.include({ run_at: world.clock.now(), state: 'waiting' });
    await runDue(world);
    expect(await send('event 1')).to.deep.equal({ kind: 'repeated' });
    expect(await jobOf(world, delivery)).to.include({ run_at: later });
    expect(await webhooks.receive('nobody', { headers: {}, body: Buffer.alloc(0) })).to.deep.equal({ kind: 'unknown' });
  });
});
