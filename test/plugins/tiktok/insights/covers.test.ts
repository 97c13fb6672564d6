import { expect } from 'chai';
import sharp from 'sharp';
import sinon from 'sinon';
import type { PluginAnswer } from '#plugin-api';
import { coverRoute } from '../../../../plugins/tiktok/insights/covers.ts';
import { InsightStage } from './insight-stage.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const noAnswer = { ok: false, place: 'api', call: 'video/query', code: 'no_answer', status: null } as const;

interface Shown {
  readonly videoId: string;
  readonly cover: string;
}

describe('The covers of a page', () => {
  let stage: InsightStage;
  let route: ReturnType<typeof coverRoute>;
  beforeEach(async () => {
    stage = await InsightStage.open();
    route = coverRoute(stage.parts);
  });
  afterEach(() => stage.close());

  /** As a browser asks for the pictures of a page. */
  async function shown(query: Readonly<Record<string, string>> = {}): Promise<readonly PluginAnswer[]> {
    const { videos } = await stage.load(query);
    return Promise.all(
      coversOf(videos).map((cover) => look(new URL(cover.cover, 'http://localhost').searchParams, cover)),
    );
  }

  function look(query: URLSearchParams, { videoId }: Pick<Shown, 'videoId'>): Promise<PluginAnswer> {
    return route.handle({
      channel: stage.channel,
      params: { video: videoId },
      query: Object.fromEntries(query),
      body: {},
    });
  }

  it('are asked for in one call when they have expired, on any page of any order', async () => {
    await stage.sync();
    await stage.pass(7 * hourMs);
    const files = await shown({ sort: 'views', order: 'asc' });
    expect(stage.calls('video/query')).to.equal(1);
    expect(new Set(files.map(fileOf)).size).to.equal(files.length);
    await shown({ sort: 'views', order: 'asc' });
    expect(stage.calls('video/query')).to.equal(1);
  });

  it('are asked for again only after theirs has expired, and leave the numbers as they are', async () => {
    await stage.sync();
    const before = await stage.db.knex('tiktok_videos').orderBy('video_id').select('video_id', 'views', 'seen_at');
    await stage.pass(7 * hourMs);
    const [first] = coversOf((await stage.load())['videos']);
    await look(new URLSearchParams(), { videoId: first?.videoId ?? '' });
    const told: unknown[] = await stage.db
      .knex('tiktok_videos')
      .where({ cover_at: stage.clock.now() })
      .pluck('video_id');
    expect(told.length).to.be.greaterThan(1);
    const after = await stage.db.knex('tiktok_videos').orderBy('video_id').select('video_id', 'views', 'seen_at');
    expect(after).to.deep.equal(before);
  });

  it('are a strip of film where TikTok has no picture to give', async () => {
    await stage.sync();
    await stage.pass(7 * hourMs);
    stage.channel = { ...stage.channel, state: 'reconnect-needed' };
    const files = new Set((await shown()).map(fileOf));
    expect(files.size).to.equal(1);
    const [film = ''] = [...files];
    expect(await sharp(film).metadata()).to.include({ format: 'webp', width: 120, height: 160 });
    expect(stage.calls('video/query')).to.equal(0);
  });

  it('are that strip for a minute where nobody can be asked just now, whatever keeps TikTok away', async () => {
    await stage.sync();
    await stage.pass(7 * hourMs);
    const { control } = stage.stage.simulator;
    const film = async () => new Set((await shown()).map(fileOf)).size === 1;
    const { channels } = stage.parts.host;
    const away = sinon.stub(channels, 'access').rejects(stage.parts.errors.remoteError(noAnswer));
    expect(await film(), 'no access').to.equal(true);
    away.restore();
    for (const kind of ['rate-limited', 'server-error'] as const) {
      await stage.pass(minuteMs);
      control.setSwitches({ failures: [{ endpoint: 'video/query', kind, times: 1 }] });
      expect(await film(), kind).to.equal(true);
      expect(await film(), 'and is not asked again at once').to.equal(true);
    }
    await stage.pass(minuteMs);
    stage.isFull = true;
    expect(await film(), 'so many calls were made already').to.equal(true);
    stage.isFull = false;
    expect(stage.calls('video/query')).to.equal(2);
    await stage.pass(minuteMs);
    expect(await film()).to.equal(false);
  });

  it('do not hold on to an accident', async () => {
    await stage.sync();
    await stage.pass(7 * hourMs);
    const [first] = coversOf((await stage.load())['videos']);
    const look1 = () => look(new URLSearchParams(), { videoId: first?.videoId ?? '' });
    const accident = sinon.stub(stage.parts.videos, 'saveCovers').rejects(new Error('The database is away.'));
    expect(await look1().catch((error: unknown) => error)).to.be.instanceOf(Error);
    accident.restore();
    expect(fileOf(await look1())).to.contain(first?.videoId);
  });
});

function coversOf(videos: unknown): readonly Shown[] {
  if (!Array.isArray(videos)) throw new Error('The page has no videos.');
  return videos.map((video: Shown) => video);
}

function fileOf(answer: PluginAnswer): string {
  if (answer.kind !== 'file') throw new Error(`A cover is a file, not ${answer.kind}.`);
  return answer.path;
}
