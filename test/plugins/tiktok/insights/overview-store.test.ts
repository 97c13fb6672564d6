import { expect } from 'chai';
import { OverviewStore } from '../../../../plugins/tiktok/insights/overview-store.ts';
import { UsualStore } from '../../../../plugins/tiktok/insights/usual-store.ts';
import { DAY, idOf, JANUARY, onListStage, type VideoRow } from './list-stage.ts';

onListStage('What many channels have in common', (stage) => {
  let second = 0;
  const knex = () => stage().db.knex;
  const store = () => new OverviewStore((name) => knex()(`tiktok_${name}`));
  const both = () => [stage().channelId, second];

  before(async () => {
    const { team_id, credential_id } = await knex()('channels').first<Record<string, number>>('*');
    const named = { team_id, plugin: 'tiktok', account_id: 'second', nickname: 'Rye Club', connected_at: 0 };
    [second = 0] = await knex()('channels').insert({ ...named, credential_id });
    const own = { channel_id: stage().channelId };
    await add([
      { ...own, video_id: idOf(1), published_at: JANUARY, views: 9_007_199_254, likes: 4 },
      { ...own, video_id: idOf(2), published_at: JANUARY + DAY, views: 700, likes: null },
      { ...own, video_id: idOf(3), published_at: JANUARY + 2 * DAY, views: 9_000, missing_since: JANUARY + 3 * DAY },
      { channel_id: second, video_id: idOf(4), published_at: JANUARY + DAY, views: null },
      { channel_id: second, video_id: idOf(5), published_at: JANUARY + DAY, views: 700 },
    ]);
    const day = { at: JANUARY, following: 1, likes: 2, videos: 3 };
    await knex()('tiktok_snapshots').insert([
      { ...own, ...day, day: '2026-01-01', followers: 10 },
      { ...own, ...day, day: '2026-01-05', followers: 11 },
      { ...own, ...day, day: '2026-01-09', followers: 12 },
      { channel_id: second, ...day, day: '2026-01-01', followers: 90 },
    ]);
    const told = { age_days: 0, slot: '2026-01-01', at: JANUARY };
    await knex()('tiktok_video_numbers').insert([
      { ...own, ...told, video_id: idOf(2), views: 5 },
      { channel_id: second, ...told, video_id: idOf(5), views: 7 },
    ]);
  });

  it('are the counters of each one’s newest of some days', async () => {
    const found = await store().newestCounters(both(), { from: '2026-01-01', to: '2026-01-08' });
    const followers = [...found].map(([id, counters]) => [id, counters.followers]);
    expect(followers).to.have.deep.members([
      [stage().channelId, 11],
      [second, 90],
    ]);
    expect(await store().newestCounters(both(), { from: '2026-01-02', to: '2026-01-04' })).to.deep.equal(new Map());
  });

  it('are sums over what is known and public; of what nobody knows there is none', async () => {
    const found = await store().totalsSince(both(), JANUARY);
    const none = { comments: null, shares: null };
    expect(found.get(stage().channelId)).to.deep.equal({ videos: 2, views: 9_007_199_954, likes: 4, ...none });
    expect(found.get(second)).to.deep.equal({ videos: 2, views: 700, likes: null, ...none });
    expect(await store().totalsSince(both(), JANUARY + 5 * DAY)).to.deep.equal(new Map());
  });

  it('are the best videos over all of them, those without the number left out', async () => {
    const best = await store().best(both(), { since: JANUARY, by: 'views', limit: 5 });
    expect(best.map(({ videoId }) => videoId)).to.deep.equal([idOf(1), idOf(5), idOf(2)]);
    const recent = await store().best(both(), { since: JANUARY + 1, by: 'views', limit: 1 });
    expect(recent).to.have.length(1);
    expect(await store().find([second], [idOf(1), idOf(4)])).to.deep.include.members([
      {
        ...{ channelId: second, videoId: idOf(4), publishedAt: JANUARY + DAY, caption: '', seenAt: JANUARY },
        ...{ views: null, likes: null, comments: null, shares: null, engagement: null, missingSince: null },
      },
    ]);
  });

  it('are what each published last and is public', async () => {
    const found = await store().latest(both(), 1);
    expect(found.map(({ channelId, videoId }) => [channelId, videoId])).to.have.deep.members([
      [stage().channelId, idOf(2)],
      [second, idOf(5)],
    ]);
    const more = await store().latest([stage().channelId], 5);
    expect(more.map(({ videoId }) => videoId)).to.deep.equal([idOf(2), idOf(1)]);
    expect(await store().latest([], 5)).to.deep.equal([]);
  });

  it('are the courses of each one’s newest videos, in two statements', async () => {
    const usual = new UsualStore((name) => knex()(`tiktok_${name}`));
    let courses: Awaited<ReturnType<UsualStore['courses']>> = new Map();
    const sent = await stage().statements(async () => {
      const until = [JANUARY + 9 * DAY];
      const asked = both().map((channelId) => ({ channelId, until }));
      courses = await usual.courses(asked, { limit: 2, mostAgeDays: 3 });
    });
    expect(sent).to.equal(2);
    expect(courses.get(stage().channelId)?.map(({ videoId, views }) => [videoId, views.length])).to.deep.equal([
      [idOf(3), 0],
      [idOf(2), 1],
    ]);
    expect(courses.get(second)?.map(({ videoId }) => videoId)).to.have.members([idOf(5), idOf(4)]);
  });

  it('are the courses of the newest that are as old as asked, at several ages at once', async () => {
    const usual = new UsualStore((name) => knex()(`tiktok_${name}`));
    const read = async (...days: number[]) => {
      const until = days.map((day) => JANUARY + day * DAY);
      const found = await usual.courses([{ channelId: stage().channelId, until }], { limit: 1, mostAgeDays: 3 });
      return found.get(stage().channelId)?.map(({ videoId }) => videoId);
    };
    expect(await read(1)).to.deep.equal([idOf(2)]);
    expect(await read(0)).to.deep.equal([idOf(1)]);
    expect(await read(2, 0)).to.deep.equal([idOf(3), idOf(1)]);
    expect(await read(0, 2, 1)).to.deep.equal([idOf(3), idOf(2), idOf(1)]);
    expect(await read(-1)).to.deep.equal([]);
  });

  const add = (rows: readonly VideoRow[]): Promise<unknown> => {
    const plain = { caption: '', seen_at: JANUARY, likes: null, views: null, missing_since: null };
    return knex()('tiktok_videos').insert(rows.map((row) => ({ ...plain, ...row })));
  };
});
