import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { createListHead } from '../../../core/posts/list-head.ts';
import { createPostStore } from '../../../core/posts/post-store.ts';
import { createTestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createTeam } from '../../support/factories.ts';
import { fillForm, signInAs } from '../posts/posts-world.ts';
import { type BatchesWorld, makeTable, openBatchesWorld } from './batches-world.ts';

describe('batches in the list of posts', () => {
  let world: BatchesWorld;
  beforeEach(async () => {
    world = await openBatchesWorld();
  });
  afterEach(() => world.close());

  const show = async (query = '') => parse((await world.browser.get(`${world.address}${query}`).expect(200)).text);

  it('stand with each post that came from one, which leads to the posts of that batch alone and to its table', async () => {
    const table = await makeTable(world, 2);
    await world.browser.post(world.address, (await fillForm(world)).fields).expect(303);
    const page = await show();
    expect(page.querySelectorAll('tbody')).to.have.lengthOf(3);
    const links = page.querySelectorAll('tbody a[href*="batch="]');
    expect(links.map(({ text }) => text)).to.deep.equal(['Batch of 21 Nov · 2 posts', 'Batch of 21 Nov · 2 posts']);
    const only = await show(`?batch=${table.id}`);
    const shown = only.querySelectorAll('tbody').map((post) => Number(post.getAttribute('data-post')));
    expect(shown).to.have.members([...table.postIds]);
    expect(only.querySelector('[data-batch] h2')?.text).to.equal('Batch of 21 Nov · 2 posts');
    expect(only.querySelector('[data-batch] a')?.getAttribute('href')).to.equal(table.address);
    const drafts = await show(`?batch=${table.id}&state=scheduled`);
    expect(drafts.querySelectorAll('tbody')).to.deep.equal([]);
  });

  it('are offered to editors as long as they have drafts', async () => {
    const [first, second] = [await makeTable(world, 1), await makeTable(world, 1)];
    const offered = (page: Awaited<ReturnType<typeof show>>) =>
      page.querySelectorAll('[data-unfinished] a').map((link) => link.getAttribute('href'));
    expect(offered(await show())).to.deep.equal([second.address, first.address]);
    await world.db.knex('posts').whereIn('id', second.postIds).update({ state: 'scheduled' });
    expect(offered(await show())).to.deep.equal([first.address]);
    const viewer = await signInAs(world, 'viewer');
    expect(offered(parse((await viewer.get(world.address)).text))).to.deep.equal([]);
  });

  it('S1: of another team are not there', async () => {
    const { id } = await makeTable(world, 1);
    const other = await createTeam(world.db);
    const foreign = await signInAs(world, 'owner', other);
    await foreign.get(`/team/${other.id}/posts?batch=${id}`).expect(404);
    expect((await foreign.get(`/team/${other.id}/posts`)).text).not.to.contain('data-unfinished');
  });
});

onEachDatabase('A batch of which there is nothing but its posts', (db) => {
  it('is summed up, and its posts come in pages in both directions', async () => {
    const team = await createTeam(db());
    const made: unknown = await db()
      .knex('batches')
      .insert({ team_id: team.id, created_at: 5, filled_at: 5, options: '{"channelIds":[],"typed":[]}' });
    const id = Array.isArray(made) ? Number(made[0]) : 0;
    const row = { team_id: team.id, caption: '', nonce_body: 'x', created_at: 0, state: 'draft' };
    const rows = Array.from({ length: 5 }, (_, n) => ({
      ...{ ...row, nonce: `${team.id}-${n}`, updated_at: n, batch_id: n === 2 ? null : id, batch_place: n },
    }));
    await db().knex('posts').insert(rows);
    const readHead = createListHead({ db: db(), clock: createTestClock() });
    const summary = { id, createdAt: 5, posts: 4 };
    const asked = { teamId: team.id, limit: 10, batchIds: [id, 999_999], asksForUnfinished: true };
    const { known, unfinished } = await readHead(asked);
    expect([[...known], unfinished]).to.deep.equal([[[id, summary]], [summary]]);
    const nothing = await readHead({ ...asked, batchIds: [], asksForUnfinished: false });
    expect([nothing.known.size, nothing.unfinished]).to.deep.equal([0, []]);
    const other = await createTeam(db());
    const foreign = await readHead({ ...asked, teamId: other.id });
    expect([foreign.known.size, foreign.unfinished]).to.deep.equal([0, []]);
    const store = createPostStore(db());
    const place = { teamId: team.id, state: undefined, batchId: id, limit: 3 };
    const newest = await store.page(place);
    expect(newest.posts.map(({ updatedAt }) => updatedAt)).to.deep.equal([4, 3, 1]);
    const older = await store.page({ ...place, ...(newest.older === null ? {} : { before: newest.older }) });
    expect(older.posts.map(({ updatedAt }) => updatedAt)).to.deep.equal([0]);
    const back = await store.page({ ...place, ...(older.newer === null ? {} : { after: older.newer }) });
    expect(back.posts.map(({ updatedAt }) => updatedAt)).to.deep.equal([4, 3, 1]);
  });
});
