import { expect } from 'chai';
import { createSlotService, type SlotService } from '../../../core/slots/slot-service.ts';
import { replaceSlots } from '../../../core/slots/slot-store.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, addPost, createEngineWorld, type EngineWorld, schedule } from '../../support/engine-world.ts';
import { createTeam } from '../../support/factories.ts';

onEachDatabase('posting slots', (db) => {
  let world: EngineWorld;
  let slots: SlotService;
  /** A Saturday, half past twelve in Copenhagen. */
  const from = Date.UTC(2026, 10, 21, 11, 30);
  beforeEach(async () => {
    world = await createEngineWorld(db());
    slots = createSlotService({ db: db() });
  });

  const give = (channelId: number, ...times: readonly string[]) =>
    replaceSlots(
      db().knex,
      channelId,
      [6, 7].flatMap((weekday) => times.map((time) => ({ weekday, time }))),
    );
  const next = async (channelIds: readonly number[], count = 3) =>
    slots.nextFreeSlots({ teamId: world.teamId, channelIds, from, count });
  const dueAt = (channelId: number, at: number) => schedule(world, { channelId, inMs: at - world.clock.now() });
  const draft = async (channelId: number, planned: { planned_date: string; planned_time: string }) => {
    const postId = await addPost(world);
    await db().knex('posts').where({ id: postId }).update(planned);
    await schedule(world, { postId, channelId, inMs: null });
  };

  it('answers the next free slots of a channel, past what is due and what is planned in their minute.', async () => {
    const { id } = await addChannel(world);
    await give(id, '09:00', '18:00');
    await dueAt(id, Date.UTC(2026, 10, 21, 17, 0, 41));
    await draft(id, { planned_date: '2026-11-22', planned_time: '09:00' });
    await draft(id, { planned_date: '2026-11-22', planned_time: '' });
    const { byChannel, shared } = await next([id]);
    expect(byChannel.get(id)).to.deep.equal([
      { wall: '2026-11-22T18:00', at: Date.UTC(2026, 10, 22, 17) },
      { wall: '2026-11-28T09:00', at: Date.UTC(2026, 10, 28, 8) },
      { wall: '2026-11-28T18:00', at: Date.UTC(2026, 10, 28, 17) },
    ]);
    expect(shared).to.deep.equal(byChannel.get(id));
  });

  it('gives the slot of a cancelled and of a failed post to the next one.', async () => {
    const { id } = await addChannel(world);
    await give(id, '18:00');
    const at = Date.UTC(2026, 10, 21, 17);
    for (const state of ['cancelled', 'failed']) {
      const { id: deliveryId } = await dueAt(id, at);
      await db().knex('deliveries').where({ id: deliveryId }).update({ state });
    }
    expect((await next([id])).byChannel.get(id)?.[0]?.at).to.equal(at);
  });

  it('answers for one post to several channels only what is a slot of all and free at all of them.', async () => {
    const [one, other, without] = [await addChannel(world), await addChannel(world), await addChannel(world)];
    await give(one.id, '09:00', '18:00');
    await give(other.id, '18:00', '20:00');
    await dueAt(without.id, Date.UTC(2026, 10, 22, 17));
    const { byChannel, shared } = await next([one.id, other.id, without.id], 2);
    expect(shared.map(({ wall }) => wall)).to.deep.equal(['2026-11-21T18:00', '2026-11-28T18:00']);
    expect(byChannel.get(without.id)).to.deep.equal([]);
  });

  it('knows only the team’s own channels.', async () => {
    const { id } = await addChannel(world);
    await give(id, '18:00');
    const other = await createTeam(db());
    const answer = await slots.nextFreeSlots({ teamId: other.id, channelIds: [id], from, count: 1 });
    expect(answer).to.deep.equal({ byChannel: new Map(), shared: [] });
    expect((await slots.ofChannels(other.id, [id])).size).to.equal(0);
    expect((await slots.ofChannels(world.teamId, [id])).get(id)).to.deep.include({ weekday: 6, time: '18:00' });
  });

  it('asks three statements, however many channels there are.', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 12; n += 1) ids.push((await addChannel(world)).id);
    for (const id of ids) await give(id, '18:00');
    let asked = 0;
    const count = () => void (asked += 1);
    db().knex.on('query', count);
    await next(ids);
    db().knex.off('query', count);
    expect(asked).to.equal(3);
  });
});
