import { expect } from 'chai';
import { RemoteError } from '#plugin-api';
import type { ConnectedAccount, CredentialSet } from '#plugin-api';
import { demoApps, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import type { Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import { codeChallenge } from '../../../plugins/tiktok/oauth-strategy.ts';
import { callbackUrl, codeVerifier, connectAccount, connectorFor, decide, liveApp, run } from './login.ts';
import { credentialSet, MovableClock } from './support.ts';

const start = Date.UTC(2026, 10, 20, 9);

describe('connecting a profile', () => {
  let simulator: Simulator;
  const clock = new MovableClock(start);
  const context = { set: credentialSet(liveApp()), state: 'st4te', codeVerifier };

  before(async () => {
    simulator = await startSimulator({ now: () => clock.now() });
  });
  after(() => simulator.close());
  beforeEach(() => simulator.control.reset());

  async function failedLogin(query: string, app = liveApp()): Promise<unknown> {
    const strategy = connectorFor(simulator.url, { app }).strategy({ ...context, set: credentialSet(app) });
    const end = await run(strategy, query);
    if (end.kind === 'success' || end.kind === 'redirect') throw new Error(end.kind);
    return end.value;
  }

  it('S17: sends TikTok exactly the configured scopes, with commas, and its own names', async () => {
    const started = await run(connectorFor(simulator.url).strategy(context));
    if (started.kind !== 'redirect') throw new Error(started.kind);
    const { url } = started;
    expect(url.pathname).to.equal('/v2/auth/authorize/');
    expect(Object.fromEntries(url.searchParams)).to.include({
      client_key: demoApps.live.client_key,
      response_type: 'code',
      scope: 'user.info.basic,user.info.profile,user.info.stats,video.list,video.publish',
      redirect_uri: callbackUrl,
      state: 'st4te',
      disable_auto_auth: '1',
      code_challenge_method: 'S256',
    });
    expect(url.href).to.not.include(demoApps.live.client_secret);
  });

  it('S15: sends the lower-case hexadecimal challenge and never the verifier', async () => {
    const started = await run(connectorFor(simulator.url).strategy(context));
    const challenge = '13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3';
    expect(codeChallenge(codeVerifier)).to.equal(challenge);
    if (started.kind !== 'redirect') throw new Error(started.kind);
    expect(started.url.searchParams.get('code_challenge')).to.equal(challenge);
    expect(started.url.href).to.not.include(codeVerifier);
  });

  it('reads tokens, profile and the picture’s bytes, and computes the ends from the answer', async () => {
    const account = await connectAccount(simulator.url, { clock });
    expect(account).to.deep.include({ nickname: 'Hazel & Rye', username: 'hazelandrye' });
    expect(account.accountId).to.not.equal('');
    expect(account.unionId).to.be.a('string');
    expect(account.avatar?.length).to.be.greaterThan(100);
    expect(account.tokens.accessExpiresAt).to.equal(start + 7_200_000);
    expect(account.tokens.refreshExpiresAt).to.equal(start + 15_552_000_000);
    expect(account.tokens.scopes).to.include('video.publish');
  });

  it('uses the code as it was decoded once, and only once', async () => {
    const started = await run(connectorFor(simulator.url).strategy(context));
    if (started.kind !== 'redirect') throw new Error(started.kind);
    const back = await decide(started.url, { account: 'hazelandrye' });
    expect(back.searchParams.get('code')).to.match(/[*!]/u);
    expect((await run(connectorFor(simulator.url).strategy(context), back.search)).kind).to.equal('success');
    const again = connectorFor(simulator.url).explain({ query: {}, error: await failedLogin(back.search) });
    expect(again).to.include({ code: 'invalid_grant', who: 'you' });
  });

  it('judges a failed token call by its body, whatever the status', async () => {
    for (const status of ['200', '400'] as const) {
      simulator.control.setSwitches({ oauth_error_status: status });
      const app = liveApp({ secret: 'canary-secret-0001' });
      const error = await failedLogin('?code=abc*1!2.x&state=st4te', app);
      const told = connectorFor(simulator.url).explain({ query: {}, error });
      expect(told.code).to.be.oneOf(['invalid_client', 'invalid_grant']);
      expect(told.sentence).to.not.equal('');
      expect(JSON.stringify(told)).to.not.include('canary');
    }
  });

  it('keeps a partial grant and tells what will not work', async () => {
    const scopes = ['user.info.basic', 'video.publish'];
    const account = await connectAccount(simulator.url, { app: liveApp({ scopes }) });
    expect(account.tokens.scopes).to.have.members(scopes);
    expect(account.username).to.equal(undefined);
    expect(account.nickname).to.equal('Hazel & Rye');
    const missing = connectorFor(simulator.url).missingScopes(account.tokens.scopes, context.set);
    expect(missing.map(({ scope }) => scope)).to.deep.equal(['user.info.profile', 'user.info.stats', 'video.list']);
    for (const { consequence } of missing) expect(consequence).to.match(/\.$/u);
  });

  it('connects a profile whose facts TikTok does not give', async () => {
    simulator.control.setSwitches({ failures: [{ endpoint: 'user/info', kind: 'server-error', times: 2 }] });
    const account = await connectAccount(simulator.url);
    expect(account.nickname).to.equal('TikTok profile');
    expect(account.accountId).to.not.equal('');
  });

  it('refreshes with the newest token and takes every value from the answer', async () => {
    const connector = connectorFor(simulator.url, { clock });
    const { tokens } = await connectAccount(simulator.url, { clock });
    const fresh = await connector.refresh({ set: context.set, tokens });
    expect(fresh.accessToken).to.not.equal(tokens.accessToken);
    expect(fresh.refreshToken).to.not.equal(tokens.refreshToken);
    expect(fresh.scopes).to.deep.equal(tokens.scopes);
    const error: unknown = await connector.refresh({ set: context.set, tokens }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(RemoteError).and.to.include({ kind: 'reconnect' });
  });

  it('says reconnect for nothing but a dead grant when refreshing', async () => {
    const { tokens } = await connectAccount(simulator.url);
    const connector = connectorFor(simulator.url);
    for (const kind of ['server-error', 'drop-before', 'html-body', 'truncated-json', 'rate-limited'] as const) {
      simulator.control.setSwitches({ failures: [{ endpoint: 'oauth/token', kind }] });
      const error: unknown = await connector.refresh({ set: context.set, tokens }).catch((reason: unknown) => reason);
      expect(error, kind).to.be.instanceOf(RemoteError);
      expect(error, kind).to.have.property('kind').that.is.oneOf(['temporary', 'rate-limited']);
    }
  });

  it('sends a refresh once, whatever comes of it: the token may work no second time', async () => {
    const { tokens } = await connectAccount(simulator.url);
    const connector = connectorFor(simulator.url);
    const calls = () => simulator.control.requests().filter(({ endpoint }) => endpoint === 'oauth/token').length;
    for (const kind of ['server-error', 'drop-before', 'drop-after', 'truncated-json', 'invalid-grant'] as const) {
      const before = calls();
      simulator.control.setSwitches({ failures: [{ endpoint: 'oauth/token', kind }] });
      await connector.refresh({ set: context.set, tokens }).catch((reason: unknown) => reason);
      expect(calls() - before, kind).to.equal(1);
    }
  });

  it('asks whether an access works by one call, and says reconnect for a refused token alone', async () => {
    const { tokens } = await connectAccount(simulator.url);
    const connector = connectorFor(simulator.url);
    await connector.confirm(tokens.accessToken);
    for (const [kind, meaning] of [
      ['server-error', 'temporary'],
      ['expired-access-token', 'reconnect'],
    ] as const) {
      simulator.control.setSwitches({ failures: [{ endpoint: 'user/info', kind }] });
      const error: unknown = await connector.confirm(tokens.accessToken).catch((reason: unknown) => reason);
      expect(error, kind).to.be.instanceOf(RemoteError).and.to.include({ kind: meaning });
    }
  });

  it('revokes at TikTok, after which the token opens nothing', async () => {
    const { tokens } = await connectAccount(simulator.url);
    const connector = connectorFor(simulator.url);
    await connector.revoke({ set: context.set, tokens });
    await connector.revoke({ set: context.set, tokens });
    const error: unknown = await connector.refresh({ set: context.set, tokens }).catch((reason: unknown) => reason);
    expect(error).to.include({ kind: 'reconnect' });
  });

  it('keeps tokens, codes and secrets out of every error and log line', async () => {
    const log: string[] = [];
    const app = liveApp({ secret: 'canary-secret-0002' });
    const connector = connectorFor(simulator.url, { app, log });
    const tokens: ConnectedAccount['tokens'] = {
      accessToken: 'act.canary-0003',
      refreshToken: 'rft.canary-0004',
      accessExpiresAt: 0,
      refreshExpiresAt: 0,
      scopes: [],
    };
    const found: unknown[] = [log];
    for (const kind of ['drop-before', 'server-error', 'refuse'] as const) {
      simulator.control.setSwitches({
        failures: [{ endpoint: 'oauth/token', kind, times: 2, message: 'act.canary-0005' }],
      });
      found.push(await connector.refresh({ set: credentialSet(app), tokens }).catch((reason: unknown) => reason));
      found.push(await failedLogin('?code=canary-0006&state=st4te', app));
    }
    for (const one of found) {
      const all =
        one instanceof Error ? `${one.message} ${one.stack ?? ''} ${JSON.stringify(one)}` : JSON.stringify(one);
      expect(all).to.not.include('canary');
    }
  });
});

describe('a login that fails', () => {
  const connector = connectorFor('http://127.0.0.1:9');
  const cases: readonly (readonly [Record<string, string>, string, string])[] = [
    [{ error: 'access_denied', error_description: 'The user cancelled.' }, 'access_denied', 'you'],
    [{ error: 'access_denied', error_type: 'non_sandbox_target' }, 'non_sandbox_target', 'admin'],
    [{ error: 'non_sandbox_target' }, 'non_sandbox_target', 'admin'],
    [{ error: 'unauthorized_client', error_type: 'client_key' }, 'client_key', 'admin'],
    [{ error: 'unauthorized_client' }, 'unauthorized_client', 'admin'],
    [{ error: 'param_error', errCode: '10003' }, 'param_error', 'software'],
    [{ error: 'invalid_scope', error_type: 'scope' }, 'scope', 'admin'],
    [{ error: 'invalid_request', error_type: 'redirect_uri' }, 'redirect_uri', 'admin'],
    [{ error: 'invalid_request', error_type: 'code_challenge' }, 'code_challenge', 'admin'],
    [{ error: 'server_error' }, 'server_error', 'network'],
    [{ error: 'temporarily_unavailable' }, 'temporarily_unavailable', 'network'],
    [{ error: 'state_mismatch' }, 'state_mismatch', 'you'],
    [{}, 'state_mismatch', 'you'],
    [{ error: 'brand_new' }, 'brand_new', 'admin'],
  ];
  for (const [query, code, who] of cases) {
    it(`is explained for ${JSON.stringify(query)}`, () => {
      const told = connector.explain({ query: { ...query, logid: '20261121ABC' } });
      expect(told).to.include({ code, who, logId: '20261121ABC' });
      expect(told.sentence).to.not.equal('');
      expect(told.nextStep).to.not.equal('');
    });
  }

  it('tells the sandbox’s target users first, with the admin’s next step', () => {
    const told = connector.explain({ query: { error: 'access_denied', error_type: 'non_sandbox_target' } });
    expect(told.nextStep).to.match(/Target users/u);
  });

  it('is explained with what an admin has noted of the app', () => {
    const of = (set: Partial<CredentialSet>, error_type: string): string =>
      connector.explain({ query: { error: 'x', error_type }, set: { ...credentialSet(liveApp()), ...set } }).nextStep;
    expect(of({ appState: 'in-review' }, 'client_key')).to.include('noted here as In review');
    expect(of({ appState: 'live' }, 'client_key')).to.include('Production, Credentials');
    expect(of({}, 'client_key')).not.to.include('noted');
    expect(of({ id: 'sandbox' }, 'client_key')).to.include('begin with sb');
    expect(of({ id: 'sandbox', testers: ['rye', 'barley'] }, 'non_sandbox_target'))
      .to.include('2 target users are noted here.')
      .and.not.to.include('rye');
    expect(of({ id: 'sandbox' }, 'scope')).to.include('Apply changes');
    expect(of({ appState: 'draft' }, 'scope')).to.include('noted here as Draft');
  });
});
