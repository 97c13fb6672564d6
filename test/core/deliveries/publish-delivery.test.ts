import { expect } from 'chai';
import type { Explanation, Step } from '#plugin-api';
import type { Delivery } from '../../../core/deliveries/delivery-desk.ts';
import { createPluginDeliveries } from '../../../core/deliveries/plugin-deliveries.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addPost,
  attemptsOf,
  claim,
  createEngineWorld,
  dueIn,
  type EngineWorld,
  jobOf,
  run,
  runDue,
  schedule,
  until,
} from '../../support/engine-world.ts';

const hour = 3_600_000;

onEachDatabase('Publishing a delivery', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);
  const answer = (...steps: readonly Step[]): void => {
    let next = 0;
    world.network.advance = () => {
      const step = steps[next];
      next += 1;
      if (step === undefined) throw new Error('The test expects no further call.');
      return step;
    };
  };
  const goOn = (facts: Partial<Extract<Step, { kind: 'continue' }>> = {}): Step => ({
    ...{ kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now() },
    ...facts,
  });
  const because: Explanation = {
    sentence: 'It said no.',
    who: 'network',
    nextStep: 'Wait.',
    code: 'said_no',
    logId: 'L1',
  };
  const timeline = async (delivery: Delivery): Promise<readonly string[]> =>
    (await world.desk.timeline(world.teamId, delivery.id)).map((event) => event.kind);

  it('stores every step and goes on under the same claim while nothing has to be waited for', async () => {
    const delivery = await schedule(world);
    answer(
      goOn({ progress: { plan: [1, 2] }, timeline: [{ sentence: 'Asked.', call: 'creator_info', code: 'ok' }] }),
      goOn({ reference: 'v_1', percent: 0, progress: { url: 'https://secret.example/1' } }),
      goOn({ percent: 50, pointOfNoReturn: true }),
      goOn({ stage: 'processing' }),
      { kind: 'published', remoteIds: ['7512345678901234567'], url: 'https://example.org/v/7512345678901234567' },
    );

    await runDue(world);

    const done = await now(delivery);
    expect(done).to.include({ state: 'published', url: 'https://example.org/v/7512345678901234567', percent: null });
    expect(done.remoteIds).to.deep.equal(['7512345678901234567']);
    expect(done.publishedAt).to.equal(world.clock.now());
    expect(await attemptsOf(world, delivery)).to.have.lengthOf(1);
    expect((await attemptsOf(world, delivery))[0]).to.include({ outcome: 'published', reference: 'v_1' });
    expect(await jobOf(world, delivery)).to.include({ state: 'finished', deaths: 0, fence: 1 });
    expect(await timeline(delivery)).to.deep.equal([
      ...['delivery.scheduled', 'delivery.step', 'delivery.point-of-no-return', 'delivery.published'],
    ]);
  });

  it('passes no point of no return while its process stops: another one begins that piece anew', async () => {
    const delivery = await schedule(world);
    let isStopping = false;
    world.network.advance = () => {
      isStopping = true;
      return goOn({ pointOfNoReturn: true });
    };
    await run(world, await claim(world, 'worker-a', () => isStopping));

    const [attempt] = await attemptsOf(world, delivery);
    expect(attempt).to.include({ outcome: 'open', point_of_no_return_at: null });
    expect(await jobOf(world, delivery)).to.include({ state: 'waiting', lease_owner: null, deaths: 0 });

    answer(goOn({ pointOfNoReturn: true }), { kind: 'published', remoteIds: ['1'] });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('does the one piece after a point of no return that it has passed, also while its process stops', async () => {
    const delivery = await schedule(world);
    answer(goOn({ pointOfNoReturn: true }), goOn({ stage: 'processing' }));
    let asked = 0;
    // Asked before it is stored and after: between the two the process was told to stop.
    await run(world, await claim(world, 'worker-a', () => (asked += 1) > 1));

    expect(await now(delivery)).to.include({ state: 'processing' });
    expect(asked).to.be.greaterThan(1);
  });

  it('hands the plugin what it stored, and keeps it sealed in the database', async () => {
    const delivery = await schedule(world, { options: { privacy: 'friends' } });
    answer(
      goOn({ progress: { url: 'https://secret.example/upload' }, at: world.clock.now() + 1 }),
      goOn({ at: Infinity }),
    );
    await runDue(world);
    world.clock.advance(1);
    answer({ kind: 'failed', because });
    await runDue(world);

    const [first, second] = world.network.calls;
    expect(first?.delivery).to.deep.include({ caption: 'New beans today', options: { privacy: 'friends' }, media: [] });
    expect(first?.attempt).to.deep.include({ n: 1, progress: null, reference: null, earlier: [] });
    expect(second?.attempt.progress).to.deep.equal({ url: 'https://secret.example/upload' });
    expect(JSON.stringify(await attemptsOf(world, delivery))).not.to.contain('secret.example');
  });

  it('stops at a step that lies in the future and comes back at its time', async () => {
    const delivery = await schedule(world);
    answer(goOn({ stage: 'processing', at: world.clock.now() + 5_000 }), { kind: 'published', remoteIds: ['1'] });

    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'processing' });
    expect(await claim(world)).to.have.lengthOf(0);
    world.clock.advance(5_000);
    await runDue(world);

    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('commits the point of no return before it asks the plugin again', async () => {
    const delivery = await schedule(world);
    const seen: (number | null)[] = [];
    world.network.advance = async (_delivery, attempt) => {
      seen.push(attempt.pointOfNoReturnAt);
      const [stored] = await attemptsOf(world, delivery);
      expect(stored?.['point_of_no_return_at']).to.equal(attempt.pointOfNoReturnAt);
      if (attempt.pointOfNoReturnAt === null) return goOn({ pointOfNoReturn: true });
      return { kind: 'published', remoteIds: ['1'] };
    };

    await runDue(world);

    expect(seen).to.deep.equal([null, world.clock.now()]);
  });

  it('stops silently when its claim was taken over while it was asking (two workers, one stale fence)', async () => {
    const delivery = await schedule(world);
    const stale = await claim(world, 'worker-a');
    world.network.advance = async () => {
      // Worker A's lease ends during its call; worker B takes over and publishes.
      await db().knex('jobs').update({ state: 'waiting', lease_owner: null, lease_until: null });
      world.network.advance = () => ({ kind: 'published', remoteIds: ['from-b'] });
      await run(world, await claim(world, 'worker-b'));
      return goOn({ pointOfNoReturn: true, reference: 'from-a' });
    };

    await run(world, stale);

    expect((await now(delivery)).remoteIds).to.deep.equal(['from-b']);
    expect(world.network.calls).to.have.lengthOf(2);
    expect((await attemptsOf(world, delivery))[0]).to.include({ reference: null, point_of_no_return_at: null });
    expect(await timeline(delivery)).not.to.include('delivery.point-of-no-return');
  });

  it('resumes after a crash behind each of 5 steps, at the next step and never past the point of no return twice', async () => {
    const steps = (): readonly Step[] => [
      goOn({ progress: 'planned' }),
      goOn({ progress: 'begun', reference: `r${world.network.calls.length}` }),
      goOn({ progress: 'sent', percent: 50 }),
      goOn({ progress: 'committed', pointOfNoReturn: true }),
      goOn({ progress: 'processing', stage: 'processing' }),
      { kind: 'published', remoteIds: ['1'] },
    ];
    for (let crashAfter = 1; crashAfter <= 5; crashAfter += 1) {
      const delivery = await schedule(world);
      let done = 0;
      let isDead = false;
      world.network.advance = async (_delivery, attempt) => {
        // The process dies here: nobody stores anything, the lease ends.
        if (done === crashAfter) {
          isDead = true;
          await new Promise<never>(() => undefined);
        }
        const step = steps()[done];
        expect(attempt.pointOfNoReturnAt === null).to.equal(done < 4);
        done += 1;
        return step ?? goOn();
      };
      void run(world, await claim(world, `dies-${crashAfter}`));
      await until(() => isDead, 'the worker is inside the call it never returns from');

      world.network.advance = () => steps()[done++] ?? goOn();
      world.clock.advance(world.timings.leaseMs + 1);
      await db().knex('jobs').where({ state: 'running' }).update({ state: 'waiting' });
      await runDue(world);

      expect(await now(delivery), `crash after step ${crashAfter}`).to.include({ state: 'published' });
      expect(await attemptsOf(world, delivery)).to.have.lengthOf(1);
    }
  });

  it('starts over with a new attempt that knows the earlier ones', async () => {
    const delivery = await schedule(world);
    answer(
      goOn({ reference: 'lost' }),
      { kind: 'start-over', reason: 'init_lost', at: world.clock.now() },
      goOn({ at: Infinity }),
    );

    await runDue(world);

    expect((await attemptsOf(world, delivery)).map((row) => [row['n'], row['outcome'], row['reason']])).to.deep.equal([
      [1, 'superseded', 'init_lost'],
      [2, 'open', null],
    ]);
    const last = world.network.calls.at(-1)?.attempt;
    expect(last).to.deep.include({ n: 2, reference: null, progress: null });
    expect(last?.earlier).to.deep.equal([{ startedAt: world.clock.now(), outcome: 'superseded', reason: 'init_lost' }]);
  });

  it('begins again past the point of no return where the plugin has proven the attempt dead', async () => {
    const delivery = await schedule(world);
    answer(
      goOn({ pointOfNoReturn: true }),
      goOn({ stage: 'processing' }),
      { kind: 'start-over', reason: 'expired_unposted', at: world.clock.now() },
      goOn({ pointOfNoReturn: true }),
      { kind: 'published', remoteIds: ['1'] },
    );
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
    expect((await attemptsOf(world, delivery)).map((row) => [row['outcome'], row['reason']])).to.deep.equal([
      ['superseded', 'expired_unposted'],
      ['published', null],
    ]);
    expect(await timeline(delivery)).to.include('delivery.started-over');
  });

  it('P3: never publishes before its time, whoever brought the job forward', async () => {
    const delivery = await schedule(world, { inMs: hour });
    await db().knex('jobs').update({ run_at: world.clock.now() });

    await runDue(world);
    expect(world.network.calls).to.have.lengthOf(0);
    world.clock.advance(hour - 1);
    await runDue(world);
    expect(world.network.calls).to.have.lengthOf(0);
    world.clock.advance(1);
    await runDue(world);

    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('P3: publishes late within the grace and asks a person after it', async () => {
    const late = await schedule(world);
    world.clock.advance(24 * hour);
    await runDue(world);
    const missed = await schedule(world);
    world.clock.advance(24 * hour + 1);
    await runDue(world);

    expect(await now(late)).to.include({ state: 'published' });
    expect(await now(missed)).to.include({ state: 'needs-attention', outcomeCode: 'missed_window' });
    expect((await now(missed)).outcome).to.include({ mayBePosted: false });
  });

  it('publishes nothing new through a plugin that was switched off', async () => {
    const delivery = await schedule(world);
    world.network.isEnabled = false;
    await runDue(world);
    expect(world.network.calls).to.have.lengthOf(0);
    world.network.isEnabled = true;
    world.clock.advance(world.timings.absentPluginMs);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('looks for a link that did not come at once, up to a day, while the delivery is published', async () => {
    const delivery = await schedule(world);
    answer({ kind: 'published', remoteIds: [], linkPending: true });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published', linkPending: true });

    world.clock.advance(30_000);
    await runDue(world);
    world.network.findLink = () => ({ found: true, remoteIds: ['75'], url: 'https://example.org/v/75' });
    world.clock.advance(60_000);
    await runDue(world);

    expect(await now(delivery)).to.include({ state: 'published', linkPending: false, url: 'https://example.org/v/75' });
    expect(await jobOf(world, delivery)).to.include({ state: 'finished' });
  });

  it('looks for the link at once when the network calls about a published delivery', async () => {
    const delivery = await schedule(world);
    answer(goOn({ reference: 'v_9' }), { kind: 'published', remoteIds: [], linkPending: true });
    await runDue(world);
    world.network.findLink = () => ({ found: true, remoteIds: ['75'], url: 'https://example.org/v/75' });
    const door = createPluginDeliveries(delivery.plugin, world);
    await door.wake('v_9');
    await runDue(world);
    expect(await now(delivery)).to.include({ linkPending: false, url: 'https://example.org/v/75' });
  });

  it('drops the question for a link after a day', async () => {
    const delivery = await schedule(world);
    answer({ kind: 'published', remoteIds: [], linkPending: true });
    await runDue(world);
    for (let looks = 0; looks < 60; looks += 1) {
      world.clock.advance(hour);
      await runDue(world);
    }
    expect(await now(delivery)).to.include({ state: 'published', linkPending: false, url: null });
    expect(await jobOf(world, delivery)).to.include({ state: 'finished' });
  });

  it('keeps the post at the worst of its deliveries, also when 20 of them end at the same moment', async () => {
    const postId = await addPost(world);
    for (let n = 0; n < 20; n += 1) await schedule(world, { postId });
    world.network.advance = (delivery) =>
      delivery.id % 20 === 0 ? { kind: 'failed', because } : { kind: 'published', remoteIds: ['1'] };
    await run(world, [...(await claim(world)), ...(await claim(world))]);
    const rows: unknown = await db().knex('posts').where({ id: postId }).select('state', 'due_at');
    expect(rows).to.deep.equal([{ state: 'failed', due_at: dueIn(world, 0).at }]);
  });

  it('needs at most 10 statements for a post that is published in one step, BEGIN and COMMIT counted', async () => {
    const delivery = await schedule(world);
    const jobs = await claim(world);
    let statements = 0;
    const count = (): void => void (statements += 1);
    db().knex.on('query', count);
    await run(world, jobs);
    db().knex.removeListener('query', count);

    expect(await now(delivery)).to.include({ state: 'published' });
    expect(statements).to.be.at.most(10);
  });
});
