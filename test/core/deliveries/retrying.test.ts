import { expect } from 'chai';
import { type Explanation, RemoteError, type Step } from '#plugin-api';
import type { Delivery } from '../../../core/deliveries/delivery.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createEngineWorld, type EngineWorld, runDue, schedule } from '../../support/engine-world.ts';

const hour = 3_600_000;
const because: Explanation = { sentence: 'It refused.', who: 'network', nextStep: 'Look.', code: 'refused' };

onEachDatabase('A person has it tried again', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);

  const failed = async (): Promise<Delivery> => {
    const delivery = await schedule(world);
    const steps: Step[] = [
      { kind: 'start-over', reason: 'internal', at: world.clock.now() },
      { kind: 'failed', because },
    ];
    world.network.advance = () => steps.shift() ?? { kind: 'failed', because };
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'failed' });
    return delivery;
  };

  it('what was tried before does not count: the plugin is told of later attempts only', async () => {
    const delivery = await failed();
    await world.desk.retry(world.actor, world.teamId, delivery.id);
    const startOver: Step = { kind: 'start-over', reason: 'internal', at: world.clock.now() };
    const steps: Step[] = [startOver, { kind: 'published', remoteIds: ['1'] }];
    world.network.advance = () => steps.shift() ?? startOver;
    await runDue(world);
    const earlier = world.network.calls.map(({ attempt }) => attempt.earlier.map(({ reason }) => reason));
    expect(earlier).to.deep.equal([[], ['internal'], [], ['internal']]);
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('also after a hundred tries before', async () => {
    const delivery = await failed();
    await db().knex('attempts').where({ delivery_id: delivery.id, n: 2 }).update({ n: 150 });
    await world.desk.retry(world.actor, world.teamId, delivery.id);
    world.network.advance = () => ({ kind: 'published', remoteIds: ['1'] });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('the plugin still is not told of them after it had to wait', async () => {
    const delivery = await failed();
    await world.desk.retry(world.actor, world.teamId, delivery.id);
    world.network.advance = () => {
      throw new RemoteError({ kind: 'temporary', explanation: because });
    };
    await runDue(world);
    world.clock.advance(hour);
    await runDue(world);
    expect(world.network.calls.at(-1)?.attempt.earlier).to.deep.equal([]);
  });
});
