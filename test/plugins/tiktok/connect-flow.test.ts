import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { plugin } from '../../../plugins/tiktok/index.ts';
import { demoApps, type Simulator, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import { type ChannelsWorld, createChannelsWorld } from '../../core/channels/channels-world.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';

const settingsPath = '/admin/api-integration/tiktok';

/** The person in front of TikTok's page. */
interface Choice {
  readonly account?: string;
  readonly decision?: string;
  readonly scopes?: readonly string[];
}

describe('Connecting a TikTok profile', () => {
  let simulator: Simulator;
  let world: ChannelsWorld;
  let dataDir: string;
  let team: { readonly id: number };
  let member: TestBrowser;
  let admin: TestBrowser;

  beforeEach(async () => {
    simulator = await startSimulator();
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'castdeck-connect-'));
    world = await createChannelsWorld({ dataDir, real: { plugin, url: simulator.url } });
    admin = await world.signIn(await createPerson(world.db, { isAdmin: true, name: 'Ines' }));
    team = await createTeam(world.db);
    member = await world.signIn(await createMember(world.db, { team, role: 'manager', name: 'Maja' }));
    await save();
  });
  afterEach(async () => {
    await world.close();
    await simulator.close();
    await rm(dataDir, { recursive: true });
  });

  function form(mode: 'live' | 'sandbox' = 'live', changes: Readonly<Record<string, string>> = {}) {
    const scopes = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];
    const set = (id: 'live' | 'sandbox') => ({
      [`${id}.appId`]: demoApps[id].client_key,
      [`${id}.appSecret`]: demoApps[id].client_secret,
      [`${id}.scopes`]: scopes,
    });
    return { mode, enabled: '1', ...set('live'), ...set('sandbox'), ...changes };
  }

  async function save(...changes: Parameters<typeof form>) {
    // As the page that tells what switching Mode changes.
    const { text } = await admin.get(settingsPath);
    const agreedMode = [...text.matchAll(/name="agreedMode" value="([^"]+)"/g)].map(([, token = '']) => token);
    expect((await admin.post(settingsPath, { ...form(...changes), agreedMode })).status).to.equal(303);
  }

  /** Presses Profile, decides at TikTok, and comes back. */
  async function logIn(choice: Choice = {}, fields: Record<string, string> = {}) {
    const start = await member.post(`/team/${team.id}/channels/connect/tiktok`, fields);
    expect(start.status).to.equal(303);
    const consent = new URL(start.headers['location'] ?? '');
    const answer = new URLSearchParams(consent.searchParams);
    answer.set('account', choice.account ?? 'hazelandrye');
    answer.set('decision', choice.decision ?? 'authorize');
    for (const scope of choice.scopes ?? []) answer.append('scopes', scope);
    if (choice.scopes !== undefined) answer.set('scopes_shown', '1');
    const at = new URL(consent.pathname, consent.origin);
    const decided = await fetch(at, { method: 'POST', body: answer, redirect: 'manual' });
    const back = new URL(decided.headers.get('location') ?? '', simulator.url);
    return back.pathname === '/app/tiktok/profile' ? member.get(`${back.pathname}${back.search}`) : undefined;
  }

  it('ends with the profile in the list, its picture copied, and its page open', async () => {
    const answer = await logIn();
    expect(answer?.status).to.equal(303);
    const list = await member.get(answer?.headers['location'] ?? '');
    expect(list.text)
      .to.contain('Hazel &amp; Rye is connected.')
      .and.to.contain('@hazelandrye')
      .and.to.contain('data-state="connected"');
    const [channel] = await world.channels.list(team.id);
    expect(channel).to.include({ plugin: 'tiktok', mode: 'live', username: 'hazelandrye' });
    expect(channel?.avatar).to.match(/^[0-9a-f]{32}\.webp$/);
    const page = await member.get(`/team/${team.id}/channels/${channel?.id ?? 0}`);
    expect(page.status).to.equal(200);
    expect(page.text).to.contain('Hazel &amp; Rye').and.to.contain('Connected by Maja');
  });

  it('tests the connection with what is typed and shows TikTok’s own answer', async () => {
    const good = await admin.post(`${settingsPath}/test`, form());
    expect(good.text).to.contain('data-result="ok"');
    const bad = await admin.post(`${settingsPath}/test`, form('live', { 'live.appSecret': 'wrong-secret-000' }));
    expect(bad.text).to.contain('data-result="failed"').and.to.contain('invalid_client');
    expect(bad.text).not.to.contain('wrong-secret-000');
  });

  it('explains a cancelled login', async () => {
    const answer = await logIn({ decision: 'cancel' });
    expect(answer?.status).to.equal(400);
    expect(answer?.text).to.contain('data-code="access_denied"').and.to.contain('Try again');
  });

  it('explains an account that is no target user of the sandbox', async () => {
    await save('sandbox');
    simulator.control.setSwitches({ authorize_errors: 'redirect' });
    const answer = await logIn({ account: 'hazelandrye.catering' });
    expect(answer?.text).to.contain('non_sandbox_target').and.to.contain('target user');
    expect(await world.channels.list(team.id)).to.deep.equal([]);
  });

  for (const status of ['200', '400'] as const) {
    it(`explains a token call that TikTok refuses with HTTP ${status}`, async () => {
      simulator.control.setSwitches({ oauth_error_status: status, code_lifetime_seconds: 0 });
      const answer = await logIn();
      expect(answer?.status).to.equal(400);
      expect(answer?.text).to.contain('data-code="invalid_grant"');
    });
  }

  it('keeps a partial grant and says what will not work', async () => {
    await logIn({ scopes: ['user.info.profile', 'video.publish'] });
    const list = await member.get(`/team/${team.id}/channels`);
    expect(list.text).to.contain('data-scope="video.list"').and.to.contain('data-scope="user.info.stats"');
    expect(list.text).not.to.contain('data-scope="video.publish"');
  });

  it('connects the same profile once, and refuses another on reconnecting', async () => {
    await logIn();
    await logIn();
    const [channel, ...others] = await world.channels.list(team.id);
    expect(others).to.deep.equal([]);
    const wrong = await logIn({ account: 'ryeclub' }, { channel: String(channel?.id) });
    expect(wrong?.status).to.equal(409);
    expect(wrong?.text).to.contain('You logged in as ryeclub');
    const right = await logIn({}, { channel: String(channel?.id) });
    expect(right?.status).to.equal(303);
  });

  it('recognises the profile when the sandbox’s app is exchanged for the live one', async () => {
    await save('sandbox');
    await logIn();
    const [before] = await world.channels.list(team.id);
    expect(before?.mode).to.equal('sandbox');
    await save('live');
    await logIn();
    const after = await world.channels.list(team.id);
    expect(after.map(({ id, mode }) => [id, mode])).to.deep.equal([[before?.id, 'live']]);
  });

  it('gives the access back when the last channel goes', async () => {
    await logIn();
    const [channel] = await world.channels.list(team.id);
    await member.post(`/team/${team.id}/channels/${channel?.id ?? 0}/disconnection`);
    const asked = simulator.control.requests().map(({ endpoint }) => endpoint);
    expect(asked).to.include('oauth/revoke');
    expect((await member.get(`/team/${team.id}/channels`)).text).to.contain('was told that we gave up our access');
  });

  it('S17: asks for exactly the scopes that are ticked, and lets no token reach the browser', async () => {
    await save('live', { 'live.scopes': 'video.list' });
    const start = await member.post(`/team/${team.id}/channels/connect/tiktok`);
    const asked = new URL(start.headers['location'] ?? '').searchParams.get('scope');
    expect(asked).to.equal('user.info.basic,video.list');
    const answer = await logIn();
    const [channel] = await world.channels.list(team.id);
    const pages = [
      answer,
      await member.get(answer?.headers['location'] ?? ''),
      await member.get(`/team/${team.id}/channels/${channel?.id ?? 0}`),
      await admin.get(settingsPath),
    ];
    const [row]: { access_token: string }[] = await world.db.knex('credentials').select('access_token');
    const seen = pages.map((page) => `${JSON.stringify(page?.headers)} ${page?.text ?? ''}`).join(' ');
    expect(seen).not.to.match(/\bact\.|\brft\./);
    expect(seen).not.to.contain(row?.access_token);
  });

  it('says of an account that is no target user how many are noted, and names none to other teams', async () => {
    await save('sandbox', { 'sandbox.note.testers': '@hazelandrye @oathouse.lund' });
    simulator.control.setSwitches({ authorize_errors: 'redirect' });
    const answer = await logIn({ account: 'hazelandrye.catering' });
    expect(answer?.text).to.contain('2 target users are noted here.').and.not.to.contain('oathouse');
  });

  it('tells at the field that a key looks like one of the other set, and saves it nevertheless', async () => {
    const { live, sandbox } = demoApps;
    await save('live', { 'live.appId': sandbox.client_key, 'sandbox.appId': live.client_key });
    const { text } = await admin.get(settingsPath);
    expect(text)
      .to.match(/id="f-live-appId-help">[^]*?This looks like a key of a sandbox/)
      .and.to.match(/id="f-sandbox-appId-help">[^]*?This looks like a key of a live app/);
  });

  for (const [what, typed, words] of [
    ['a space inside the key', { 'live.appId': 'awdemo live' }, 'has a space or line break inside'],
    ['a slash at the end', { 'live.callbackUrl': 'http://localhost:3000/app/tiktok/profile/' }, 'The slash at the end'],
  ] as const) {
    it(`refuses ${what} at its field`, async () => {
      const answer = await admin.post(settingsPath, form('live', typed));
      expect(answer.status).to.equal(422);
      expect(answer.text).to.contain(words).and.to.contain('aria-invalid="true"');
    });
  }

  it('S41: writes no token, code or secret into the log', async () => {
    await logIn();
    await logIn({ decision: 'cancel' });
    expect(world.recorded.text()).not.to.match(/act\.|rft\.|demo-live-secret|code=/);
  });
});
