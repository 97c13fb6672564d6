import { expect } from 'chai';
import { createCalendarService } from '../../../core/calendar/calendar-service.ts';
import { createCalendarStore, type CalendarStore } from '../../../core/calendar/calendar-store.ts';
import { createChannelStore } from '../../../core/channels/channel-store.ts';
import type { Database } from '../../../core/db/database.ts';
import { createTestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createTeam, nextNumber } from '../../support/factories.ts';
import { rowsRead } from '../../support/rows-read.ts';
import { createChannel } from '../posts/posts-world.ts';

const hour = 3_600_000;
const december = Date.UTC(2026, 11, 1);
const span = {
  from: december,
  to: Date.UTC(2027, 0, 1),
  firstDate: '2026-12-01',
  endDate: '2027-01-01',
};

interface Row {
  readonly caption?: string;
  readonly state?: string;
  readonly due_at?: number | null;
  readonly planned_date?: string | null;
  readonly planned_time?: string | null;
}

async function addPosts(db: Database, team: { readonly id: number }, posts: readonly Row[]): Promise<void> {
  const rows = posts.map((post, n) => ({
    ...{ team_id: team.id, caption: 'A post', nonce: String(nextNumber()), nonce_body: 'x' },
    ...{ created_at: 0, updated_at: n, state: 'scheduled', due_at: null, planned_date: null, planned_time: null },
    ...post,
  }));
  await db.knex.batchInsert('posts', rows, 500);
}

/** Posts of one month, each going to one channel. */
async function addMonth(db: Database, team: { readonly id: number }, count: number): Promise<void> {
  const step = (30 * 24 * hour) / count;
  await addPosts(
    db,
    team,
    Array.from({ length: count }, (_, n) => ({ caption: `Month ${n}`, due_at: december + Math.floor(n * step) })),
  );
  const channel = await createChannel(db, { team });
  const ids = await db
    .knex('posts')
    .where({ team_id: team.id })
    .where('caption', 'like', 'Month %')
    .pluck<number[]>('id');
  const deliveries = ids.map((id) => ({
    ...{ post_id: id, team_id: team.id, channel_id: channel.id, plugin: 'stubnet', state: 'scheduled' },
    ...{ options: '{}', due_at: 0, updated_at: 0 },
  }));
  await db.knex.batchInsert('deliveries', deliveries, 500);
}

onEachDatabase('the posts of a calendar', (db) => {
  let team: Awaited<ReturnType<typeof createTeam>>;
  let store: CalendarStore;
  beforeEach(async () => {
    team = await createTeam(db(), { zone: 'UTC' });
    store = createCalendarStore(db());
  });

  const captions = async (limit = 10) => (await store.posts(team.id, span, limit)).map(({ caption }) => caption).sort();

  it('are those due in the span, its first instant counted and its last not, and drafts planned in it.', async () => {
    await addPosts(db(), team, [
      { caption: 'Too early', due_at: span.from - 1 },
      { caption: 'First', due_at: span.from },
      { caption: 'Last', due_at: span.to - 1, state: 'published' },
      { caption: 'Too late', due_at: span.to },
      { caption: 'Draft', state: 'draft', planned_date: '2026-12-31', planned_time: '09:00' },
      { caption: 'Next year', state: 'draft', planned_date: '2027-01-01' },
      { caption: 'Undated', state: 'draft' },
      { caption: 'Not due yet' },
    ]);
    await addPosts(db(), await createTeam(db()), [{ caption: 'Not ours', due_at: span.from }]);
    expect(await captions()).to.deep.equal(['Draft', 'First', 'Last']);
    expect(await store.countUndated(team.id, 10)).to.equal(1);
  });

  it('are with those of the span that have no date of it, and the others are counted with those without one.', async () => {
    const drafts = ['2026-12-31', '2026-12-32', '2026-13-01', '2026-12', '1026-12-01', '31.12.2026', null];
    const planned = drafts.map((date) => ({ caption: String(date), state: 'draft', planned_date: date }));
    await addPosts(db(), team, planned);
    expect(await captions()).to.deep.equal(['2026-12-31', '2026-12-32', '2026-13-01']);
    expect(await store.countUndated(team.id, 10)).to.equal(3);
  });

  it('are no more than asked for, the earliest of them.', async () => {
    const due = [5, 3, 1, 2, 4].map((n) => ({ caption: String(n), due_at: span.from + n * hour }));
    await addPosts(db(), team, due);
    expect(await captions(3)).to.deep.equal(['1', '2', '3']);
  });

  it('carry the beginning of their caption, their file and their cover.', async () => {
    await addPosts(db(), team, [{ caption: `${'🥐'.repeat(200)}${'x'.repeat(400)}`, due_at: span.from }]);
    const [post] = await store.posts(team.id, span, 10);
    expect(post?.caption).to.equal(`${'🥐'.repeat(200)}${'x'.repeat(100)}`);
    expect(post).to.include({ fileName: null, coverId: null });
  });

  it('take five statements, and rows in proportion, however many posts the team has.', async function () {
    this.timeout(20_000);
    const others = Array.from({ length: 3_000 }, (_, n) => ({
      ...{ caption: `Other ${n}`, due_at: n % 2 === 0 ? span.to + n * hour : null },
      state: n % 2 === 0 ? 'scheduled' : 'draft',
      planned_date: n % 2 === 0 ? null : '2027-03-01',
    }));
    await addPosts(db(), team, others);
    await addMonth(db(), team, 1_000);
    const clock = createTestClock(december);
    await db().transaction(async (sql) => {
      const pool = { ...db(), knex: sql };
      const service = createCalendarService({
        ...{ store: createCalendarStore(pool), channels: createChannelStore(pool), clock, t: (key) => key },
        freeTimes: () => Promise.resolve([]),
      });
      let statements = 0;
      sql.on('query', () => (statements += 1));
      const before = await rowsRead(pool);
      statements = 0;
      const question = { view: 'list', at: '2026-12-01', channelIds: [], states: [] } as const;
      const { entries } = await service.load({ ...team, role: 'viewer' }, question);
      expect(statements).to.equal(5);
      expect(entries).to.have.length(1_000);
      const read = (await rowsRead(pool)) - before;
      // Of each post: its row, once more in a table in memory, its file, and its delivery; and the drafts that are counted.
      if (db().kind === 'mysql') expect(read).to.be.below(7_500);
    });
  });

  it('are found by the indexes.', async () => {
    await addMonth(db(), team, 10);
    const queries: { sql: string; bindings: (string | number)[] }[] = [];
    const note = (query: { sql: string; bindings: (string | number)[] }) => void queries.push(query);
    db().knex.on('query', note);
    await store.posts(team.id, span, 10);
    await store.countUndated(team.id, 10);
    db().knex.removeListener('query', note);
    const explain = db().kind === 'mysql' ? 'explain' : 'explain query plan';
    const plans = queries.slice(0, 2).map(({ sql, bindings }) => db().knex.raw(`${explain} ${sql}`, [...bindings]));
    const [found, undated] = (await Promise.all(plans)).map((plan: unknown) => JSON.stringify(plan));
    const planned = 'posts_team_id_state_planned_date_id_index';
    expect(found).to.contain('posts_team_id_due_at_id_index').and.to.contain(planned).and.not.to.contain('SCAN posts');
    expect(undated).to.contain(planned).and.not.to.contain('SCAN posts');
  });
});
