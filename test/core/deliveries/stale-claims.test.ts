import { expect } from 'chai';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  attemptsOf,
  claim,
  createEngineWorld,
  type EngineWorld,
  run,
  runDue,
  schedule,
} from '../../support/engine-world.ts';

onEachDatabase('A worker that has lost its claim', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  /** As when its lease ends: somebody else may claim it. */
  const release = () => db().knex('jobs').update({ state: 'waiting', lease_owner: null, lease_until: null });

  it('gives up no attempt of whoever holds the claim now, and asks the network nothing', async () => {
    const delivery = await schedule(world);
    const stale = await claim(world, 'worker-a');
    await release();
    world.network.advance = () => ({ kind: 'continue', stage: 'publishing', progress: 'b', at: Infinity });
    await run(world, await claim(world, 'worker-b'));
    const { credentialId } = await addChannel(world);
    await db().knex('channels').where({ id: delivery.channelId }).update({ credential_id: credentialId });

    await run(world, stale);

    expect(world.network.calls).to.have.lengthOf(1);
    expect((await attemptsOf(world, delivery)).map((row) => row['outcome'])).to.deep.equal(['open']);
  });

  it('begins no attempt, and asks the network nothing', async () => {
    const delivery = await schedule(world);
    const stale = await claim(world, 'worker-a');
    await world.desk.cancel(world.actor, world.teamId, delivery.id);
    await db().knex('deliveries').update({ state: 'scheduled' });
    await run(world, stale);
    expect(world.network.calls).to.have.lengthOf(0);
    expect(await attemptsOf(world, delivery)).to.have.lengthOf(0);
  });

  it('leaves no open attempt behind a cancel at the same moment (20 races)', async () => {
    for (let race = 0; race < 20; race += 1) {
      const delivery = await schedule(world);
      world.network.advance = () => ({ kind: 'continue', stage: 'publishing', progress: null, at: Infinity });
      await Promise.all([runDue(world), world.desk.cancel(world.actor, world.teamId, delivery.id)]);
      const open = (await attemptsOf(world, delivery)).filter((row) => row['outcome'] === 'open');
      expect(open, `race ${race}`).to.deep.equal([]);
    }
  });
});
