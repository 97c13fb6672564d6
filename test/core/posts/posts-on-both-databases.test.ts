import { expect } from 'chai';
import { z } from 'zod';
import { createEventLog } from '../../../core/events/event-log.ts';
import { createMediaService } from '../../../core/media/media-service.ts';
import { createMediaStore } from '../../../core/media/media-store.ts';
import { loadPublishingWorks } from '../../../core/deliveries/publishing-store.ts';
import { createPostStore } from '../../../core/posts/post-store.ts';
import { pageOfPosts } from '../../../core/posts/post-page-store.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createTeam } from '../../support/factories.ts';
import { createChannel, fillForm, openPostsWorld, postIdIn } from './posts-world.ts';
import { silentLog } from '../../support/silent-log.ts';
import { trialsFrom } from '../../chaos/dice.ts';
import { rowsRead } from '../../support/rows-read.ts';

const pairs = trialsFrom('CHAOS_P4_TRIALS', 20);

onEachDatabase('posts', (db) => {
  it(`P4: makes one post of each of ${pairs} pairs of the same form sent at once.`, async function () {
    this.timeout(10_000 + pairs * 500);
    const world = await openPostsWorld({ db: db() });
    for (let pair = 1; pair <= pairs; pair += 1) {
      const { fields } = await fillForm(world);
      const send = () => world.browser.post(world.address, fields);
      const [one, other] = await Promise.all([send(), send()]);
      expect(postIdIn(one), `pair ${pair}`).to.equal(postIdIn(other));
    }
    for (const table of ['posts', 'deliveries', 'jobs']) {
      expect(await db().knex(table).select('id'), table).to.have.length(pairs);
    }
  });

  it('P15: lets one of two edits win that start from the same version at once.', async () => {
    const world = await openPostsWorld({ db: db() });
    for (let round = 0; round < 5; round += 1) {
      const { fields } = await fillForm(world);
      const postId = postIdIn(await world.browser.post(world.address, fields));
      const edits = ['One', 'Other'].map((caption) =>
        world.browser.post(`${world.address}/${postId}`, { ...fields, version: '1', caption }),
      );
      const answers = await Promise.all(edits);
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([303, 409]);
      const [delivery] = await world.desk.ofPost(world.team.id, postId);
      expect(delivery?.revision).to.equal(2);
    }
  });

  it('lets one win of scheduling a file and removing it at the same moment (20 races).', async () => {
    const world = await openPostsWorld({ db: db() });
    const { clock, t, team } = world;
    const library = createMediaService({
      ...{ store: createMediaStore(db()), dataDir: '/nowhere', clock, t, log: silentLog },
      events: createEventLog({ db: db(), clock }),
      isNeeded: (mediaId, sql) => world.desk.usingMedia(mediaId, sql),
    });
    for (let race = 0; race < 20; race += 1) {
      const { fields, video } = await fillForm(world);
      const removed = { isRefused: Promise.resolve(false) };
      // While the network is asked, the file is still there: somebody removes it between the check and the storing.
      Object.defineProperty(world.network, 'problems', {
        configurable: true,
        get: () => {
          const removal = library.remove({ id: world.editor.id, teamId: team.id }, video.id);
          removed.isRefused = removal.then(
            () => false,
            () => true,
          );
          return [];
        },
      });
      const { status } = await world.browser.post(world.address, fields);
      expect(status === 303, `race ${race}`).to.equal(await removed.isRefused);
    }
  });

  it('keeps captions in every script.', async () => {
    const world = await openPostsWorld({ db: db() });
    const channel = await createChannel(db(), { team: world.team });
    const caption = 'Zażółć 🥐👩‍👩‍👧 ภาษาไทย \u202e';
    const sent = { caption, channels: String(channel.id), act: 'draft' };
    const postId = postIdIn(await world.browser.post(world.address, sent));
    expect(await world.posts.find(world.team.id, postId)).to.include({ caption, state: 'draft' });
  });

  it('hands a worker the caption of the channel, or else of the post, and the chosen cover.', async () => {
    const world = await openPostsWorld({ db: db() });
    const other = await createChannel(db(), { team: world.team });
    const { fields, channel } = await fillForm(world, { [`options.${other.id}.audience`]: 'everyone' });
    const form = { ...fields, channels: [String(channel.id), String(other.id)] };
    const own = { [`captions.${channel.id}`]: 'Only here\r\n#rye', [`captions.${other.id}`]: ' ' };
    const postId = postIdIn(await world.browser.post(world.address, { ...form, ...own, cover: '20100' }));
    const seen = async () => {
      const ids = (await world.desk.ofPost(world.team.id, postId)).map(({ id }) => id);
      const works = await loadPublishingWorks(db().knex, ids, '/nowhere');
      const views = works.flatMap((work) => (work !== undefined && 'view' in work ? [work.view] : []));
      return new Map(views.map((view) => [view.channel.id, [view.caption, view.cover]]));
    };
    const shared = fields['caption'];
    expect([...(await seen())]).to.have.deep.members([
      [channel.id, ['Only here\n#rye', 20_100]],
      [other.id, [shared, 20_100]],
    ]);
    await world.browser.post(`${world.address}/${postId}`, { ...form, version: '1' }).expect(303);
    expect([...(await seen()).values()]).to.deep.equal([
      [shared, null],
      [shared, null],
    ]);
  });

  it('lists each post once with all of its deliveries, the first one made first, and with nothing of another team.', async () => {
    const world = await openPostsWorld({ db: db() });
    const [one, two] = [
      await createChannel(db(), { team: world.team }),
      await createChannel(db(), { team: world.team }),
    ];
    const foreign = await createChannel(db(), { team: await createTeam(db()) });
    const post = { team_id: world.team.id, nonce_body: 'x', created_at: 0, updated_at: 5, state: 'scheduled' };
    const [first = 0] = await db()
      .knex('posts')
      .insert({ ...post, caption: 'Rye, folded', nonce: 'a' });
    await db()
      .knex('posts')
      .insert({ ...post, caption: 'Nowhere yet', nonce: 'b', state: 'draft', updated_at: 4 });
    const delivery = { team_id: world.team.id, post_id: first, options: '{}', state: 'scheduled', due_at: 7 };
    for (const channel of [two, foreign, one]) {
      await db()
        .knex('deliveries')
        .insert({ ...delivery, channel_id: channel.id, plugin: 'stub', updated_at: 0 });
    }
    const { posts } = await createPostStore(db()).page({ teamId: world.team.id, state: undefined, limit: 5 });
    expect(
      posts.map(({ caption, deliveries }) => [caption, deliveries.map(({ channel }) => channel?.id)]),
    ).to.deep.equal([
      ['Rye, folded', [two.id, undefined, one.id]],
      ['Nowhere yet', []],
    ]);
    expect(posts[0]?.deliveries[0]).to.include({ state: 'scheduled', at: 7, channelId: two.id, percent: null });
  });

  it('keeps the date and time of a draft as typed, and none of a post that is due.', async () => {
    const world = await openPostsWorld({ db: db() });
    const { fields } = await fillForm(world);
    const saved = { ...fields, act: 'draft', date: '2020-02-31', time: '' };
    const postId = postIdIn(await world.browser.post(world.address, saved));
    const find = () => world.posts.find(world.team.id, postId);
    const typed = { date: '', time: '', when: 'schedule' };
    expect(await find()).to.deep.include({ state: 'draft', dueAt: null, planned: { ...typed, date: '2020-02-31' } });
    const at = `${world.address}/${postId}`;
    await world.browser.post(at, { ...saved, version: '1', date: '', time: 'half 9 \u{1F950}' }).expect(303);
    expect((await find()).planned).to.deep.equal({ ...typed, time: 'half 9 \u{1F950}' });
    const columns = () =>
      db().knex('posts').where({ id: postId }).first('planned_date', 'planned_time', 'planned_when');
    expect(await columns()).to.deep.equal({
      planned_date: null,
      planned_time: 'half 9 \u{1F950}',
      planned_when: 'schedule',
    });
    await world.browser.post(at, { ...fields, version: '2' }).expect(303);
    expect(await find()).to.include({ state: 'scheduled', dueAt: Date.UTC(2026, 10, 22, 8, 30) });
    expect(await columns()).to.deep.equal({ planned_date: null, planned_time: null, planned_when: null });
  });

  it('reads no more of the index than the page is long, however deep it stands.', async () => {
    const { id: teamId } = await createTeam(db());
    const rows = Array.from({ length: 3_000 }, (_, n) => ({
      ...{ team_id: teamId, caption: 'x', nonce: String(n), nonce_body: 'x', created_at: 0 },
      ...{ updated_at: 1_000 + Math.floor(n / 3), state: 'draft' },
    }));
    await db().knex.batchInsert('posts', rows, 500);
    const [lowest] = z.array(z.object({ id: z.int() })).parse(await db().knex('posts').min({ id: 'id' }));
    const middle = { at: 1_500, id: (lowest?.id ?? 0) + 1_501 };
    await db().transaction(async (sql) => {
      for (const state of [undefined, 'draft'] as const) {
        const before = await rowsRead({ knex: sql, kind: db().kind });
        const page = await pageOfPosts({ knex: sql, kind: db().kind }, { teamId, state, limit: 50, before: middle });
        expect(page.posts[0]?.id).to.equal(middle.id - 1);
        expect(page.posts).to.have.length(50);
        const read = (await rowsRead({ knex: sql, kind: db().kind })) - before;
        // SHOW STATUS itself reads a few rows of a table in memory.
        if (db().kind === 'mysql') expect(read, String(state)).to.be.below(6 * 50);
      }
    });
  });
});
