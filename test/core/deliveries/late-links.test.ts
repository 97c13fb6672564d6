import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { PluginDeliveries, Step } from '#plugin-api';
import type { Delivery } from '../../../core/deliveries/delivery-desk.ts';
import { createPluginDeliveries } from '../../../core/deliveries/plugin-deliveries.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, addPost, claim, createEngineWorld, type EngineWorld } from '../../support/engine-world.ts';
import { jobOf, run, runDue, schedule } from '../../support/engine-world.ts';

const day = 24 * 3_600_000;
const link = { remoteId: '7678907398077074696', url: 'https://www.tiktok.com/@north/video/7678907398077074696' };

onEachDatabase('The link of a published post, found late', (db) => {
  let world: EngineWorld;
  let door: PluginDeliveries;
  let sentAt: number;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    door = createPluginDeliveries('fake', world);
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);
  const lines = async (delivery: Delivery): Promise<readonly string[]> =>
    (await world.desk.timeline(world.teamId, delivery.id)).map((event) => event.kind);

  /** A post with a clip of 34 seconds, published a minute after its last byte without an id. */
  const published = async (
    facts: { channelId?: number; reference?: string; end?: Partial<Extract<Step, { kind: 'published' }>> } = {},
  ): Promise<Delivery> => {
    const postId = await addPost(world, 'Cardamom buns #fika');
    const file = { team_id: world.teamId, file_name: 'buns.mp4', stored_name: randomBytes(8).toString('hex') };
    const measures = { kind: 'video', type: 'video/mp4', bytes: 1000, width: 1080, height: 1920, duration_ms: 34_120 };
    const [mediaId = 0] = await db()
      .knex('media')
      .insert({ ...file, ...measures, sha256: 'x', created_at: 0 });
    await db().knex('post_media').insert({ post_id: postId, media_id: mediaId, position: 0 });
    const { channelId, reference, end = { linkPending: true } } = facts;
    const delivery = await schedule(world, { postId, ...(channelId === undefined ? {} : { channelId }) });
    sentAt = world.clock.now();
    world.network.advance = (_delivery, attempt) =>
      attempt.pointOfNoReturnAt === null
        ? {
            ...{ kind: 'continue', stage: 'publishing', progress: null, at: sentAt + 60_000, pointOfNoReturn: true },
            ...(reference === undefined ? {} : { reference }),
          }
        : { kind: 'published', remoteIds: [], ...end };
    await runDue(world);
    world.clock.advance(60_000);
    await runDue(world);
    return now(delivery);
  };

  it('is asked for by what the network’s list can be compared with', async () => {
    const delivery = await published();
    const { posts } = await door.linkless(delivery.channelId);
    expect(posts).to.deep.equal([
      {
        deliveryId: delivery.id,
        caption: 'Cardamom buns #fika',
        durationMs: 34_120,
        sentAt,
        publishedAt: delivery.publishedAt,
      },
    ]);
  });

  it('goes to one of two posts that it is found for at once (10 races)', async () => {
    const { id: channelId } = await addChannel(world);
    for (let race = 0; race < 10; race += 1) {
      const remoteId = String(7_000 + race);
      const found = { remoteId, url: `https://www.tiktok.com/@north/video/${remoteId}` };
      const [first, second] = [await published({ channelId }), await published({ channelId })];
      await Promise.all([door.linkFound(first.id, found), door.linkFound(second.id, found)]);
      const links = [await now(first), await now(second)].map(({ url }) => url);
      expect(
        links.filter((url) => url === found.url),
        `race ${race}`,
      ).to.have.lengthOf(1);
    }
  });

  it('is kept with a line in the timeline, and nobody asks for it any more', async () => {
    const delivery = await published();
    await door.linkFound(delivery.id, link);
    expect(await now(delivery)).to.deep.include({ url: link.url, remoteIds: [link.remoteId], linkPending: false });
    expect((await lines(delivery)).at(-1)).to.equal('delivery.link');
    expect(await jobOf(world, delivery)).to.include({ state: 'finished' });
    expect((await door.linkless(delivery.channelId)).posts).to.deep.equal([]);
    await door.linkFound(delivery.id, { ...link, url: 'https://www.tiktok.com/@north/video/2' });
    expect(await now(delivery)).to.include({ url: link.url });
  });

  it('wins over a worker that is just asking for it', async () => {
    const delivery = await published();
    world.clock.advance(30_000);
    const jobs = await claim(world);
    await door.linkFound(delivery.id, link);
    await run(world, jobs);
    expect(await now(delivery)).to.include({ url: link.url, linkPending: false });
    expect(await jobOf(world, delivery)).to.include({ state: 'finished' });
  });

  it('belongs to one post of an account only, over all channels and teams', async () => {
    const channel = await addChannel(world);
    const [one, other] = [await published({ channelId: channel.id }), await published({ channelId: channel.id })];
    await door.linkFound(one.id, link);
    expect([...(await door.linkless(channel.id)).linkedIds]).to.deep.equal([link.remoteId]);
    await door.linkFound(other.id, link);
    expect(await now(other)).to.include({ url: null, linkPending: true });
    expect(await jobOf(world, other)).to.include({ state: 'waiting' });
  });

  it('may be what another delivery without a link was sent as, whatever became of that', async () => {
    const channel = await addChannel(world);
    const [sought, rival] = [await published({ channelId: channel.id }), await published({ channelId: channel.id })];
    await db().knex('deliveries').where({ id: rival.id }).update({ state: 'cancelled', published_at: null });
    await db().knex('attempts').where({ delivery_id: rival.id }).update({ outcome: 'open' });
    await schedule(world, { channelId: channel.id, inMs: day });
    const linked = await published({ channelId: channel.id });
    await door.linkFound(linked.id, link);
    const { posts, linkedIds } = await door.rivals(sought.id);
    expect([posts.map((post) => post.deliveryId), [...linkedIds]]).to.deep.equal([[rival.id], [link.remoteId]]);
    expect(posts[0]).to.include({ publishedAt: posts[0]?.sentAt, durationMs: 34_120 });
  });

  it('is not looked for in posts that are not published, have one, or are over 30 days old', async () => {
    const channel = await addChannel(world);
    await schedule(world, { channelId: channel.id, inMs: day });
    await published({ channelId: channel.id, end: { remoteIds: ['9'], url: 'https://example.org/9' } });
    expect((await door.linkless(channel.id)).posts).to.deep.equal([]);
    await published({ channelId: channel.id });
    world.clock.advance(31 * day);
    expect((await door.linkless(channel.id)).posts).to.deep.equal([]);
  });

  it('is taken for a post that was private when it was published, and says so no longer', async () => {
    const delivery = await published({ end: { noLinkBecause: 'No public link: it is private.' } });
    expect(delivery.outcomeCode).to.equal('no_public_link');
    await door.linkFound(delivery.id, link);
    expect(await now(delivery)).to.include({ url: link.url, outcomeCode: null });
  });

  it('is asked for once more when the network calls after the question was dropped', async () => {
    const delivery = await published({ reference: 'v_1' });
    for (let hours = 0; hours < 30; hours += 1) {
      world.clock.advance(day / 24);
      await runDue(world);
    }
    expect(await jobOf(world, delivery)).to.include({ state: 'finished' });
    const before = await lines(delivery);
    await door.wake('v_1');
    await runDue(world);
    expect(await now(delivery)).to.include({ url: null, linkPending: false });
    expect(await lines(delivery)).to.deep.equal(before);

    world.network.findLink = () => ({ found: true, remoteIds: [link.remoteId], url: link.url });
    await door.wake('v_1');
    await runDue(world);
    expect(await now(delivery)).to.include({ url: link.url, linkPending: false });
  });
});
