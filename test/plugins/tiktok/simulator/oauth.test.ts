import { expect } from 'chai';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import * as tt from './support.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('TikTok simulator, the token endpoint', () => {
  let stage: tt.Stage;
  beforeEach(async () => {
    stage = await tt.openStage();
  });
  afterEach(() => stage.close());

  const refresh = (token: string): Promise<tt.Answer> =>
    tt.exchange(stage, { grant_type: 'refresh_token', refresh_token: token });
  const isAlive = async (token: string): Promise<boolean> =>
    (await tt.userInfo(stage, token, 'open_id')).status === 200;

  it('answers flat, with prefixes, lifetimes of two hours and 180 days, and the granted scopes', async () => {
    const tokens = await tt.connect(stage);
    expect(tokens.access_token).to.match(/^act\./);
    expect(tokens.refresh_token).to.match(/^rft\./);
    expect([tokens.expires_in, tokens.refresh_expires_in, tokens.scope]).to.deep.equal([
      7200,
      15_552_000,
      tt.ALL_SCOPES,
    ]);
  });

  it('takes a code once', async () => {
    const back = await tt.consent(stage);
    expect((await tt.exchange(stage, tt.codeForm(back))).json['access_token']).to.be.a('string');
    expect((await tt.exchange(stage, tt.codeForm(back))).json.error).to.equal('invalid_grant');
  });

  it('takes no code after five minutes', async () => {
    const back = await tt.consent(stage);
    stage.simulator.control.advanceClock(300_000);
    expect((await tt.exchange(stage, tt.codeForm(back))).json.error).to.equal('invalid_grant');
  });

  it('takes no code that was left percent-encoded', async () => {
    const back = await tt.consent(stage);
    const encoded = /code=([^&]+)/.exec(back.href)?.[1] ?? '';
    expect(encoded).to.include('%2A').and.include('%21');
    expect((await tt.exchange(stage, { ...tt.codeForm(back), code: encoded })).json.error).to.equal('invalid_grant');
  });

  it('wants the very redirect_uri of the authorize request', async () => {
    const back = await tt.consent(stage);
    const answer = await tt.exchange(stage, { ...tt.codeForm(back), redirect_uri: `${tt.CALLBACK}/` });
    expect(answer.json).to.include({
      error: 'invalid_request',
      error_description: 'Redirect_uri is not matched with the uri when requesting code.',
    });
    expect(answer.json['log_id']).to.match(/^\d{14}[0-9A-F]{20}$/);
  });

  it('verifies the challenge as lower-case hex: a base64url one passes the page and fails here', async () => {
    const extra = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' };
    const back = await tt.consent(stage, { extra });
    const answer = await tt.exchange(stage, tt.codeForm(back));
    expect(answer.json).to.include({
      error: 'invalid_request',
      error_description: 'Code verifier or code challenge is invalid.',
    });
  });

  it('wants the verifier whenever a challenge was sent', async () => {
    const form = tt.codeForm(await tt.consent(stage));
    delete form['code_verifier'];
    expect((await tt.exchange(stage, form)).json.error).to.equal('invalid_request');
  });

  it('refuses a wrong secret, another app and an unknown grant', async () => {
    const form = tt.codeForm(await tt.consent(stage));
    expect((await tt.exchange(stage, { ...form, client_secret: 'wrong' })).json.error).to.equal('invalid_client');
    expect((await tt.exchange(stage, form, demoApps.sandbox)).json.error).to.equal('invalid_grant');
    expect((await tt.exchange(stage, { ...form, grant_type: 'password' })).json.error).to.equal(
      'unsupported_grant_type',
    );
    expect((await tt.exchange(stage, form)).json['access_token']).to.be.a('string');
  });

  it('checks the grant before the client', async () => {
    const answer = await tt.exchange(stage, {
      ...tt.codeForm(await tt.consent(stage)),
      code: 'wrong',
      client_key: 'awwrong',
    });
    expect(answer.json.error).to.equal('invalid_grant');
  });

  it('refuses a JSON body', async () => {
    const body = {
      client_key: demoApps.live.client_key,
      client_secret: demoApps.live.client_secret,
      grant_type: 'client_credentials',
    };
    expect((await tt.postJson(`${stage.url}/v2/oauth/token/`, body)).json.error).to.equal('invalid_request');
  });

  it('knows no path without the slash at its end', async () => {
    for (const path of ['/v2/oauth/token', '/v2/oauth/revoke', '/v2/video/list', '/v2/post/publish/video/init']) {
      const answer = await tt.postForm(`${stage.url}${path}`, {});
      expect([answer.status, answer.text], path).to.deep.equal([404, 'Unsupported path(Janus)']);
    }
  });

  it('gives a client token for valid credentials only', async () => {
    const answer = await tt.exchange(stage, { grant_type: 'client_credentials' });
    expect(answer.json['access_token']).to.match(/^clt\./);
    expect(answer.json['expires_in']).to.equal(7200);
    const wrong = await tt.exchange(stage, { grant_type: 'client_credentials', client_secret: 'wrong' });
    expect([wrong.status, wrong.json.error]).to.deep.equal([200, 'invalid_client']);
  });

  it('answers OAuth errors with 200, with 400 or 401, or by turns', async () => {
    const wrong = async (): Promise<number> =>
      (await tt.exchange(stage, { grant_type: 'client_credentials', client_secret: 'wrong' })).status;
    expect(await wrong()).to.equal(200);
    stage.simulator.control.setSwitches({ oauth_error_status: '400' });
    expect(await wrong()).to.equal(401);
    stage.simulator.control.setSwitches({ oauth_error_status: 'alternating' });
    expect([await wrong(), await wrong(), await wrong()]).to.deep.equal([200, 401, 200]);
  });

  it('rotates the refresh token at once and keeps its end date', async () => {
    const first = await tt.connect(stage);
    stage.simulator.control.advanceClock(2 * HOUR);
    expect(await isAlive(first.access_token)).to.equal(false);
    const second = tt.readTokens(await refresh(first.refresh_token));
    expect(second.refresh_token).not.to.equal(first.refresh_token);
    expect(second.refresh_expires_in).to.equal(15_552_000 - 7200);
    expect(await isAlive(second.access_token)).to.equal(true);
    expect((await refresh(first.refresh_token)).json.error).to.equal('invalid_grant');
    expect(stage.simulator.control.stats()).to.include({ refreshes: 1, refused_refreshes: 1 });
  });

  it('ends a refresh token after 180 days, however often it was used', async () => {
    let { refresh_token: token } = await tt.connect(stage);
    stage.simulator.control.advanceClock(179 * DAY);
    token = tt.readTokens(await refresh(token)).refresh_token;
    stage.simulator.control.advanceClock(DAY);
    expect((await refresh(token)).json.error).to.equal('invalid_grant');
  });

  it('keeps the old refresh token in the legacy profile', async () => {
    stage.simulator.control.setSwitches({ token_profile: 'legacy' });
    const first = await tt.connect(stage);
    expect([first.expires_in, first.refresh_expires_in]).to.deep.equal([86_400, 31_536_000]);
    const second = tt.readTokens(await refresh(first.refresh_token));
    expect(second.refresh_token).to.equal(first.refresh_token);
  });

  it('gives one person another open_id in each app and the same union_id', async () => {
    const live = await tt.connect(stage);
    const sandbox = await tt.connect(stage, { app: demoApps.sandbox });
    expect(live.open_id).not.to.equal(sandbox.open_id);
    const [one, two] = await Promise.all(
      [live, sandbox].map(async (tokens) => tt.data(await tt.userInfo(stage, tokens.access_token, 'union_id'))),
    );
    expect(one).to.deep.equal(two);
  });

  it('revokes with an empty answer, and every token of that person and app is dead', async () => {
    const tokens = await tt.connect(stage);
    const form = {
      client_key: demoApps.live.client_key,
      client_secret: demoApps.live.client_secret,
      token: tokens.access_token,
    };
    const answer = await tt.postForm(`${stage.url}/v2/oauth/revoke/`, form);
    expect([answer.status, answer.text]).to.deep.equal([200, '']);
    expect(await isAlive(tokens.access_token)).to.equal(false);
    expect((await refresh(tokens.refresh_token)).json.error).to.equal('invalid_grant');
    expect((await tt.postForm(`${stage.url}/v2/oauth/revoke/`, form)).json.error).to.equal('invalid_grant');
  });
});
