import { expect } from 'chai';
import { usualOf } from '../../../../plugins/tiktok/insights/usual-of.ts';
import { START } from '../simulator/support.ts';
import { InsightStage } from './insight-stage.ts';

const day = 24 * 3_600_000;

describe('Several videos of a channel beside what is usual', () => {
  let stage: InsightStage;
  before(async () => {
    stage = await InsightStage.open();
    stage.clock.set(START + 20 * day);
  });
  beforeEach(async () => {
    for (const table of ['videos', 'video_numbers', 'profiles']) await stage.db.knex(`tiktok_${table}`).delete();
  });
  after(() => stage.close());

  it('are compared at the age of each, the younger with more', async () => {
    await plant(stage, 12);
    const [young, old] = await read(stage, ['1', '8']);
    expect(young).to.include({ kind: 'compared', ageDays: 3, usual: 300, videos: 10, views: 300, times: 1 });
    expect(old).to.deep.equal({ kind: 'too-few', videos: 3 });
  });

  it('are as old as when their numbers were told, however long TikTok has been away since', async () => {
    await plant(stage, 12);
    stage.clock.set(START + 40 * day);
    try {
      expect((await read(stage, ['1']))[0]).to.include({ ageDays: 3, usual: 300 });
      await stage.parts.profiles.saveState(stage.channel.id, { videosAt: START + 21 * day });
      expect((await read(stage, ['1']))[0]).to.include({ ageDays: 4 });
    } finally {
      stage.clock.set(START + 20 * day);
    }
  });

  it('take as many statements for ten videos of the channel as for three hundred, and look at the newest 100 as old', async () => {
    await plant(stage, 10);
    const few = await statements(stage, () => read(stage, ['1', '2']));
    await plant(stage, 300);
    const ids = Array.from({ length: 20 }, (_, n) => String(n));
    expect(await statements(stage, () => read(stage, ids))).to.equal(few);
    expect((await read(stage, ['2']))[0]).to.include({ videos: 100 });
    // There are a hundred younger ones, and enough that are as old.
    expect((await read(stage, ['150']))[0]).to.include({ kind: 'compared', videos: 100 });
    const together = await read(stage, ['1', '150', '2']);
    expect(together.map((one) => one?.kind === 'compared' && one.videos)).to.deep.equal([100, 100, 100]);
    expect((await read(stage, ['297']))[0]).to.deep.equal({ kind: 'too-few', videos: 2 });
  });
});

async function read(stage: InsightStage, videoIds: readonly string[]) {
  const channelId = stage.channel.id;
  const videos = await stage.parts.videos.findMany(channelId, videoIds);
  const own = videos.map((video) => ({ ...video, channelId }));
  const found = await usualOf(stage.parts, own);
  return videoIds.map((id) => found.get(id));
}

/** Each published a day before the last one, two days ago the newest: 100 views a day, told each day. */
async function plant(stage: InsightStage, count: number): Promise<void> {
  const { knex } = stage.db;
  await knex('tiktok_videos').delete();
  await knex('tiktok_video_numbers').delete();
  const now = START + 20 * day;
  const own = { channel_id: stage.channel.id };
  const videos = Array.from({ length: count }, (_, n) => ({
    ...{ ...own, video_id: String(n), published_at: now - (n + 2) * day, caption: '' },
    ...{ views: (n + 2) * 100, seen_at: now, first_seen_at: now - (n + 2) * day },
  }));
  const numbers = videos.flatMap(({ video_id, published_at }, n) =>
    Array.from({ length: Math.min(n + 3, 10) }, (_, age) => ({
      ...{ ...own, video_id, slot: `age ${age}`, at: published_at + age * day, age_days: age, views: age * 100 },
    })),
  );
  await knex.batchInsert('tiktok_videos', videos, 100);
  await knex.batchInsert('tiktok_video_numbers', numbers, 100);
}

async function statements(stage: InsightStage, work: () => Promise<unknown>): Promise<number> {
  let sent = 0;
  const count = (): void => void (sent += 1);
  stage.db.knex.on('query', count);
  await work();
  stage.db.knex.removeListener('query', count);
  return sent;
}
