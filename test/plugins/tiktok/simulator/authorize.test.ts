import { expect } from 'chai';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import * as tt from './support.ts';

describe('TikTok simulator, the authorize page', () => {
  let stage: tt.Stage;
  beforeEach(async () => {
    stage = await tt.openStage();
  });
  afterEach(() => stage.close());

  const open = (options: tt.AuthorizeOptions, cookie = ''): Promise<tt.Answer> => {
    const query = new URLSearchParams(tt.authorizeParameters(options)).toString();
    return tt.ask(`${stage.url}/v2/auth/authorize/?${query}`, { headers: { cookie } });
  };
  const keyword = async (options: tt.AuthorizeOptions): Promise<string> => {
    const answer = await open(options);
    const page = new URL(answer.headers.get('location') ?? '', stage.url);
    expect(page.pathname).to.equal('/v2/auth/error/');
    return `${page.searchParams.get('error')} ${page.searchParams.get('error_type')}`;
  };

  it('shows the app, every account and a check box for each scope', async () => {
    const page = await open({});
    expect(page.status).to.equal(200);
    expect(page.text).to.include('Authorize Castdeck Demo').and.include('Hazel &amp; Rye Workshops');
    for (const scope of tt.ALL_SCOPES.split(',')) expect(page.text).to.include(`value="${scope}"`);
    expect(page.text).to.include('>Authorize</button>').and.include('>Cancel</button>');
  });

  it('sends the browser back with a code that holds * and !, percent-encoded, the scopes and the state', async () => {
    const form = { ...tt.authorizeParameters({}), account: 'hazelandrye', decision: 'authorize' };
    const answer = await tt.postForm(`${stage.url}/v2/auth/authorize/`, form);
    const location = answer.headers.get('location') ?? '';
    expect(location).to.match(
      /^http:\/\/localhost:3000\/app\/tiktok\/profile\?code=[A-Za-z0-9]+%2A\d%21\d{4}&scopes=user\.info\.basic%2C/,
    );
    const back = new URL(location);
    expect(back.searchParams.get('state')).to.equal('st4te');
    expect(back.searchParams.get('scopes')).to.equal(tt.ALL_SCOPES);
  });

  it('goes back with access_denied and the state after Cancel', async () => {
    const form = { ...tt.authorizeParameters({}), decision: 'cancel' };
    const answer = await tt.postForm(`${stage.url}/v2/auth/authorize/`, form);
    const back = new URL(answer.headers.get('location') ?? '');
    expect([
      back.searchParams.get('error'),
      back.searchParams.get('state'),
      back.searchParams.has('code'),
    ]).to.deep.equal(['access_denied', 'st4te', false]);
  });

  it('grants only the ticked scopes, and always user.info.basic', async () => {
    const form = {
      ...tt.authorizeParameters({}),
      account: 'hazelandrye',
      decision: 'authorize',
      scopes_shown: '1',
      scopes: 'video.list',
    };
    const answer = await tt.postForm(`${stage.url}/v2/auth/authorize/`, form);
    const back = new URL(answer.headers.get('location') ?? '');
    expect(back.searchParams.get('scopes')).to.equal('user.info.basic,video.list');
    const token = tt.readTokens(await tt.exchange(stage, tt.codeForm(back)));
    expect(token.scope).to.equal('user.info.basic,video.list');
  });

  it('names client_key when client_id came instead', async () => {
    expect(await keyword({ extra: { client_id: 'x' }, without: ['client_key'] })).to.equal('param_error client_key');
  });

  it('names client_key for an unknown key and for a key with a stray space', async () => {
    expect(await keyword({ extra: { client_key: 'awwrong' } })).to.equal('unauthorized_client client_key');
    expect(await keyword({ extra: { client_key: `${demoApps.live.client_key} ` } })).to.equal(
      'unauthorized_client client_key',
    );
  });

  it('names client_key for a live app that was never approved', async () => {
    stage.simulator.control.putApp({ client_key: demoApps.live.client_key, approved: false });
    expect(await keyword({})).to.equal('unauthorized_client client_key');
  });

  it('names scope when scopes are parted by spaces, unknown or not enabled', async () => {
    for (const scope of ['user.info.basic video.publish', 'video.create', 'user.info.basic,video.upload', ''])
      expect(await keyword({ scope }), scope).to.equal('invalid_scope scope');
  });

  it('names redirect_uri when it differs in a slash, the scheme or the path', async () => {
    for (const redirect of [
      `${tt.CALLBACK}/`,
      tt.CALLBACK.replace('http:', 'https:'),
      'http://localhost/app/tiktok/profile',
      'http://evil.example:1/app/tiktok/profile',
    ])
      expect(await keyword({ extra: { redirect_uri: redirect } }), redirect).to.equal('param_error redirect_uri');
  });

  it('takes any port where a desktop app registered a wildcard', async () => {
    expect((await open({ extra: { redirect_uri: 'http://127.0.0.1:49152/app/tiktok/profile' } })).status).to.equal(200);
  });

  it('names code_challenge when a desktop app sends none, and its method unless S256', async () => {
    expect(await keyword({ without: ['code_challenge', 'code_challenge_method'] })).to.equal(
      'param_error code_challenge',
    );
    for (const method of ['plain', 's256'])
      expect(await keyword({ extra: { code_challenge_method: method } })).to.equal('param_error code_challenge_method');
  });

  it('asks no challenge of a web app', async () => {
    stage.simulator.control.putApp({
      client_key: demoApps.live.client_key,
      platform: 'web',
      redirect_uris: ['https://panel.example.org/app/tiktok/profile'],
    });
    const extra = { redirect_uri: 'https://panel.example.org/app/tiktok/profile' };
    expect((await open({ extra, without: ['code_challenge', 'code_challenge_method'] })).status).to.equal(200);
  });

  it('names response_type unless it is code', async () => {
    expect(await keyword({ extra: { response_type: 'token' } })).to.equal('unsupported_response_type response_type');
  });

  it('shuts out an account that is no target user of the sandbox, on its own page', async () => {
    const back = await tt.consent(stage, { app: demoApps.sandbox, account: 'hazelandrye.catering' });
    expect(`${back.pathname} ${back.searchParams.get('error')} ${back.searchParams.get('error_type')}`).to.equal(
      '/v2/auth/error/ access_denied non_sandbox_target',
    );
    const page = await tt.ask(back.href);
    expect(page.text).to.include('Something went wrong').and.include('non_sandbox_target');
  });

  it('shuts out through the callback when authorize_errors says redirect', async () => {
    stage.simulator.control.setSwitches({ authorize_errors: 'redirect' });
    const back = await tt.consent(stage, { app: demoApps.sandbox, account: 'hazelandrye.catering' });
    expect(back.href.startsWith(tt.CALLBACK)).to.equal(true);
    expect(back.searchParams.get('error_type')).to.equal('non_sandbox_target');
  });

  it('passes a logged-in person straight through who granted before, but not with disable_auto_auth=1', async () => {
    const cookie = 'tiktok_simulator_account=hazelandrye';
    const auto = { extra: { disable_auto_auth: '0' } };
    expect((await open(auto, cookie)).status).to.equal(200);
    await tt.connect(stage);
    expect((await open(auto, cookie)).headers.get('location')).to.include(`${tt.CALLBACK}?code=`);
    expect((await open({}, cookie)).status).to.equal(200);
  });

  it('serves the address without its slash until authorize_slash is required', async () => {
    const query = new URLSearchParams(tt.authorizeParameters({})).toString();
    expect((await tt.ask(`${stage.url}/v2/auth/authorize?${query}`)).status).to.equal(200);
    stage.simulator.control.setSwitches({ authorize_slash: 'required' });
    expect((await tt.ask(`${stage.url}/v2/auth/authorize?${query}`)).status).to.equal(404);
  });

  it('escapes what an app or a request brings onto the page', async () => {
    stage.simulator.control.putApp({ client_key: demoApps.live.client_key, name: '<script>alert(1)</script>' });
    const page = await open({ extra: { state: '"><script>alert(2)</script>' } });
    expect(page.text).not.to.include('<script>');
  });
});
