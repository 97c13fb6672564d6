import { expect } from 'chai';
import { z } from 'zod';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import { Videos } from '../../../../plugins/tiktok/simulator/videos.ts';
import * as tt from './support.ts';

const page = z.object({
  videos: z.array(z.object({ id: z.string(), create_time: z.number() }).loose()),
  cursor: z.number().optional(),
  has_more: z.boolean().optional(),
});

describe('TikTok simulator, profile and videos', () => {
  let stage: tt.Stage;
  let token: string;
  beforeEach(async () => {
    stage = await tt.openStage();
    token = (await tt.connect(stage)).access_token;
  });
  afterEach(() => stage.close());

  const list = (fields: string, body: object): Promise<tt.Answer> =>
    tt.postJson(`${stage.url}/v2/video/list/?fields=${fields}`, body, token);

  it('gives only the fields asked for, and a log id in body and header', async () => {
    const answer = await tt.userInfo(stage, token, 'display_name,username,follower_count,video_count');
    expect(tt.data(answer)).to.deep.equal({
      user: { display_name: 'Hazel & Rye', username: 'hazelandrye', follower_count: 48_214, video_count: 214 },
    });
    expect(answer.headers.get('x-tt-logid')).to.match(/^20261120090000[0-9A-F]{20}$/);
    expect(answer.text).to.include(`"log_id":"${answer.headers.get('x-tt-logid')}"`);
  });

  it('refuses no fields, and unknown ones by name', async () => {
    const none = await tt.userInfo(stage, token, '');
    expect([none.status, tt.code(none)]).to.deep.equal([400, 'invalid_params']);
    const unknown = await tt.userInfo(stage, token, 'open_id,avatar_url_200');
    expect([unknown.status, tt.code(unknown)]).to.deep.equal([400, 'invalid_params']);
    expect(unknown.text).to.include('Invalid field(s): avatar_url_200');
  });

  it('refuses a wrong, missing or expired token with 401 and empty data', async () => {
    for (const wrong of ['', 'act.wrong']) {
      const answer = await tt.userInfo(stage, wrong, 'open_id');
      expect([answer.status, tt.code(answer)]).to.deep.equal([401, 'access_token_invalid']);
      expect(answer.text).to.include('"data":{}');
    }
    stage.simulator.control.advanceClock(7_200_000);
    expect((await tt.userInfo(stage, token, 'open_id')).status).to.equal(401);
  });

  it('refuses fields and endpoints whose scope was not granted', async () => {
    token = (await tt.connect(stage, { scope: 'user.info.basic' })).access_token;
    const field = await tt.userInfo(stage, token, 'open_id,username');
    expect([field.status, tt.code(field)]).to.deep.equal([401, 'scope_not_authorized']);
    expect(tt.code(await list('id', {}))).to.equal('scope_not_authorized');
    stage.simulator.control.setSwitches({ missing_scope: '400' });
    const spelt = await tt.userInfo(stage, token, 'username');
    expect([spelt.status, tt.code(spelt)]).to.deep.equal([400, 'scope_permission_missed']);
  });

  it('refuses what a token lists while the app is not approved for it, in any of the codes that are told of', async () => {
    const { control } = stage.simulator;
    control.putApp({ client_key: demoApps.live.client_key, refused_scopes: ['video.list', 'user.info.stats'] });
    expect(tt.code(await list('id', {}))).to.equal('scope_not_authorized');
    expect(tt.code(await tt.userInfo(stage, token, 'follower_count'))).to.equal('scope_not_authorized');
    expect((await tt.userInfo(stage, token, 'username')).status).to.equal(200);
    for (const code of ['insufficient_permissions', 'app_not_approved'] as const) {
      control.setSwitches({ refused_scope_code: code });
      const answer = await list('id', {});
      expect([answer.status, tt.code(answer)]).to.deep.equal([403, code]);
    }
  });

  it('pages through all videos, newest first, with a cursor in milliseconds', async () => {
    const ids = new Set<string>();
    let cursor: number | undefined;
    let newest = Infinity;
    for (let more = true; more;) {
      const answer = page.parse(
        tt.data(await list('id,create_time', { max_count: 20, ...(cursor === undefined ? {} : { cursor }) })),
      );
      for (const video of answer.videos) {
        expect(video.id).to.match(/^\d{19}$/);
        expect(video.create_time).to.be.at.most(newest);
        newest = video.create_time;
        ids.add(video.id);
      }
      expect(Math.floor((answer.cursor ?? 0) / 1000)).to.equal(newest);
      ({ cursor, has_more: more = false } = answer);
    }
    expect(ids.size).to.equal(214);
  });

  it('gives ten videos by default and refuses more than twenty', async () => {
    expect(page.parse(tt.data(await list('id,create_time', {}))).videos).to.have.length(10);
    const answer = await list('id', { max_count: 21 });
    expect([answer.status, tt.code(answer)]).to.deep.equal([400, 'invalid_params']);
  });

  it('starts from any timestamp', async () => {
    const before = tt.START - 30 * 86_400_000;
    const { videos } = page.parse(tt.data(await list('id,create_time', { cursor: before })));
    expect(videos[0]?.create_time).to.be.below(before / 1000);
  });

  it('queries up to twenty own videos and leaves out foreign ones', async () => {
    const { videos } = page.parse(tt.data(await list('id,create_time', { max_count: 2 })));
    const ids = [...videos.map((video) => video.id), '7000000000000000001'];
    const query = (videoIds: readonly string[]): Promise<tt.Answer> =>
      tt.postJson(
        `${stage.url}/v2/video/query/?fields=id,create_time,share_url,title,view_count`,
        { filters: { video_ids: videoIds } },
        token,
      );
    const answer = await query(ids);
    expect(page.parse(tt.data(answer)).videos.map((video) => video.id)).to.deep.equal(ids.slice(0, 2));
    expect(answer.text).to.include(`utm_campaign=tt4d_open_api&utm_source=${demoApps.live.client_key}`);
    expect((await query(Array.from({ length: 21 }, (_, n) => String(n)))).status).to.equal(400);
  });

  it('shows each video its own cover, for six hours', async () => {
    const { videos } = page.parse(tt.data(await list('id,create_time,cover_image_url', { max_count: 2 })));
    const urls = videos.map((video) => z.string().parse(video['cover_image_url']));
    const covers = await Promise.all(urls.map((url) => fetch(url)));
    expect(covers.map((cover) => [cover.status, cover.headers.get('content-type')])).to.deep.equal([
      [200, 'image/jpeg'],
      [200, 'image/jpeg'],
    ]);
    const [one, two] = await Promise.all(covers.map((cover) => cover.arrayBuffer()));
    expect(tt.sha256(Buffer.from(one ?? new ArrayBuffer(0)))).not.to.equal(
      tt.sha256(Buffer.from(two ?? new ArrayBuffer(0))),
    );
    expect((await fetch((urls[0] ?? '').replace(/signature=./, 'signature=~'))).status).to.equal(403);
    stage.simulator.control.advanceClock(6 * 3_600_000);
    expect((await fetch(urls[0] ?? '')).status).to.equal(403);
  });

  it('lists a public post made here and no private one', async () => {
    for (const privacy of ['SELF_ONLY', 'PUBLIC_TO_EVERYONE']) {
      const post = { ...tt.publicPost(`Rye for ${privacy}`), privacy_level: privacy };
      const { uploadUrl } = await tt.begin(stage, token, { post });
      await tt.putWhole(uploadUrl, tt.someBytes(1000));
    }
    const answer = await list('id,create_time,video_description', { max_count: 3 });
    expect(answer.text).to.include('Rye for PUBLIC_TO_EVERYONE').and.not.include('Rye for SELF_ONLY');
    expect(tt.data(await tt.userInfo(stage, token, 'video_count'))).to.deep.equal({ user: { video_count: 215 } });
  });

  it('pages through 25,000 videos without effort, each with its own id', () => {
    const account = stage.simulator.control.putAccount({ username: 'hazelandrye', videos: 25_000 });
    const videos = new Videos(tt.START);
    const ids = new Set<string>();
    let before: number | undefined;
    for (let hasMore = true; hasMore;) {
      const next = videos.page(account, before, 20);
      for (const video of next.videos) ids.add(video.id);
      ({ cursor: before, hasMore } = next);
    }
    expect(ids.size).to.equal(25_000);
    expect(before).to.be.above(tt.START - 10 * 365 * 86_400_000);
  });

  it('lets numbers grow with time', async () => {
    const views = async (): Promise<number> => {
      const { videos } = page.parse(tt.data(await list('id,create_time,view_count', { max_count: 1 })));
      return z.number().parse(videos[0]?.['view_count']);
    };
    const first = await views();
    stage.simulator.control.advanceClock(3_600_000);
    expect(await views()).to.be.above(first);
  });

  it('refuses the 601st call in a minute', async () => {
    const answers = await Promise.all(Array.from({ length: 601 }, () => tt.userInfo(stage, token, 'open_id')));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.map(tt.code)).to.deep.equal(['rate_limit_exceeded']);
  });
});
