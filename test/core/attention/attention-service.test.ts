import { expect } from 'chai';
import { type AttentionService, createAttentionService } from '../../../core/attention/attention-service.ts';
import type { AttentionKey } from '../../../core/attention/attention.ts';
import { createChannelStore } from '../../../core/channels/channel-store.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, addPost, createEngineWorld, type EngineWorld, schedule } from '../../support/engine-world.ts';

const hour = 3_600_000;
const day = 24 * hour;

onEachDatabase('What needs a person', (db) => {
  let world: EngineWorld;
  let attention: AttentionService;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    attention = createAttentionService(world);
  });

  const add = async (state: string, inMs: number): Promise<number> => {
    const { id } = await schedule(world, { inMs });
    await db().knex('deliveries').where({ id }).update({ state });
    return id;
  };
  const page = async (limit: number, turn?: { readonly to: 'further' | 'back'; readonly from: AttentionKey }) => {
    const place = { teamId: world.teamId, limit, ...(turn === undefined ? {} : { turn }) };
    const { deliveries, before, further } = await attention.page(place);
    return { ids: deliveries.map(({ id }) => id), before, further };
  };
  const channels = () => createChannelStore(db()).list(world.teamId);

  it('is what only a person can decide, then what failed, the latest due first, and nothing of other teams', async () => {
    const oldFailure = await add('failed', -2 * hour);
    const decision = await add('needs-attention', -3 * hour);
    const failure = await add('failed', -hour);
    for (const state of ['draft', 'scheduled', 'publishing', 'processing', 'published', 'cancelled'])
      await add(state, 0);
    const other = await createEngineWorld(db());
    const theirs = await schedule(other);
    await db().knex('deliveries').where({ id: theirs.id }).update({ state: 'failed' });

    expect(await page(30)).to.deep.equal({ ids: [decision, failure, oldFailure], before: null, further: null });
    expect(await attention.counts(world.teamId, [])).to.deep.equal({ posts: 3, channels: 0 });
    expect(await attention.counts(other.teamId, [])).to.deep.equal({ posts: 1, channels: 0 });
  });

  it('is paged to its end and back, also where many are due at one moment', async () => {
    const all: number[] = [];
    for (let n = 0; n < 4; n += 1) all.unshift(await add('failed', 0));
    for (let n = 0; n < 5; n += 1) all.unshift(await add('needs-attention', 0));
    const seen: (readonly number[])[] = [];
    let { ids, before, further } = await page(2);
    expect(before).to.equal(null);
    seen.push(ids);
    while (further !== null) {
      ({ ids, before, further } = await page(2, { to: 'further', from: further }));
      seen.push(ids);
    }
    expect(seen.flat()).to.deep.equal(all);
    const back: (readonly number[])[] = [ids];
    while (before !== null) {
      ({ ids, before } = await page(2, { to: 'back', from: before }));
      back.unshift(ids);
    }
    expect(back.flat()).to.deep.equal(all);
  });

  it('shows each delivery of a post by itself, and only those that need somebody', async () => {
    const postId = await addPost(world);
    const one = await schedule(world, { postId });
    const other = await schedule(world, { postId });
    await db().knex('deliveries').where({ id: one.id }).update({ state: 'failed' });
    expect((await page(30)).ids).to.deep.equal([one.id]);
    await db().knex('deliveries').where({ id: other.id }).update({ state: 'needs-attention' });
    expect((await page(30)).ids).to.deep.equal([other.id, one.id]);
  });

  it('names channels that must be reconnected, then those whose access ends within 14 days, the soonest first', async () => {
    const ends = async (inMs: number): Promise<number> => {
      const { id, credentialId } = await addChannel(world);
      const refresh_expires_at = world.clock.now() + inMs;
      await db().knex('credentials').where({ id: credentialId }).update({ refresh_expires_at });
      return id;
    };
    await ends(14 * day + 1);
    const later = await ends(14 * day);
    const sooner = await ends(2 * day);
    const ended = await ends(-1);
    const over = await addChannel(world);
    await world.credentials.needsReconnect(over.credentialId);
    const gone = await ends(day);
    await db().knex('channels').where({ id: gone }).update({ disconnected_at: 1 });

    const found = await attention.channels(world.teamId, await channels());
    expect(found.map(({ channel, endsAt }) => [channel.id, endsAt])).to.deep.equal([
      [ended, null],
      [over.id, null],
      [sooner, world.clock.now() + 2 * day],
      [later, world.clock.now() + 14 * day],
    ]);
    expect(await attention.counts(world.teamId, await channels())).to.deep.equal({ posts: 0, channels: 4 });
  });
});
