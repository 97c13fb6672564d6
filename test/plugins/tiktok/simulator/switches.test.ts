import { expect } from 'chai';
import type { FailureInput } from '../../../../plugins/tiktok/simulator/failures.ts';
import { until } from '../../../support/until.ts';
import * as tt from './support.ts';

describe('TikTok simulator, switches and control', () => {
  let stage: tt.Stage;
  let token: string;
  beforeEach(async () => {
    stage = await tt.openStage();
    token = (await tt.connect(stage)).access_token;
  });
  afterEach(() => stage.close());

  const control = (path: string, body: unknown): Promise<tt.Answer> =>
    tt.postJson(`${stage.url}/__simulator/${path}`, body);
  const fail = (...failures: FailureInput[]): void => void stage.simulator.control.setSwitches({ failures });
  const cut = async (promise: Promise<unknown>): Promise<boolean> => {
    try {
      await promise;
      return false;
    } catch {
      return true;
    }
  };
  const inits = (): number => stage.simulator.control.publishes().length;

  it('fails the next requests of one endpoint and no other', async () => {
    fail({ endpoint: 'video/init', kind: 'server-error', times: 2, status: 503 });
    expect((await tt.creatorInfo(stage, token)).status).to.equal(200);
    expect([
      (await tt.initVideo(stage, token, {})).status,
      (await tt.initVideo(stage, token, {})).status,
    ]).to.deep.equal([503, 503]);
    expect(inits()).to.equal(0);
    expect((await tt.initVideo(stage, token, {})).status).to.equal(200);
  });

  it('skips requests first, and picks one account or any endpoint', async () => {
    const other = (await tt.connect(stage, { account: 'ryeclub' })).access_token;
    fail({ endpoint: '*', kind: 'rate-limited', account: 'ryeclub', skip: 1 });
    expect((await tt.userInfo(stage, other, 'open_id')).status).to.equal(200);
    expect((await tt.userInfo(stage, token, 'open_id')).status).to.equal(200);
    expect(tt.code(await tt.userInfo(stage, other, 'open_id'))).to.equal('rate_limit_exceeded');
  });

  it('drops the connection before the work, or after it', async () => {
    fail({ endpoint: 'video/init', kind: 'drop-before' });
    expect(await cut(tt.initVideo(stage, token, {}))).to.equal(true);
    expect(inits()).to.equal(0);
    fail({ endpoint: 'video/init', kind: 'drop-after' });
    expect(await cut(tt.initVideo(stage, token, {}))).to.equal(true);
    expect(inits()).to.equal(1);
    expect(
      stage.simulator.control
        .requests()
        .slice(-2)
        .map((one) => [one.status, one.failure]),
    ).to.deep.equal([
      [0, 'drop-before'],
      [0, 'drop-after'],
    ]);
  });

  it('works and then answers 500, half a JSON, or nothing', async () => {
    fail({ endpoint: 'video/init', kind: 'server-error-after' });
    expect((await tt.initVideo(stage, token, {})).status).to.equal(500);
    fail({ endpoint: 'video/init', kind: 'truncated-json' });
    expect(await cut(tt.initVideo(stage, token, {}))).to.equal(true);
    fail({ endpoint: 'video/init', kind: 'hang-after' });
    const impatience = new AbortController();
    const waiting = tt.ask(`${stage.url}/v2/post/publish/video/init/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ post_info: tt.publicPost(), source_info: tt.wholeFile(1000) }),
      signal: impatience.signal,
    });
    await until(() => inits() === 3, 'it has worked');
    impatience.abort();
    expect(await cut(waiting)).to.equal(true);
  });

  it('answers HTML, any code, or only after a pause', async () => {
    fail({ endpoint: 'user/info', kind: 'html-body' });
    const html = await tt.userInfo(stage, token, 'open_id');
    expect([html.status, html.headers.get('content-type')?.split(';')[0]]).to.deep.equal([502, 'text/html']);
    fail({ endpoint: 'user/info', kind: 'refuse', status: 403, code: 'spam_risk', message: 'No.' });
    const refused = await tt.userInfo(stage, token, 'open_id');
    expect([refused.status, tt.code(refused)]).to.deep.equal([403, 'spam_risk']);
    fail({ endpoint: 'user/info', kind: 'hang', seconds: 0.05 });
    expect((await tt.userInfo(stage, token, 'open_id')).status).to.equal(200);
  });

  it('kills an access token, so that only a refresh helps', async () => {
    fail({ endpoint: 'creator_info/query', kind: 'expired-access-token' });
    expect(tt.code(await tt.creatorInfo(stage, token))).to.equal('access_token_invalid');
    expect((await tt.creatorInfo(stage, token)).status).to.equal(401);
  });

  it('burns a refresh token', async () => {
    const tokens = await tt.connect(stage);
    fail({ endpoint: 'oauth/token', kind: 'invalid-grant' });
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect((await tt.exchange(stage, form)).json.error).to.equal('invalid_grant');
    expect((await tt.exchange(stage, form)).json.error).to.equal('invalid_grant');
  });

  it('rotates a refresh token and loses the answer', async () => {
    const tokens = await tt.connect(stage);
    fail({ endpoint: 'oauth/token', kind: 'drop-after' });
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect(await cut(tt.exchange(stage, form))).to.equal(true);
    expect((await tt.exchange(stage, form)).json.error).to.equal('invalid_grant');
  });

  it('counts refreshes of one token that overlap', async () => {
    const tokens = await tt.connect(stage);
    stage.simulator.control.setSwitches({ latency_ms: 500 });
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    await Promise.all([tt.exchange(stage, form), tt.exchange(stage, form)]);
    expect(stage.simulator.control.stats()).to.deep.equal({
      refreshes: 1,
      refused_refreshes: 1,
      concurrent_refreshes: 1,
    });
  });

  it('expires or forgets an upload address, and loses the answer to the last chunk', async () => {
    const first = await tt.begin(stage, token);
    fail({ endpoint: 'upload', kind: 'upload-url-expired' });
    expect((await tt.putWhole(first.uploadUrl, tt.someBytes(1000))).status).to.equal(403);
    expect((await tt.putWhole(first.uploadUrl, tt.someBytes(1000))).status).to.equal(403);
    const second = await tt.begin(stage, token);
    fail({ endpoint: 'upload', kind: 'upload-forgotten' });
    expect((await tt.putWhole(second.uploadUrl, tt.someBytes(1000))).status).to.equal(404);
    const third = await tt.begin(stage, token);
    fail({ endpoint: 'upload', kind: 'drop-after', chunk: 'last' });
    expect(await cut(tt.putWhole(third.uploadUrl, tt.someBytes(1000)))).to.equal(true);
    expect(stage.simulator.control.posts().map((post) => post.publish_id)).to.deep.equal([third.publishId]);
  });

  it('cuts an upload midway, and no byte counts', async () => {
    const source = { source: 'FILE_UPLOAD', video_size: 4_000_000, chunk_size: 4_000_000, total_chunk_count: 1 };
    const { uploadUrl } = await tt.begin(stage, token, { source });
    fail({ endpoint: 'upload', kind: 'drop-midway', after_bytes: 100_000 });
    expect(await cut(tt.putWhole(uploadUrl, tt.someBytes(4_000_000)))).to.equal(true);
    expect(stage.simulator.control.publishes()[0]?.bytes).to.equal(0);
    expect((await tt.putWhole(uploadUrl, tt.someBytes(4_000_000))).status).to.equal(201);
  });

  it('takes switches over HTTP and refuses unknown ones by name', async () => {
    const answer = await control('switches', {
      processing_seconds: 9,
      failures: [{ endpoint: 'cancel', kind: 'hang' }],
    });
    expect(answer.text).to.include('"processing_seconds":9').and.include('"kind":"hang"');
    const wrong = await control('switches', { procesing_seconds: 9 });
    expect(wrong.status).to.equal(400);
    expect(wrong.text).to.include('procesing_seconds');
    expect((await control('switches', { clear_failures: true })).text).to.include('"failures":[]');
  });

  it('adds and changes accounts and apps over HTTP, and never shows a secret', async () => {
    expect(
      (await control('accounts', { username: 'rye.test', nickname: 'Rye Test', videos: 3 })).json['nickname'],
    ).to.equal('Rye Test');
    await control('accounts', { username: 'rye.test', private: true, new_username: 'rye.tested' });
    const accounts = await tt.ask(`${stage.url}/__simulator/accounts`);
    expect(accounts.text).to.include('"username":"rye.tested"').and.not.include('"username":"rye.test"');
    const app = await control('apps', {
      client_key: 'awnew',
      client_secret: 'hush-hush',
      redirect_uris: ['http://localhost:3000/x'],
    });
    expect(app.json['client_key']).to.equal('awnew');
    expect(
      app.text + (await tt.ask(`${stage.url}/__simulator/apps`)).text + (await tt.ask(stage.url)).text,
    ).not.to.include('hush-hush');
  });

  it('refuses to register redirect URIs that TikTok refuses', async () => {
    for (const uri of [
      'http://localhost/x',
      'https://panel.example.org/x',
      'http://localhost:3000/x?a=1',
      'http://localhost:3000/x#y',
    ])
      expect((await control('apps', { client_key: 'awnew', redirect_uris: [uri] })).status, uri).to.equal(400);
    for (const uri of ['http://panel.example.org/x', 'https://localhost/x'])
      expect(
        (await control('apps', { client_key: 'awweb', platform: 'web', redirect_uris: [uri] })).status,
        uri,
      ).to.equal(400);
    const eleven = Array.from({ length: 11 }, (_, n) => `http://localhost:${3000 + n}/x`);
    expect((await control('apps', { client_key: 'awnew', redirect_uris: eleven })).status).to.equal(400);
  });

  it('moves the clock, withdraws an authorization and starts over, all over HTTP', async () => {
    expect((await control('clock', { advance_seconds: 60 })).json['now']).to.equal(tt.START + 60_000);
    expect((await control('revoke-authorization', { account: 'hazelandrye' })).text).to.include('awdemo');
    expect((await control('revoke-authorization', { account: 'nobody' })).status).to.equal(404);
    await control('reset', {});
    expect((await tt.ask(`${stage.url}/__simulator/clock`)).json['now']).to.equal(tt.START);
    expect((await tt.ask(`${stage.url}/__simulator/requests`)).text).to.equal('[]');
  });

  it('logs each request with endpoint, account, status and client port, and never a token', async () => {
    await tt.userInfo(stage, token, 'open_id');
    const { uploadUrl } = await tt.begin(stage, token);
    await tt.putWhole(uploadUrl, tt.someBytes(1000));
    const answer = await tt.ask(`${stage.url}/__simulator/requests`);
    const last = stage.simulator.control.requests().at(-1);
    expect(last).to.include({ endpoint: 'upload', account: 'hazelandrye', status: 201, method: 'PUT', at: tt.START });
    expect(last?.client_port).to.be.above(0);
    expect(answer.text).not.to.match(/act\.|rft\.|upload_token/);
  });

  it('answers any other path as TikTok’s gateway does', async () => {
    const answer = await tt.ask(`${stage.url}/v2/video/upload/`);
    expect([answer.status, answer.text]).to.deep.equal([404, 'Unsupported path(Janus)']);
  });
});
