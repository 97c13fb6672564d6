import { expect } from 'chai';
import type { Delivery } from '../../../core/deliveries/delivery-desk.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  claim,
  createEngineWorld,
  type EngineWorld,
  jobOf,
  run,
  runDue,
  schedule,
} from '../../support/engine-world.ts';

const hour = 3_600_000;

onEachDatabase('Waking what waits', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);

  it('lets deliveries of a paused channel wait, and resuming wakes them', async () => {
    const channel = await addChannel(world);
    const delivery = await schedule(world, { channelId: channel.id });
    await db().knex('channels').where({ id: channel.id }).update({ is_paused: true });
    await runDue(world);
    expect(world.network.calls).to.have.lengthOf(0);
    await db().knex('channels').where({ id: channel.id }).update({ is_paused: false });
    await world.desk.wakeChannel(channel.id);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
  });

  it('goes on at once when its channel was resumed while a worker was just finding it paused', async () => {
    const channel = await addChannel(world);
    const delivery = await schedule(world, { channelId: channel.id });
    await db().knex('channels').where({ id: channel.id }).update({ is_paused: true });
    const jobs = await claim(world);
    await world.desk.wakeChannel(channel.id);
    await run(world, jobs);
    expect(world.network.calls).to.have.lengthOf(0);
    await db().knex('channels').where({ id: channel.id }).update({ is_paused: false });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
    expect(await claim(world), 'a wake is good for one look').to.deep.equal([]);
  });

  it('lets no wake pass by a worker that is just handing its job back (20 races)', async () => {
    for (let race = 0; race < 20; race += 1) {
      const delivery = await schedule(world);
      await db().knex('channels').where({ id: delivery.channelId }).update({ is_paused: true });
      const jobs = await claim(world);
      await Promise.all([run(world, jobs), world.desk.wakeChannel(delivery.channelId)]);
      expect(await jobOf(world, delivery), `race ${race}`).to.include({ state: 'waiting', run_at: world.clock.now() });
      await db().transaction((sql) => world.desk.remove(world.teamId, delivery.id, sql));
    }
  });

  it('wakes with its channel what becomes due within the minute, and leaves later ones where they are', async () => {
    const channel = await addChannel(world);
    const soon = await schedule(world, { channelId: channel.id, inMs: 1_000 });
    const later = await schedule(world, { channelId: channel.id, inMs: hour });
    const dueAt = world.clock.now() + 1_000;
    await world.desk.wakeChannel(channel.id);
    expect(await jobOf(world, soon)).to.include({ run_at: world.clock.now() });
    expect(await jobOf(world, later)).to.include({ run_at: world.clock.now() + hour });
    await runDue(world);
    expect(world.network.calls, 'never early').to.have.lengthOf(0);
    expect(await jobOf(world, soon)).to.include({ run_at: dueAt });
  });
});
