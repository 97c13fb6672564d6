import { expect } from 'chai';
import { z } from 'zod';
import { videoRoute } from '../../../../plugins/tiktok/insights/video-page.ts';
import { syncJob } from '../../../../plugins/tiktok/insights/sync.ts';
import { InsightStage } from './insight-stage.ts';

const day = 24 * 3_600_000;

const shape = z.object({
  video: z.object({ views: z.number(), toldAt: z.number(), cover: z.string() }),
  points: z.array(
    z.object({
      day: z.string(),
      counts: z.object({ views: z.number() }).nullable(),
      usual: z.number().nullable(),
    }),
  ),
  gaps: z.array(z.object({ from: z.string(), to: z.string() })),
  followedSince: z.string().nullable(),
  comparison: z.looseObject({ kind: z.string() }),
});

describe('The page of one video', () => {
  let stage: InsightStage;
  beforeEach(async () => {
    stage = await InsightStage.open();
    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', videos: 16 });
  });
  afterEach(() => stage.close());

  it('shows how its numbers came together day by day, a day without a look as a gap, an outage as their age', async () => {
    await stage.sync();
    const [id = ''] = await stage.listed();
    await nextDay(stage);
    await stage.pass(day);
    stage.stage.simulator.control.setSwitches({
      failures: [{ endpoint: 'video/list', kind: 'server-error', times: 1 }],
    });
    await stage.run(syncJob(stage.parts)).catch(() => undefined);
    await nextDay(stage);
    const toldAt = stage.clock.now();
    await stage.pass(2 * day);

    const shown = await page(stage, id);
    expect(shown.points.map(({ day: on, counts }) => [on, counts === null])).to.deep.equal([
      ['2026-11-20', false],
      ['2026-11-21', false],
      ['2026-11-22', true],
      ['2026-11-23', false],
    ]);
    expect(shown.gaps).to.deep.equal([{ from: '2026-11-22', to: '2026-11-22' }]);
    expect(shown.video.toldAt).to.equal(toldAt);
    expect(shown.points.at(-1)?.counts?.views).to.equal(shown.video.views);
    expect(shown.followedSince).to.equal(null);
    expect(shown.comparison).to.deep.equal({ kind: 'too-few', videos: 0 });
  });

  it('says since when a video is followed that was there long before', async () => {
    await stage.sync();
    const id = (await stage.listed()).at(-1) ?? '';
    await nextDay(stage);
    const shown = await page(stage, id);
    expect(shown.followedSince).to.equal('2026-11-20');
    expect(shown.points.map(({ day: on }) => on)).to.deep.equal(['2026-11-20', '2026-11-21']);
  });

  it('keeps the numbers of one that is gone, up to the day on which it was missed', async () => {
    await stage.sync();
    const [id = ''] = await stage.listed();
    await nextDay(stage);
    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', hidden_videos: [id] });
    await nextDay(stage);
    await nextDay(stage);
    const shown = await page(stage, id);
    expect(shown.points.map(({ day: on }) => on)).to.deep.equal(['2026-11-20', '2026-11-21', '2026-11-22']);

    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', hidden_videos: [] });
    await nextDay(stage);
    const back = await page(stage, id);
    expect(back.gaps, 'while it was private nobody could know').to.deep.equal([
      { from: '2026-11-23', to: '2026-11-23' },
    ]);
    expect(back.points.at(-1)).to.deep.include({ day: '2026-11-24', counts: { views: back.video.views } });
  });

  it('is beside what is usual at its age, at every age, in as many statements for 200 videos as for ten', async () => {
    const now = stage.clock.now();
    await plant(stage, 10);
    const few = await statements(stage, () => page(stage, '0'));
    const shown = await page(stage, '0');
    expect(shown.comparison).to.deep.include({ kind: 'compared', ageDays: 5, usual: 500, videos: 9, times: 2 });
    expect(shown.points.map(({ usual }) => usual)).to.deep.equal([null, 158, 258, 358, 458, 500]);
    expect(shown.video.toldAt).to.equal(now);
    await plant(stage, 200);
    expect(await statements(stage, () => page(stage, '0')))
      .to.equal(few)
      .and.to.be.at.most(6);
    expect((await page(stage, '0')).comparison).to.deep.include({ videos: 100 });
    expect((await page(stage, '190')).comparison, 'an old one').to.deep.include({ kind: 'compared', videos: 9 });
  });

  it('is absent for videos of other channels and made-up ids, and while videos may not be read', async () => {
    await stage.sync();
    const [id = ''] = await stage.listed();
    expect(await answer(stage, '1')).to.deep.equal({ kind: 'absent' });
    expect(await answer(stage, '../1')).to.deep.equal({ kind: 'absent' });
    stage.channel = { ...stage.channel, scopes: ['user.info.basic'] };
    expect(await answer(stage, id)).to.deep.equal({ kind: 'absent' });
  });
});

async function nextDay(stage: InsightStage): Promise<void> {
  await stage.pass(day);
  await stage.sync();
}

function answer(stage: InsightStage, video: string) {
  return videoRoute(stage.parts).handle({ channel: stage.channel, params: { video }, query: {}, body: {} });
}

async function page(stage: InsightStage, video: string) {
  const given = await answer(stage, video);
  expect(given.kind).to.equal('view');
  return shape.parse('model' in given ? given.model : undefined);
}

/** Five days old the first, a day older each other; 100 views a day, the first twice as many. */
async function plant(stage: InsightStage, count: number): Promise<void> {
  const { knex } = stage.db;
  await knex('tiktok_videos').delete();
  await knex('tiktok_video_numbers').delete();
  const now = stage.clock.now();
  const own = { channel_id: stage.channel.id };
  const videos = Array.from({ length: count }, (_, n) => ({
    ...{ ...own, video_id: String(n), published_at: now - (n + 5) * day, caption: '', cover_url: 'https://x.test/1' },
    ...{ views: n === 0 ? 1000 : (n + 5) * 100, seen_at: now, first_seen_at: now - (n + 5) * day },
  }));
  const numbers = videos.flatMap(({ video_id, published_at }, n) =>
    Array.from({ length: 6 }, (_, age) => ({
      ...{ ...own, video_id, slot: `2026-11-1${age}`, at: published_at + age * day, age_days: age },
      ...{ views: age * (n === 0 ? 200 : 100), likes: 0, comments: 0, shares: 0 },
    })),
  );
  await knex.batchInsert('tiktok_videos', videos, 50);
  await knex.batchInsert('tiktok_video_numbers', numbers, 50);
}

async function statements(stage: InsightStage, work: () => Promise<unknown>): Promise<number> {
  let sent = 0;
  const count = (): void => void (sent += 1);
  stage.db.knex.on('query', count);
  await work();
  stage.db.knex.removeListener('query', count);
  return sent;
}
