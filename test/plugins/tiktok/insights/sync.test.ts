import { expect } from 'chai';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import type { ChannelView, LinklessPosts, PublishedPost } from '#plugin-api';
import type { Database } from '../../../../core/db/database.ts';
import { createPluginHttp } from '../../../../core/plugin-host/http.ts';
import { projectRoot } from '../../../../core/project-root.ts';
import { TikTokClient } from '../../../../plugins/tiktok/api/client.ts';
import { ErrorBook } from '../../../../plugins/tiktok/errors.ts';
import { insightPage } from '../../../../plugins/tiktok/insights/channel-page.ts';
import { coverRoute } from '../../../../plugins/tiktok/insights/covers.ts';
import { InsightStore } from '../../../../plugins/tiktok/insights/insight-store.ts';
import { syncJob, type InsightParts } from '../../../../plugins/tiktok/insights/sync.ts';
import { createTestClock, type TestClock } from '../../../support/clock.ts';
import { openTestDatabase } from '../../../support/database.ts';
import { connect, openStage, START, type Stage } from '../simulator/support.ts';

describe('The insights of a profile', () => {
  let stage: Stage;
  let db: Database;
  let clock: TestClock;
  let folder: string;
  let parts: InsightParts;
  let channel: ChannelView;
  let token: string;
  let ours: ReadonlyMap<string, PublishedPost>;
  let linkless: LinklessPosts;
  let found: string[];

  beforeEach(async () => {
    stage = await openStage();
    clock = createTestClock(START);
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-insights-'));
    db = await openTestDatabase({
      folders: [{ owner: 'tiktok', folder: path.join(projectRoot, 'plugins/tiktok/migrations') }],
    });
    channel = await plantChannel(db, ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list']);
    token = (await connect(stage, { account: 'hazelandrye' })).access_token;
    ours = new Map();
    linkless = { posts: [], linkedIds: new Set() };
    found = [];
    const account = {
      accountId: channel.accountId,
      scopes: channel.scopes,
      accessToken: () => Promise.resolve(token),
      replace: () => Promise.resolve(token),
      take: () => Promise.resolve({ taken: true as const }),
    };
    const t = (key: string): string => key;
    const host: InsightParts['host'] = {
      clock,
      folder,
      t,
      jobs: { enqueue: () => Promise.resolve() },
      deliveries: {
        wake: () => Promise.resolve(),
        findByRemoteIds: () => Promise.resolve(ours),
        linkless: () => Promise.resolve(linkless),
        rivals: () => Promise.resolve(linkless),
        linkFound: (deliveryId, { url }) => Promise.resolve(void found.push(`${deliveryId} ${url}`)),
      },
      channels: {
        find: (id) => Promise.resolve(id === channel.id ? channel : undefined),
        all: () => Promise.resolve([channel]),
        access: () => Promise.resolve(account),
        update: () => Promise.resolve(),
      },
    };
    const table = (name: string) => db.knex(`tiktok_${name}`);
    parts = {
      host,
      client: new TikTokClient(createPluginHttp({ mayCallLoopback: true }), stage.url),
      errors: new ErrorBook(t),
      store: new InsightStore({ table }),
    };
  });

  afterEach(async () => {
    await stage.close();
    await db.close();
    await rm(folder, { recursive: true });
  });

  /** Runs the job as a worker does, each answer `again` at once; returns the number of claims. */
  const sync = async (limit = 100): Promise<number> => {
    let payload: Parameters<ReturnType<typeof syncJob>['run']>[0]['payload'] = null;
    for (let claims = 1; claims <= limit; claims += 1) {
      const result = await syncJob(parts).run({ key: String(channel.id), payload }, new AbortController().signal);
      if ('done' in result) return claims;
      payload = result.again.payload;
    }
    return limit;
  };

  const load = (query: Readonly<Record<string, string>> = {}) => insightPage(parts).load(channel, query);
  const listed = async (): Promise<unknown[]> =>
    db.knex('tiktok_videos').pluck('video_id').orderBy('published_at', 'desc');

  it('keep the numbers with one snapshot a day in the team’s zone', async () => {
    await sync();
    clock.set(Date.UTC(2026, 10, 20, 23, 30)); // already the 21st in Copenhagen
    stage.simulator.control.putAccount({ username: 'hazelandrye', follower_count: 48_300 });
    await sync();

    const snapshots = await parts.store.snapshots(channel.id);
    expect(snapshots.map(({ day, followers }) => [day, followers])).to.deep.equal([
      ['2026-11-20', 48_214],
      ['2026-11-21', 48_300],
    ]);
    expect(await parts.store.profile(channel.id)).to.include({ followers: 48_300, isVerified: true, problem: null });
  });

  it('list every public video through all cursor pages, ids exact', async () => {
    await sync();
    const ids = await listed();
    expect(ids).to.have.length(214);
    expect(new Set(ids).size).to.equal(214);
    for (const id of ids) expect(String(id)).to.match(/^\d{19}$/);
  });

  it('ask for ⌈n / 20⌉ pages and go on at the cursor after an interruption', async () => {
    expect(await sync(1)).to.equal(1);
    const halfway = (await listed()).length;
    await sync();
    const pages = stage.simulator.control.requests().filter((request) => request.endpoint.includes('video/list'));
    expect(halfway).to.be.greaterThan(0);
    expect(await listed()).to.have.length(214);
    expect(pages.length).to.be.at.least(Math.ceil(214 / 20));
  });

  it('show which video a post without a link became', async () => {
    await sync();
    const row = { video_id: z.string(), published_at: z.number(), caption: z.string(), duration_seconds: z.number() };
    const rows: unknown = await db.knex('tiktok_videos').orderBy('published_at', 'desc').limit(1);
    const [seen] = z.tuple([z.object(row)]).parse(rows);
    const times = { sentAt: seen.published_at - 1000, publishedAt: seen.published_at + 1000 };
    const post = { deliveryId: 5, caption: seen.caption, durationMs: seen.duration_seconds * 1000, ...times };
    linkless = { posts: [post], linkedIds: new Set() };
    await sync();
    expect(found).to.deep.equal([`5 https://www.tiktok.com/@hazelandrye/video/${seen.video_id}`]);
  });

  it('write one statement a page', async () => {
    const writes: string[] = [];
    db.knex.on('query', ({ sql }: { sql: string }) => {
      if (sql.startsWith('insert into `tiktok_videos`')) writes.push(sql);
    });
    await sync();
    expect(writes).to.have.length(Math.ceil(214 / 20));
  });

  it('page newest first and back again without gaps or repeats', async () => {
    await sync();
    const forward: string[] = [];
    let query: Readonly<Record<string, string>> = {};
    let last: Readonly<Record<string, string>> = {};
    for (let pages = 0; pages < 20; pages += 1) {
      const page = await load(query);
      forward.push(...videoIds(page));
      last = query;
      if (typeof page['olderHref'] !== 'string') break;
      query = Object.fromEntries(new URLSearchParams(page['olderHref']));
    }
    expect(forward).to.deep.equal(await listed());
    const page = await load(last);
    const back = await load(Object.fromEntries(new URLSearchParams(String(page['newerHref']))));
    expect(videoIds(back)).to.deep.equal(forward.slice(180, 200));
  });

  it('hide only what a missing scope needs, and say which', async () => {
    channel = { ...channel, scopes: ['user.info.basic', 'user.info.stats'] };
    token = (await connect(stage, { account: 'hazelandrye', scope: 'user.info.basic,user.info.stats' })).access_token;
    await sync();
    const page = await load();
    expect(page['mayList']).to.equal(false);
    expect(page['notes']).to.deep.equal([
      'tiktok-insights:missing.user_info_profile',
      'tiktok-insights:missing.video_list',
    ]);
    expect(await parts.store.profile(channel.id)).to.include({ followers: 48_214, bio: null, problem: null });
    channel = { ...channel, state: 'reconnect-needed' };
    expect((await load())['notes'], 'reconnecting, asked for above, mends this too').to.deep.equal([]);
  });

  it('mark videos that TikTok no longer lists and keep them', async () => {
    await sync();
    clock.advance(3_600_000);
    await db.knex('tiktok_videos').insert({
      channel_id: channel.id,
      video_id: '7000000000000000001',
      published_at: START - 1000,
      caption: 'Gone by now',
      seen_at: START - 1000,
    });
    await sync();
    const gone = await parts.store.video(channel.id, '7000000000000000001');
    expect(gone?.missingSince).to.equal(clock.now());
    expect(await listed()).to.have.length(215);
  });

  it('say why the last look failed and keep the old numbers with their age', async () => {
    await sync();
    stage.simulator.control.setSwitches({ failures: [{ endpoint: 'user/info', kind: 'server-error', times: 1 }] });
    await sync().catch(() => undefined);
    const profile = await parts.store.profile(channel.id);
    expect(profile?.followers).to.equal(48_214);
    expect(profile?.profileAt).to.equal(START);
    expect(profile?.problem?.code).to.be.a('string');
  });

  it('copy a cover once, through our own address, also after TikTok’s has expired', async () => {
    await sync();
    const [id = ''] = videoIds(await load());
    clock.advance(7 * 3_600_000);
    stage.simulator.control.advanceClock(7 * 3_600_000);
    token = (await connect(stage, { account: 'hazelandrye' })).access_token;
    const request = { channel, params: { video: id }, query: {}, body: {} };

    const first = await coverRoute(parts).handle(request);
    const asked = stage.simulator.control.requests().length;
    const second = await coverRoute(parts).handle(request);

    expect(second).to.deep.equal(first);
    expect(stage.simulator.control.requests().length).to.equal(asked);
    const [file = ''] = await readdir(path.join(folder, 'covers', String(channel.id)));
    const picture = await sharp(path.join(folder, 'covers', String(channel.id), file)).metadata();
    expect(picture.format).to.equal('webp');
  });

  it('answer a cover of another channel’s video, or a made-up name, as absent', async () => {
    for (const video of ['../../secret', '1', 'x']) {
      const answer = await coverRoute(parts).handle({ channel, params: { video }, query: {}, body: {} });
      expect(answer).to.deep.equal({ kind: 'absent' });
    }
  });

  it('link the videos that were posted from here to their posts', async () => {
    await sync();
    const [id = ''] = videoIds(await load());
    ours = new Map([[id, { postId: 7, authorName: 'Tobias Krag' }]]);
    const shown = JSON.stringify((await load())['videos']);
    expect(shown).to.include(`"videoId":"${id}"`).and.to.include('"post":{"postId":7,"authorName":"Tobias Krag"}');
  });
});

function videoIds(page: Readonly<Record<string, unknown>>): string[] {
  const { videos } = page;
  if (!Array.isArray(videos)) throw new Error('The page has no videos.');
  return videos.map((video: { videoId: string }) => video.videoId);
}

async function plantChannel(db: Database, scopes: readonly string[]): Promise<ChannelView> {
  const [teamId = 0] = await db
    .knex('teams')
    .insert({ name: 'Hazel & Rye', zone: 'Europe/Copenhagen', created_at: START });
  const times = { access_expires_at: START, refresh_expires_at: START, refreshed_at: START };
  const sealed = { access_token: 'sealed', refresh_token: 'sealed', scopes: JSON.stringify(scopes), state: 'valid' };
  const owner = { plugin: 'tiktok', account_id: 'account-1' };
  const [credential = 0] = await db
    .knex('credentials')
    .insert({ ...owner, ...times, ...sealed, app_key: 'aw', mode: 'live' });
  const [id = 0] = await db.knex('channels').insert({
    ...owner,
    team_id: teamId,
    credential_id: credential,
    nickname: 'Hazel & Rye',
    username: 'hazelandrye',
    connected_at: START,
  });
  return {
    id,
    teamId,
    accountId: 'account-1',
    nickname: 'Hazel & Rye',
    username: 'hazelandrye',
    mode: 'live',
    appKey: 'aw',
    state: 'connected',
    scopes,
    zone: 'Europe/Copenhagen',
  };
}
