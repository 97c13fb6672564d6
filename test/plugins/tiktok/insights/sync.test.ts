import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import sinon from 'sinon';
import { z } from 'zod';
import { coverRoute } from '../../../../plugins/tiktok/insights/covers.ts';
import { RemoteError } from '#plugin-api';
import { channelOverviews } from '../../../../plugins/tiktok/insights/overview.ts';
import { syncJob } from '../../../../plugins/tiktok/insights/sync.ts';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import { START } from '../simulator/support.ts';
import { InsightStage } from './insight-stage.ts';

const day = 24 * 3_600_000;

describe('The insights of a profile', () => {
  let stage: InsightStage;
  beforeEach(async () => {
    stage = await InsightStage.open();
  });
  afterEach(() => stage.close());

  it('keep the numbers with one snapshot a day in the team’s zone', async () => {
    await stage.sync();
    stage.clock.set(Date.UTC(2026, 10, 20, 23, 30)); // already the 21st in Copenhagen
    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', follower_count: 48_300 });
    await stage.sync();

    const snapshots = await stage.parts.profiles.snapshots(stage.channel.id);
    expect(snapshots.map(({ day, followers }) => [day, followers])).to.deep.equal([
      ['2026-11-20', 48_214],
      ['2026-11-21', 48_300],
    ]);
    expect(await stage.parts.profiles.find(stage.channel.id)).to.include({
      followers: 48_300,
      isVerified: true,
      problem: null,
    });
  });

  it('list every public video through all cursor pages, ids exact', async () => {
    await stage.sync();
    const ids = await stage.listed();
    expect(ids).to.have.length(214);
    expect(new Set(ids).size).to.equal(214);
    for (const id of ids) expect(id).to.match(/^\d{19}$/);
  });

  it('ask for ⌈n / 20⌉ pages, in places taken for ten at once', async () => {
    await stage.sync();
    expect(stage.calls('video/list')).to.equal(Math.ceil(214 / 20));
    expect(stage.places, 'one for the profile').to.deep.equal([1, 10, 10]);
    stage.isFull = true;
    expect(await stage.recent()).to.deep.equal({ again: { at: START + 1, payload: null } });
    expect(stage.calls('user/info')).to.equal(1);
  });

  it('go on where an interrupted pass was, whatever became of its job', async () => {
    await stage.claim();
    expect(await stage.listed()).to.have.length(200);
    expect((await stage.parts.profiles.find(stage.channel.id))?.pass).to.include({ beganAt: START, seen: 200 });
    await stage.claim();
    expect(await stage.listed()).to.have.length(214);
    expect(stage.calls('video/list')).to.equal(Math.ceil(214 / 20));
    expect(await stage.parts.profiles.find(stage.channel.id)).to.deep.include({ pass: null, listed: 214 });
  });

  it('keep the pages that came before one that failed, and go on behind them', async () => {
    stage.stage.simulator.control.setSwitches({
      failures: [{ endpoint: 'video/list', kind: 'server-error', skip: 4, times: 1 }],
    });
    const error = await stage.run(syncJob(stage.parts)).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(RemoteError);
    expect(await stage.listed()).to.have.length(80);
    await stage.pass(3_600_000);
    await stage.sync();
    expect(await stage.listed()).to.have.length(214);
    expect(await stage.parts.profiles.find(stage.channel.id), 'as old as its first page').to.include({
      videosAt: START,
    });
    expect(stage.calls('video/list')).to.equal(Math.ceil(214 / 20) + 1);
  });

  it('show which video a post without a link became', async () => {
    await stage.sync();
    const row = { video_id: z.string(), published_at: z.number(), caption: z.string(), duration_seconds: z.number() };
    const rows: unknown = await stage.db.knex('tiktok_videos').orderBy('published_at', 'desc').limit(1);
    const [seen] = z.tuple([z.object(row)]).parse(rows);
    const times = { sentAt: seen.published_at - 1000, publishedAt: seen.published_at + 1000 };
    const post = { deliveryId: 5, caption: seen.caption, durationMs: seen.duration_seconds * 1000, ...times };
    stage.linkless = { posts: [post], linkedIds: new Set() };
    await stage.sync();
    expect(stage.found).to.deep.equal([`5 https://www.tiktok.com/@hazelandrye/video/${seen.video_id}`]);
    expect(videoIds(await stage.load({ show: 'ours' }))).to.deep.equal([seen.video_id]);
  });

  it('write a statement for ten pages, and no video and no number where nothing has changed', async () => {
    const writes: string[] = [];
    stage.db.knex.on('query', ({ sql }: { sql: string }) => {
      const [, table] = /^(?:insert into|update) `tiktok_(videos|video_numbers)`/u.exec(sql) ?? [];
      if (table !== undefined) writes.push(table);
    });
    await stage.sync();
    expect(writes).to.deep.equal(['videos', 'video_numbers', 'videos', 'video_numbers']);
    await stage.sync();
    expect(writes).to.have.length(4);
  });

  it('hide only what a missing scope needs, and say which', async () => {
    await stage.run(syncJob(stage.parts));
    await stage.connect(['user.info.basic', 'user.info.stats']);
    await stage.sync();
    expect(await stage.parts.profiles.find(stage.channel.id), 'it went while all videos were read').to.include({
      pass: null,
    });
    const page = await stage.load();
    expect(page['mayList']).to.equal(false);
    expect(page['notes']).to.deep.equal([
      'tiktok-numbers:missing.user_info_profile',
      'tiktok-numbers:missing.video_list',
    ]);
    expect(await stage.parts.profiles.find(stage.channel.id)).to.include({
      followers: 48_214,
      bio: null,
      problem: null,
    });
    stage.channel = { ...stage.channel, state: 'reconnect-needed' };
    expect((await stage.load())['notes'], 'reconnecting, asked for above, mends this too').to.deep.equal([]);
  });

  it('hide only what TikTok refuses although it was granted, and say so', async () => {
    const { control } = stage.stage.simulator;
    control.putApp({ client_key: demoApps.live.client_key, refused_scopes: ['user.info.stats'] });
    await stage.sync();
    const page = await stage.load();
    expect(page['notes']).to.deep.equal(['tiktok-numbers:refused.user_info_stats']);
    expect(page['numbers']).to.include({ mayCount: false });
    expect(await stage.listed()).to.have.length(214);
    expect(await stage.parts.profiles.find(stage.channel.id)).to.include({ isVerified: true, problem: null });
    expect(await stage.parts.missed.since(stage.channel.id, '')).to.deep.equal([
      { day: '2026-11-20', reason: 'refused' },
    ]);
    const overview = await channelOverviews(stage.parts).load([stage.channel], { days: 7 });
    expect(overview.get(stage.channel.id)?.notes).to.deep.equal(['tiktok-overview:refused.stats']);

    control.putApp({ client_key: demoApps.live.client_key, refused_scopes: [] });
    await stage.recent();
    expect((await stage.load())['notes']).to.deep.equal([]);
  });

  it('mark a video that was removed after asking for it, keep it, and take it back when it is public again', async () => {
    await stage.sync();
    const gone = (await stage.listed())[100] ?? '';
    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', hidden_videos: [gone] });
    await stage.pass(day);
    await stage.sync();
    expect(stage.calls('video/query')).to.equal(1);
    const kept = await stage.parts.videos.find(stage.channel.id, gone);
    expect(kept?.missingSince).to.equal(START + day);
    expect(await stage.listed()).to.have.length(214);
    expect(await stage.parts.profiles.find(stage.channel.id)).to.include({ listed: 213, videos: 213 });

    await stage.pass(day);
    await stage.sync();
    expect(stage.calls('video/query'), 'it is known to be gone').to.equal(1);

    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', hidden_videos: [] });
    await stage.pass(day);
    await stage.sync();
    expect((await stage.parts.videos.find(stage.channel.id, gone))?.missingSince).to.equal(null);
  });

  it('mark all of a profile that shows nothing any more, with no more than five questions', async () => {
    await stage.sync();
    const all = await stage.listed();
    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', hidden_videos: all });
    await stage.pass(day);
    await stage.sync();
    expect(stage.calls('video/query')).to.equal(5);
    expect((await stage.parts.profiles.find(stage.channel.id))?.listed).to.equal(0);
    expect(await stage.listed()).to.have.length(214);
  });

  it('do not believe a list that leaves out what is public all the same', async () => {
    await stage.sync();
    const [, left = ''] = await stage.listed();
    const { client } = stage.parts;
    const list = client.videoList.bind(client);
    sinon.stub(client, 'videoList').callsFake(async (...args) => {
      const reply = await list(...args);
      if (!reply.ok) return reply;
      return { ...reply, value: { ...reply.value, videos: reply.value.videos.filter(({ id }) => id !== left) } };
    });
    await stage.pass(day);
    await stage.sync();
    const kept = await stage.parts.videos.find(stage.channel.id, left);
    expect(kept?.missingSince).to.equal(null);
    expect(kept?.seenAt, 'with its numbers of now').to.equal(START + day);
  });

  it('keep a video’s numbers day by day, and write none where they stood still', async () => {
    await stage.sync();
    const [id = ''] = await stage.listed();
    await stage.pass(day);
    await stage.sync();
    await stage.pass(3_600_000);
    await stage.recent();
    const numbers = await stage.parts.numbers.ofVideos(stage.channel.id, [id]);
    expect(numbers.map(({ slot, ageDays }) => [slot, ageDays])).to.deep.equal([
      ['2026-11-20', 0],
      ['2026-11-21', 1],
    ]);
    expect(numbers[1]?.at, 'the day’s last').to.equal(START + day + 3_600_000);
    expect(numbers[1]?.views).to.be.greaterThan(numbers[0]?.views ?? Infinity);
    expect((await stage.parts.profiles.snapshots(stage.channel.id)).map(({ videosAt }) => videosAt)).to.deep.equal([
      START,
      START + day,
    ]);
  });

  it('look at the newest videos every hour, and no further than a week back', async () => {
    await stage.sync();
    const before = stage.calls('video/list');
    await stage.pass(3_600_000);
    await stage.recent();
    expect(stage.calls('video/list')).to.equal(before + 1);
    expect(await stage.parts.profiles.find(stage.channel.id)).to.include({
      recentAt: START + 3_600_000,
      videosAt: START,
    });
  });

  it('claim no look at the whole week where more was published than a look reads', async () => {
    await stage.sync();
    await stage.pass(3_600_000);
    const { client } = stage.parts;
    const list = client.videoList.bind(client);
    sinon.stub(client, 'videoList').callsFake(async (...args) => {
      const reply = await list(...args);
      if (!reply.ok) return reply;
      const videos = reply.value.videos.map((video) => ({ ...video, create_time: stage.clock.now() / 1000 }));
      return { ...reply, value: { ...reply.value, videos } };
    });
    await stage.recent();
    expect(await stage.parts.profiles.find(stage.channel.id)).to.include({ recentAt: START, problem: null });
  });

  it('leave the numbers and their age alone while TikTok does not answer', async () => {
    await stage.sync();
    const before = await stage.parts.videos.find(stage.channel.id, (await stage.listed())[0] ?? '');
    await stage.pass(day);
    stage.stage.simulator.control.setSwitches({
      failures: [{ endpoint: 'video/list', kind: 'server-error', times: 1 }],
    });
    await stage.run(syncJob(stage.parts)).catch(() => undefined);
    expect(await stage.parts.videos.find(stage.channel.id, before?.videoId ?? '')).to.deep.equal(before);
    expect(await stage.parts.profiles.find(stage.channel.id)).to.include({ videosAt: START, listed: 214 });
  });

  it('say why the last look failed and keep the old numbers with their age', async () => {
    await stage.sync();
    stage.stage.simulator.control.setSwitches({
      failures: [{ endpoint: 'user/info', kind: 'server-error', times: 1 }],
    });
    await stage.sync().catch(() => undefined);
    const profile = await stage.parts.profiles.find(stage.channel.id);
    expect(profile?.followers).to.equal(48_214);
    expect(profile?.profileAt).to.equal(START);
    expect(profile?.problem?.code).to.be.a('string');
  });

  it('copy a cover once, through our own address, also after TikTok’s has expired', async () => {
    await stage.sync();
    const [id = ''] = videoIds(await stage.load());
    await stage.pass(7 * 3_600_000);
    const request = { channel: stage.channel, params: { video: id }, query: {}, body: {} };

    const first = await coverRoute(stage.parts).handle(request);
    const asked = stage.stage.simulator.control.requests().length;
    const second = await coverRoute(stage.parts).handle(request);

    expect(second).to.deep.equal(first);
    expect(stage.stage.simulator.control.requests().length).to.equal(asked);
    const covers = path.join(stage.folder, 'channels', String(stage.channel.id), 'covers');
    const [file = ''] = await readdir(covers);
    const picture = await sharp(path.join(covers, file)).metadata();
    expect(picture.format).to.equal('webp');
  });

  it('answer a cover of another channel’s video, or a made-up name, as absent', async () => {
    for (const video of ['../../secret', '1', 'x']) {
      const answer = await coverRoute(stage.parts).handle({
        channel: stage.channel,
        params: { video },
        query: {},
        body: {},
      });
      expect(answer).to.deep.equal({ kind: 'absent' });
    }
  });

  it('link the videos that were posted from here to their posts', async () => {
    await stage.sync();
    const [id = ''] = videoIds(await stage.load());
    stage.ours = new Map([[id, { postId: 7, authorName: 'Tobias Krag' }]]);
    const shown = JSON.stringify((await stage.load())['videos']);
    expect(shown).to.include(`"videoId":"${id}"`).and.to.include('"post":{"postId":7,"authorName":"Tobias Krag"}');
  });
});

function videoIds(page: Readonly<Record<string, unknown>>): string[] {
  const { videos } = page;
  if (!Array.isArray(videos)) throw new Error('The page has no videos.');
  return videos.map((video: { videoId: string }) => video.videoId);
}
