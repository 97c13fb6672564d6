import { expect } from 'chai';
import { z } from 'zod';
import { type Explanation, type PublishingDelivery, RemoteError, type Step } from '#plugin-api';
import type { Decision, Delivery } from '../../../core/deliveries/delivery.ts';
import { createPluginDeliveries } from '../../../core/deliveries/plugin-deliveries.ts';
import { decisionsAbout } from '../../../core/deliveries/retry-rule.ts';
import { ConflictError, NotFoundError } from '../../../core/errors.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  attemptsOf,
  claim,
  createEngineWorld,
  type EngineWorld,
  jobOf,
  run,
  runDue,
  schedule,
} from '../../support/engine-world.ts';
import { caught } from '../../support/failure.ts';

const hour = 3_600_000;
const link = { kind: 'posted', remoteId: '7548021', url: 'https://network.example/v/7548021' } as const;
const because: Explanation = { sentence: 'It forgot.', who: 'network', nextStep: 'Look.', code: 'status_unknown' };

onEachDatabase('A person decides', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);
  const act = ({ id }: Delivery) => ({ actor: world.actor, teamId: world.teamId, id });
  const decide = (delivery: Delivery, kind: Exclude<Decision['kind'], 'posted'>) =>
    world.desk.decide(act(delivery), { kind });
  const offered = async (delivery: Delivery) => [...decisionsAbout(await now(delivery), world.clock.now())];
  const lastLine = async (delivery: Delivery) => {
    const event = (await world.desk.timeline(world.teamId, delivery.id)).at(-1);
    return { by: event?.actorId, said: z.object({ sentence: z.string() }).parse(event?.facts).sentence };
  };
  const outcomes = async (delivery: Delivery) =>
    (await attemptsOf(world, delivery)).map((row) => [row['outcome'], row['reason']]);
  const attention: Step = { kind: 'needs-attention', because, mayBePosted: true };
  const commit = (): Step => ({
    ...{ kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now() },
    ...{ pointOfNoReturn: true, reference: `r-${world.network.calls.length}` },
  });
  /** Sent to its last byte, after which the network knows nothing of it. */
  const inDoubt = async (): Promise<Delivery> => {
    const delivery = await schedule(world);
    world.network.advance = (_delivery, attempt) => (attempt.pointOfNoReturnAt === null ? commit() : attention);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention' });
    return delivery;
  };

  it('lets it be checked again: the same attempt is asked about at once, and nothing is sent', async () => {
    const delivery = await inDoubt();
    world.clock.advance(50 * hour);
    await decide(delivery, 'check-again');
    expect(await now(delivery)).to.include({ state: 'processing', outcome: null });
    expect(await lastLine(delivery)).to.deep.equal({
      by: world.actor.id,
      said: 'Ida asked to check again. Nothing is sent.',
    });
    world.network.advance = () => ({ kind: 'published', remoteIds: ['1'] });
    await runDue(world);

    expect(world.network.calls.at(-1)?.attempt).to.include({ n: 1, askedAgainAt: world.clock.now() });
    expect(await now(delivery)).to.include({ state: 'published' });
    expect(await outcomes(delivery)).to.deep.equal([['published', null]]);
  });

  it('looks as long after a person asked again as it did before, then needs a person once more', async () => {
    const delivery = await inDoubt();
    world.clock.advance(50 * hour);
    await decide(delivery, 'check-again');
    const looksOn = (): Step => ({
      ...{ kind: 'continue', stage: 'processing', progress: null },
      at: world.clock.now() + hour,
    });
    world.network.advance = looksOn;
    for (let hours = 0; hours < 49; hours += 1) {
      await runDue(world);
      expect(await now(delivery), `after ${hours} hours`).to.include({ state: 'processing' });
      world.clock.advance(hour);
    }
    world.clock.advance(hour);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention', outcomeCode: 'status_unresolved' });
    await decide(delivery, 'check-again');
    world.network.advance = () => {
      throw new RemoteError({ kind: 'temporary', explanation: because });
    };
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'processing' });
  });

  it('publishes nothing anew when a person has found the post: its link is kept, its attempt ends as published', async () => {
    const delivery = await inDoubt();
    const { pointOfNoReturnAt } = await now(delivery);
    world.clock.advance(hour);
    await world.desk.decide(act(delivery), link);

    const published = await now(delivery);
    expect(published).to.include({ state: 'published', url: link.url, outcome: null, publishedAt: pointOfNoReturnAt });
    expect(published.remoteIds).to.deep.equal([link.remoteId]);
    expect(await outcomes(delivery)).to.deep.equal([['published', 'posted_by_person']]);
    expect(await claim(world)).to.deep.equal([]);
    expect((await lastLine(delivery)).said).to.equal(`Ida has found the post and gave its link: ${link.url}`);
  });

  it('sends it again, with a whole grace, only when a person says that it is not there', async () => {
    const delivery = await inDoubt();
    world.clock.advance(50 * hour);
    await decide(delivery, 'not-posted');
    expect(await now(delivery)).to.include({ state: 'scheduled', outcome: null, pointOfNoReturnAt: null });
    expect(await lastLine(delivery)).to.deep.equal({
      by: world.actor.id,
      said: 'Ida has looked and confirmed by typing that it is not there. It is sent again as a new try.',
    });
    world.network.advance = (_delivery, attempt) =>
      attempt.pointOfNoReturnAt === null ? commit() : { kind: 'published', remoteIds: ['2'] };
    await runDue(world);

    expect(await now(delivery)).to.include({ state: 'published' });
    expect(await outcomes(delivery)).to.deep.equal([
      ['superseded', 'not_posted_by_person'],
      ['published', null],
    ]);
  });

  it('does not take it that it is not there while parts of it may still arrive: for 75 minutes after the last was begun', async () => {
    const delivery = await inDoubt();
    world.clock.advance(1.25 * hour - 1);
    expect(await offered(delivery)).to.deep.equal(['check-again', 'posted', 'drop']);
    const refusal = await caught(ConflictError, decide(delivery, 'not-posted'));
    expect(refusal.message).to.equal('It may still be on its way, so nobody can know yet that it is not there.');
    expect(await now(delivery)).to.include({ state: 'needs-attention' });
    expect(await outcomes(delivery)).to.deep.equal([['open', null]]);
    world.clock.advance(1);
    expect(await offered(delivery)).to.deep.equal(['check-again', 'posted', 'not-posted', 'drop']);
    await decide(delivery, 'not-posted');
    expect(await now(delivery)).to.include({ state: 'scheduled' });
  });

  it('nor right after the post ended three workers: one of them may have sent the last part', async () => {
    const delivery = await schedule(world);
    world.network.advance = (_delivery, attempt) => {
      if (attempt.pointOfNoReturnAt === null) return commit();
      throw new Error('The worker dies here.');
    };
    await runDue(world);
    await db().knex('jobs').update({ deaths: 3, run_at: world.clock.now() });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention', outcomeCode: 'poison' });
    expect(await offered(delivery)).to.deep.equal(['check-again', 'posted', 'drop']);
  });

  it('drops what may have been posted without claiming that it was not: its attempt stays open', async () => {
    const delivery = await inDoubt();
    await decide(delivery, 'drop');
    const dropped = await now(delivery);
    expect(dropped).to.include({ state: 'cancelled', outcomeCode: 'dropped' });
    expect(dropped.outcome).to.include({ mayBePosted: true });
    expect(await lastLine(delivery)).to.deep.equal({
      by: world.actor.id,
      said: 'Dropped by Ida. Nobody knows whether it was posted.',
    });
    expect(await outcomes(delivery)).to.deep.equal([['open', null]]);
    expect(await claim(world)).to.deep.equal([]);
    expect(decisionsAbout(dropped, world.clock.now()).size).to.equal(0);
  });

  it('drops what was certainly not posted, and offers nothing to find out about it', async () => {
    const delivery = await schedule(world);
    world.network.advance = () => ({ kind: 'needs-attention', because, mayBePosted: false });
    await runDue(world);
    expect(await offered(delivery)).to.deep.equal(['drop']);
    const refusal = await caught(ConflictError, decide(delivery, 'not-posted'));
    expect(refusal.message).to.equal('This was certainly not posted, so there is nothing to find out.');
    await decide(delivery, 'drop');
    expect(await now(delivery)).to.include({ state: 'cancelled' });
    expect((await now(delivery)).outcome).to.include({ mayBePosted: false });
  });

  it('gives up what failed on request, and only that', async () => {
    const delivery = await schedule(world);
    world.network.advance = () => ({ kind: 'failed', because });
    await caught(ConflictError, world.desk.dismiss(act(delivery)));
    await runDue(world);
    await world.desk.dismiss(act(delivery));
    expect(await now(delivery)).to.include({ state: 'cancelled', outcomeCode: 'dropped' });
    expect((await lastLine(delivery)).said).to.equal('Dropped by Ida. It was not posted.');
    await caught(ConflictError, world.desk.dismiss(act(delivery)));
  });

  it('offers no look where nothing was ever sent to its end', async () => {
    const delivery = await schedule(world);
    world.network.advance = () => attention;
    await runDue(world);
    expect(await offered(delivery)).to.deep.equal(['posted', 'not-posted', 'drop']);
    const refusal = await caught(ConflictError, decide(delivery, 'check-again'));
    expect(refusal.message).to.equal('There is nothing to ask the network about.');
    await decide(delivery, 'not-posted');
    expect(await now(delivery)).to.include({ state: 'scheduled' });
  });

  it('lets the first of several people decide: the others are refused, and nothing is sent twice (20 races)', async () => {
    for (let race = 0; race < 20; race += 1) {
      const delivery = await inDoubt();
      world.clock.advance(2 * hour);
      const decisions: readonly Decision[] = [
        { kind: 'not-posted' },
        { kind: 'drop' },
        { ...link, remoteId: String(race) },
        { kind: 'check-again' },
      ];
      const ended = await Promise.allSettled(decisions.map((decision) => world.desk.decide(act(delivery), decision)));
      const refusals = ended.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
      expect(refusals, `race ${race}`).to.have.lengthOf(3);
      for (const refusal of refusals) expect(refusal).to.be.instanceOf(ConflictError);
      expect((await attemptsOf(world, delivery)).filter((row) => row['outcome'] === 'open').length).to.be.at.most(1);
      await db().knex('jobs').delete();
    }
  });

  it('refuses every decision once it is decided, and for another team', async () => {
    const delivery = await inDoubt();
    await decide(delivery, 'drop');
    const before = await jobOf(world, delivery);
    for (const kind of ['check-again', 'not-posted', 'drop'] as const) {
      const refusal = await caught(ConflictError, decide(delivery, kind));
      expect(refusal).to.include({ message: 'This no longer waits for a decision: it is cancelled.' });
    }
    await caught(ConflictError, world.desk.decide(act(delivery), link));
    const strange = { ...act(delivery), teamId: world.teamId + 1 };
    await caught(NotFoundError, world.desk.decide(strange, { kind: 'drop' }));
    await caught(NotFoundError, world.desk.dismiss(strange));
    expect(await jobOf(world, delivery)).to.deep.equal(before);
  });

  it('sends nothing to a channel that is disconnected, and asks nothing there', async () => {
    const delivery = await inDoubt();
    world.clock.advance(2 * hour);
    await db().knex('channels').where({ id: delivery.channelId }).update({ disconnected_at: 1 });
    await caught(ConflictError, decide(delivery, 'not-posted'));
    await caught(ConflictError, decide(delivery, 'check-again'));
    expect(await now(delivery)).to.include({ state: 'needs-attention' });
    expect(await outcomes(delivery)).to.deep.equal([['open', null]]);
    await world.desk.decide(act(delivery), link);
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  describe('while it waits for that', () => {
    const calls = async (delivery: Delivery, step: Step): Promise<void> => {
      const [attempt] = await attemptsOf(world, delivery);
      world.network.advance = (_delivery: PublishingDelivery, given) => {
        expect(given).to.include({ askedAgainAt: world.clock.now() });
        return step;
      };
      await createPluginDeliveries('fake', world).wake(String(attempt?.['reference']));
      await runDue(world);
    };

    it('learns what became of it when the network calls: published, or refused', async () => {
      const published = await inDoubt();
      await calls(published, { kind: 'published', remoteIds: ['1'] });
      expect(await now(published)).to.include({ state: 'published', outcome: null });
      const failed = await inDoubt();
      await calls(failed, { kind: 'failed', because });
      expect(await now(failed)).to.include({ state: 'failed', outcomeCode: 'status_unknown' });
    });

    it('goes on waiting when the network calls and then knows nothing better', async () => {
      const delivery = await inDoubt();
      const before = await now(delivery);
      const lines = (await world.desk.timeline(world.teamId, delivery.id)).length;
      for (const step of [
        attention,
        commit(),
        { kind: 'wait', at: world.clock.now() + 1 },
        { kind: 'start-over', reason: 'expired_unposted', at: world.clock.now() },
      ] as const satisfies readonly Step[]) {
        await calls(delivery, step);
        expect(await now(delivery), step.kind).to.deep.equal(before);
        expect(await jobOf(world, delivery), step.kind).to.include({ state: 'finished' });
      }
      expect(await world.desk.timeline(world.teamId, delivery.id)).to.have.lengthOf(lines);
      expect(await outcomes(delivery)).to.deep.equal([['open', null]]);
    });

    it('obeys the person who decides while the network is being asked', async () => {
      const delivery = await inDoubt();
      const [attempt] = await attemptsOf(world, delivery);
      await createPluginDeliveries('fake', world).wake(String(attempt?.['reference']));
      world.network.advance = async () => {
        await decide(delivery, 'drop');
        return { kind: 'published', remoteIds: ['1'] };
      };
      await run(world, await claim(world));
      expect(await now(delivery)).to.include({ state: 'cancelled', outcomeCode: 'dropped' });
    });
  });
});
