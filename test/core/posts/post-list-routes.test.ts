import { expect } from 'chai';
import { createCalendarStore } from '../../../core/calendar/calendar-store.ts';
import { createTeam } from '../../support/factories.ts';
import { createPostStore } from '../../../core/posts/post-store.ts';
import { createChannel, fillForm, openPostsWorld, type PostsWorld } from './posts-world.ts';

describe('the list of posts', () => {
  let world: PostsWorld;
  beforeEach(async () => {
    world = await openPostsWorld();
  });
  afterEach(() => world.close());

  const show = async (query = '') => (await world.browser.get(`${world.address}${query}`).expect(200)).text;
  /** Posts without deliveries, the later ones changed later, three of each moment. */
  const addPosts = async (count: number, facts: { readonly teamId?: number; readonly state?: string } = {}) => {
    const rows = Array.from({ length: count }, (_, n) => ({
      team_id: facts.teamId ?? world.team.id,
      caption: `Post number ${n}.`,
      nonce: `${facts.teamId ?? 0}-${facts.state ?? ''}-${n}`,
      nonce_body: 'x',
      created_at: 0,
      updated_at: 1_000 + Math.floor(n / 3),
      state: facts.state ?? 'draft',
    }));
    await world.db.knex.batchInsert('posts', rows, 100);
  };
  const captions = (page: string) => [...page.matchAll(/Post number (\d+)\./g)].map(([, n]) => Number(n));

  it('says what belongs here while there is nothing.', async () => {
    expect(await show())
      .to.contain('No posts yet')
      .and.to.contain(`href="${world.address}/new"`);
    expect(await show('?state=failed')).to.contain('No posts are failed');
  });

  it('shows a row for each delivery, those of one post together.', async () => {
    const added = await createChannel(world.db, { team: world.team });
    const { channel, fields } = await fillForm(world, { [`options.${added.id}.audience`]: 'everyone' });
    await world.browser
      .post(world.address, { ...fields, channels: [String(channel.id), String(added.id)] })
      .expect(303);
    const page = await show();
    for (const { id } of [channel, added])
      expect(page).to.match(new RegExp(`<tr data-delivery="\\d+" data-channel="${id}" data-state="scheduled"`));
    expect(page).to.contain('Saffron buns, batch one').and.to.contain('22 Nov, 09:30');
    expect(page.match(/<tbody/g)).to.have.length(1);
  });

  it('filters by state and counts each.', async () => {
    await addPosts(2);
    await addPosts(3, { state: 'failed' });
    const page = await show('?state=failed');
    expect(captions(page)).to.have.length(3);
    expect(page)
      .to.match(/aria-current="true">Failed <span class="n">3</)
      .and.to.match(/>Draft <span class="n">2</)
      .and.to.match(/>All <span class="n">5</);
  });

  it('stops counting at a thousand.', async () => {
    await addPosts(1_005);
    expect(await show()).to.contain('1,000+');
  });

  it('pages by key in both directions: every post once, none twice.', async () => {
    await addPosts(125);
    const seen: number[] = [];
    let page = await show();
    const pages = [captions(page)];
    for (let next = older(page); next !== undefined; next = older(page)) {
      page = await show(next);
      pages.push(captions(page));
    }
    for (const numbers of pages) seen.push(...numbers);
    expect(pages.map(({ length }) => length)).to.deep.equal([50, 50, 25]);
    expect(seen).to.deep.equal(Array.from({ length: 125 }, (_, n) => 124 - n));
    page = await show(newer(page) ?? '');
    expect(captions(page)).to.deep.equal(pages[1]);
    page = await show(newer(page) ?? '');
    expect(captions(page)).to.deep.equal(pages[0]);
    expect(newer(page)).to.equal(undefined);
  });

  it('S1: shows no post of another team, whatever key is asked for.', async () => {
    const other = await createTeam(world.db);
    await addPosts(3, { teamId: other.id });
    for (const query of [
      '',
      '?before=9999.9999',
      '?after=0.1',
      '?state=draft',
      '?before=x',
      '?state=sleeping&after=1.1',
    ])
      expect(captions(await show(query)), query).to.deep.equal([]);
  });

  it('asks the index alone for a page in the middle.', async () => {
    const store = createPostStore(world.db);
    await addPosts(300);
    const queries: { sql: string; bindings: (string | number)[] }[] = [];
    world.db.knex.on('query', (query: { sql: string; bindings: (string | number)[] }) => void queries.push(query));
    await store.page({ teamId: world.team.id, state: 'draft', limit: 10, before: { at: 1_050, id: 150 } });
    const [first] = queries;
    const plan: unknown = await world.db.knex.raw(`explain query plan ${first?.sql ?? ''}`, [
      ...(first?.bindings ?? []),
    ]);
    const text = JSON.stringify(plan);
    expect(text).to.contain('COVERING INDEX').and.to.contain('updated_at<?').and.not.to.contain('TEMP B-TREE');
  });

  it('finds deliveries by the posts of the page, not among all of the team.', async () => {
    const { desk, db, team } = world;
    const queries: { sql: string; bindings: (string | number)[] }[] = [];
    db.knex.on('query', (query: { sql: string; bindings: (string | number)[] }) => void queries.push(query));
    const ids = Array.from({ length: 50 }, (_, n) => n + 1);
    await createPostStore(db).page({ teamId: team.id, state: undefined, limit: 50 });
    await desk.ofPosts(team.id, ids);
    await createCalendarStore(db).deliveries(team.id, ids);
    for (const { sql, bindings } of [...queries]) {
      const plan = JSON.stringify(await db.knex.raw(`explain query plan ${sql}`, bindings));
      expect(plan).to.match(/SEARCH d USING INDEX [a-z_]* \(post_id=\?\)/);
    }
  });
});

const older = (page: string) => query(page, 'next');
const newer = (page: string) => query(page, 'prev');

function query(page: string, rel: 'next' | 'prev'): string | undefined {
  return new RegExp(`href="[^"]*posts(\\?[^"]*)" rel="${rel}"`).exec(page)?.[1]?.replaceAll('&amp;', '&');
}
