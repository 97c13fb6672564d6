import { expect } from 'chai';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import * as tt from './support.ts';

describe('TikTok simulator, what a creator may do', () => {
  let stage: tt.Stage;
  beforeEach(async () => {
    stage = await tt.openStage();
  });
  afterEach(() => stage.close());

  const tokenOf = async (options: tt.AuthorizeOptions): Promise<string> =>
    (await tt.connect(stage, options)).access_token;
  const refusal = async (token: string, body: Parameters<typeof tt.initVideo>[2] = {}): Promise<string> => {
    const answer = await tt.initVideo(stage, token, body);
    return `${answer.status} ${String(tt.code(answer))}`;
  };
  const post = (patch: object): object => ({ ...tt.publicPost(), ...patch });

  it('answers for a public account with its options and limits', async () => {
    const answer = await tt.creatorInfo(stage, await tokenOf({ account: 'hazelandrye.workshops' }));
    expect(tt.data(answer)).to.deep.include({
      creator_username: 'hazelandrye.workshops',
      creator_nickname: 'Hazel & Rye Workshops',
      privacy_level_options: ['PUBLIC_TO_EVERYONE', 'MUTUAL_FOLLOW_FRIENDS', 'SELF_ONLY'],
      comment_disabled: false,
      duet_disabled: true,
      stitch_disabled: false,
      max_video_post_duration_sec: 60,
    });
  });

  it('answers for a private account with followers instead of everyone, and fewer options to an unaudited app', async () => {
    const audited = await tt.creatorInfo(stage, await tokenOf({ account: 'ryeclub' }));
    expect(tt.data(audited)['privacy_level_options']).to.deep.equal([
      'FOLLOWER_OF_CREATOR',
      'MUTUAL_FOLLOW_FRIENDS',
      'SELF_ONLY',
    ]);
    expect(tt.data(audited)).to.include({ duet_disabled: true, stitch_disabled: true });
    const unaudited = await tt.creatorInfo(stage, await tokenOf({ account: 'ryeclub', app: demoApps.sandbox }));
    expect(tt.data(unaudited)['privacy_level_options']).to.deep.equal(['MUTUAL_FOLLOW_FRIENDS', 'SELF_ONLY']);
  });

  it('takes no body, an empty one or anything else', async () => {
    const headers = { authorization: `Bearer ${await tokenOf({})}` };
    for (const body of [null, '{}', '[]']) {
      const answer = await tt.ask(`${stage.url}/v2/post/publish/creator_info/query/`, {
        method: 'POST',
        headers,
        body,
      });
      expect(tt.code(answer)).to.equal('ok');
    }
  });

  it('reports bans and caps with 200 here and with 403 at init', async () => {
    const token = await tokenOf({});
    const cases = {
      banned: 'spam_risk_user_banned_from_posting',
      daily_cap_reached: 'spam_risk_too_many_posts',
      active_user_cap_reached: 'reached_active_user_cap',
    };
    for (const [flag, code] of Object.entries(cases)) {
      stage.simulator.control.putAccount({ username: 'hazelandrye', [flag]: true });
      const info = await tt.creatorInfo(stage, token);
      expect([info.status, tt.code(info)]).to.deep.equal([200, code]);
      expect(await refusal(token)).to.equal(`403 ${code}`);
      stage.simulator.control.putAccount({ username: 'hazelandrye', [flag]: false });
    }
  });

  it('counts the posts of the last 24 hours against the cap that all apps share', async () => {
    stage.simulator.control.putAccount({ username: 'hazelandrye', daily_post_cap: 1 });
    const token = await tokenOf({});
    const { uploadUrl } = await tt.begin(stage, token);
    await tt.putWhole(uploadUrl, tt.someBytes(1000));
    expect(await refusal(token)).to.equal('403 spam_risk_too_many_posts');
    stage.simulator.control.setSwitches({ access_token_seconds: 200_000 });
    const later = await tokenOf({});
    stage.simulator.control.advanceClock(86_400_000);
    expect(await refusal(later)).to.equal('200 ok');
  });

  it('refuses a privacy that is missing or not offered with 403, an unknown one with 400', async () => {
    const token = await tokenOf({});
    expect(await refusal(token, { post: { title: 'No privacy' } })).to.equal('403 privacy_level_option_mismatch');
    expect(await refusal(token, { post: post({ privacy_level: 'FOLLOWER_OF_CREATOR' }) })).to.equal(
      '403 privacy_level_option_mismatch',
    );
    expect(await refusal(token, { post: post({ privacy_level: 'EVERYBODY' }) })).to.equal('400 invalid_params');
  });

  it('takes a caption of 2200 UTF-16 units and refuses one more', async () => {
    const token = await tokenOf({});
    expect(await refusal(token, { post: post({ title: '🍞'.repeat(1100) }) })).to.equal('200 ok');
    const answer = await tt.initVideo(stage, token, { post: post({ title: `${'🍞'.repeat(1100)}x` }) });
    expect(answer.text).to.include('The request post info is empty or incorrect');
    expect(answer.text).not.to.include('"data"');
  });

  it('refuses branded content that nobody may see, unless the switch accepts it', async () => {
    const token = await tokenOf({});
    const branded = { post: post({ privacy_level: 'SELF_ONLY', brand_content_toggle: true }) };
    expect(await refusal(token, branded)).to.equal('400 invalid_params');
    stage.simulator.control.setSwitches({ branded_self_only: 'accepted' });
    expect(await refusal(token, branded)).to.equal('200 ok');
  });

  it('lets an unaudited app post only to private accounts, and only for the owner’s eyes', async () => {
    const only = { post: post({ privacy_level: 'SELF_ONLY' }) };
    const unaudited = '403 unaudited_client_can_only_post_to_private_accounts';
    const open = await tokenOf({ app: demoApps.sandbox });
    expect(await refusal(open, only)).to.equal(unaudited);
    expect(await refusal(open)).to.equal(unaudited);
    const closed = await tokenOf({ app: demoApps.sandbox, account: 'ryeclub' });
    expect(await refusal(closed, { post: post({ privacy_level: 'MUTUAL_FOLLOW_FRIENDS' }) })).to.equal(unaudited);
    expect(await refusal(closed, only)).to.equal('200 ok');
  });

  it('lets five people a day post through an unaudited app', async () => {
    stage.simulator.control.putApp({
      client_key: 'awsmall',
      redirect_uris: ['http://localhost:*/app/tiktok/profile'],
      client_secret: 's3cret',
    });
    const app = { client_key: 'awsmall', client_secret: 's3cret' };
    const seen: string[] = [];
    for (const n of [1, 2, 3, 4, 5, 6]) {
      stage.simulator.control.putAccount({ username: `baker${n}`, private: true });
      const token = await tokenOf({ app, account: `baker${n}` });
      seen.push(await refusal(token, { post: post({ privacy_level: 'SELF_ONLY' }) }));
    }
    expect(seen).to.deep.equal([...Array<string>(5).fill('200 ok'), '403 reached_active_user_cap']);
  });

  it('lets as many people a day post through an audited app as TikTok granted it', async () => {
    stage.simulator.control.putApp({ client_key: demoApps.live.client_key, daily_user_cap: 1 });
    expect(await refusal(await tokenOf({}))).to.equal('200 ok');
    expect(await refusal(await tokenOf({}))).to.equal('200 ok');
    stage.simulator.control.putAccount({ username: 'baker1' });
    expect(await refusal(await tokenOf({ account: 'baker1' }))).to.equal('403 reached_active_user_cap');
  });

  it('refuses bad chunk plans over HTTP in TikTok’s words and either spelling', async () => {
    const token = await tokenOf({});
    const source = { source: 'FILE_UPLOAD', video_size: 50_000_123, chunk_size: 10_000_000, total_chunk_count: 6 };
    const answer = await tt.initVideo(stage, token, { source });
    expect(`${answer.status} ${answer.text}`)
      .to.include('400')
      .and.include('invalid_params')
      .and.include('The total chunk count is invalid');
    stage.simulator.control.setSwitches({ invalid_params_spelling: 'invalid_param' });
    expect(await refusal(token, { source })).to.equal('400 invalid_param');
  });

  it('refuses half a source, a wrong type and a body that is no JSON', async () => {
    const token = await tokenOf({});
    const half = await tt.initVideo(stage, token, { source: { source: 'FILE_UPLOAD', video_size: 1000 } });
    expect(half.text).to.include('The request source info is empty or incorrect');
    const text = await tt.initVideo(stage, token, { source: { ...tt.wholeFile(1000), video_size: '1000' } });
    expect(text.status).to.equal(400);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const broken = await tt.ask(`${stage.url}/v2/post/publish/video/init/`, { method: 'POST', headers, body: '{' });
    expect(broken.status).to.equal(400);
  });

  it('refuses to pull from an address that nobody verified', async () => {
    const source = { source: 'PULL_FROM_URL', video_url: 'https://media.example.org/buns.mp4' };
    expect(await refusal(await tokenOf({}), { source })).to.equal('403 url_ownership_unverified');
  });

  it('refuses without video.publish', async () => {
    const token = await tokenOf({ scope: 'user.info.basic,video.list' });
    expect(await refusal(token)).to.equal('401 scope_not_authorized');
    expect(tt.code(await tt.creatorInfo(stage, token))).to.equal('scope_not_authorized');
  });

  it('refuses the seventh init and the twenty-first creator_info in a minute, and forgets after it', async () => {
    const token = await tokenOf({});
    for (let n = 0; n < 6; n += 1) expect(await refusal(token)).to.equal('200 ok');
    expect(await refusal(token)).to.equal('429 rate_limit_exceeded');
    for (let n = 0; n < 20; n += 1) expect((await tt.creatorInfo(stage, token)).status).to.equal(200);
    expect((await tt.creatorInfo(stage, token)).status).to.equal(429);
    stage.simulator.control.advanceClock(60_000);
    expect(await refusal(token)).to.equal('200 ok');
  });

  it('forces interactions off where the account does not allow them, and notes flags that were not sent', async () => {
    const token = await tokenOf({ account: 'hazelandrye.workshops' });
    const sparse = { privacy_level: 'PUBLIC_TO_EVERYONE', disable_comment: false, disable_duet: false };
    const { publishId } = await tt.begin(stage, token, { post: sparse });
    const row = stage.simulator.control.publishes().find((one) => one.publish_id === publishId);
    expect(row).to.include({ caption: '', disable_comment: false, disable_duet: true, disable_stitch: false });
    expect(row?.notes.join())
      .to.include('disable_stitch was not sent')
      .and.include('brand_content_toggle was not sent');
  });

  it('keeps labels and cover as they were sent, and refuses a cover that is no 32-bit number', async () => {
    const token = await tokenOf({});
    const labels = {
      brand_content_toggle: true,
      brand_organic_toggle: false,
      is_aigc: true,
      video_cover_timestamp_ms: 1500,
    };
    const post = { privacy_level: 'MUTUAL_FOLLOW_FRIENDS', ...labels };
    const { publishId } = await tt.begin(stage, token, { post });
    const row = stage.simulator.control.publishes().find((one) => one.publish_id === publishId);
    expect(row).to.include(labels);
    expect(await refusal(token, { post: { ...post, video_cover_timestamp_ms: 2 ** 31 } })).to.equal(
      '400 invalid_params',
    );
  });
});
