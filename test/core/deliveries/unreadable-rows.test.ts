import { expect } from 'chai';
import type { Explanation, Step } from '#plugin-api';
import type { Delivery } from '../../../core/deliveries/delivery.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  attemptsOf,
  createEngineWorld,
  type EngineWorld,
  jobOf,
  runDue,
  schedule,
} from '../../support/engine-world.ts';
import { createMember } from '../../support/factories.ts';

const because: Explanation = { sentence: 'It forgot.', who: 'network', nextStep: 'Look.', code: 'status_unknown' };
const broken = '{"privacy": "ever';

onEachDatabase('A row that cannot be read any more', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    await createMember(db(), { team: { id: world.teamId }, role: 'owner', name: 'owner' });
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);
  const payloadIs = (delivery: Delivery, payload: string) =>
    db()
      .knex('jobs')
      .where({ key: String(delivery.id) })
      .update({ payload });
  const lookTimes = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      world.clock.advance(6 * 60_000);
      await runDue(world);
    }
  };
  const told = async () => db().knex('notifications').select('kind', 'subject_id');
  const committed = async (): Promise<Delivery> => {
    const delivery = await schedule(world);
    world.network.advance = (_delivery, attempt): Step => {
      if (attempt.pointOfNoReturnAt !== null) return { kind: 'needs-attention', because, mayBePosted: true };
      const at = world.clock.now() + 1_000;
      return { kind: 'continue', stage: 'publishing', progress: null, at, pointOfNoReturn: true, reference: 'r' };
    };
    await runDue(world);
    return delivery;
  };

  it('ends its delivery as failed after ten tries, with a reason and a next step, and the team is told', async () => {
    const delivery = await schedule(world);
    await db().knex('deliveries').where({ id: delivery.id }).update({ options: broken });
    await lookTimes(9);
    expect(await jobOf(world, delivery)).to.include({ state: 'waiting', failures: 9 });
    await lookTimes(1);
    const failed = await now(delivery);
    expect(failed).to.include({ state: 'failed', outcomeCode: 'unreadable' });
    expect(failed.outcome).to.include({ who: 'admin', mayBePosted: false });
    expect(failed.outcome?.sentence).to.equal('What is stored about this post cannot be read, so it was stopped.');
    expect(failed.outcome?.nextStep).to.match(/admin.*log/u);
    expect((await world.desk.timeline(world.teamId, delivery.id)).at(-1)?.kind).to.equal('delivery.failed');
    expect(await told()).to.deep.equal([{ kind: 'delivery-failed', subject_id: delivery.id }]);
    expect(await jobOf(world, delivery)).to.include({ state: 'finished' });
    expect(world.network.calls).to.deep.equal([]);
  });

  it('ends it after ten tries, too, when it is the sealed note of an attempt', async () => {
    const delivery = await schedule(world);
    world.network.advance = () => ({
      kind: 'continue',
      stage: 'publishing',
      progress: 'x',
      at: world.clock.now() + 1_000,
    });
    await runDue(world);
    await db().knex('attempts').where({ delivery_id: delivery.id }).update({ progress: 'v1.not.sealed' });
    await lookTimes(9);
    expect(await jobOf(world, delivery)).to.include({ state: 'waiting', failures: 9 });
    await lookTimes(1);
    expect(await now(delivery)).to.include({ state: 'failed', outcomeCode: 'software_error' });
    expect(world.network.calls).to.have.lengthOf(1);
  });

  it('stops no other post, and is forgotten when a person has it tried again', async () => {
    const [first, second] = [await schedule(world), await schedule(world)];
    await payloadIs(first, broken);
    await runDue(world);
    expect(await now(second)).to.include({ state: 'published' });
    await lookTimes(9);
    expect(await now(first)).to.include({ state: 'failed', outcomeCode: 'unreadable' });
    await world.desk.retry(world.actor, world.teamId, first.id);
    await runDue(world);
    expect(await now(first)).to.include({ state: 'published' });
  });

  it('goes on when it can be read again before that', async () => {
    const delivery = await schedule(world);
    await payloadIs(delivery, '{"looks":"many"}');
    await lookTimes(9);
    await payloadIs(delivery, '{}');
    await lookTimes(1);
    expect(await now(delivery)).to.include({ state: 'published', outcome: null });
  });

  it('asks a person past the point of no return: the attempt stays open, and it may have been posted', async () => {
    const delivery = await committed();
    await payloadIs(delivery, broken);
    await lookTimes(10);
    const waiting = await now(delivery);
    expect(waiting).to.include({ state: 'needs-attention', outcomeCode: 'unreadable' });
    expect(waiting.outcome).to.include({ mayBePosted: true });
    expect((await attemptsOf(world, delivery)).map((row) => row['outcome'])).to.deep.equal(['open']);
    expect(await told()).to.deep.equal([{ kind: 'delivery-needs-attention', subject_id: delivery.id }]);
  });

  it('leaves as it is what waits for a person, or is published: only the look for more ends', async () => {
    const waiting = await committed();
    await lookTimes(1);
    const published = await schedule(world);
    world.network.advance = () => ({ kind: 'published', remoteIds: [], linkPending: true });
    await runDue(world);
    for (const delivery of [waiting, published]) {
      await payloadIs(delivery, broken);
      await db()
        .knex('jobs')
        .where({ key: String(delivery.id) })
        .update({ state: 'waiting', run_at: 0 });
    }
    await lookTimes(10);
    expect(await now(waiting)).to.include({ state: 'needs-attention', outcomeCode: 'status_unknown' });
    expect(await now(published)).to.include({ state: 'published', linkPending: false, outcome: null });
    for (const delivery of [waiting, published]) {
      expect(await jobOf(world, delivery)).to.include({ state: 'finished' });
    }
  });
});
