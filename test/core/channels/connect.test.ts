import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import sharp from 'sharp';
import { roles } from '../../../core/auth/permissions.ts';
import { createMember, createPerson } from '../../support/factories.ts';
import { createDesk, type Desk } from './connect-desk.ts';

describe('Connecting a channel', () => {
  let desk: Desk;

  beforeEach(async () => {
    desk = await createDesk();
  });
  afterEach(() => desk.close());

  it('starts with a POST, sends the person to the network, and connects what comes back', async () => {
    const url = await desk.begin();
    expect(url.origin + url.pathname).to.equal('https://example.test/authorize');
    expect(url.searchParams.get('challenge_length')).to.equal('43');
    const answer = await desk.comeBack({ code: 'code-1', state: url.searchParams.get('state') ?? '' });
    const channel = await desk.onlyChannel();
    expect([answer.status, answer.headers['location']]).to.deep.equal([
      303,
      `/team/${desk.team.id}/channels?connected=${channel.id}`,
    ]);
    expect(channel).to.deep.include({
      nickname: 'Rye Club',
      username: 'ryeclub',
      state: 'connected',
      mode: 'live',
      appKey: 'awlive1',
      scopes: ['see', 'post'],
      connectedBy: { id: desk.maja.id, name: 'Maja' },
    });
    const list = await desk.browser.get(answer.headers['location'] ?? '');
    expect(list.text).to.match(/role="status"[^]*Rye Club is connected/);
  });

  it('S16: sends the configured callback whatever the request says', async () => {
    const answer = await desk.browser
      .post(`/team/${desk.team.id}/channels/connect/example?redirect_uri=https://evil.test/`, {
        redirect_uri: 'https://evil.test',
      })
      .set('X-Forwarded-Host', 'evil.test');
    const url = new URL(answer.headers['location'] ?? '');
    expect(url.searchParams.get('redirect_uri')).to.equal('http://localhost:3000/app/example/profile');
  });

  it('S17: asks for exactly the configured scopes', async () => {
    expect((await desk.begin()).searchParams.get('scope')).to.equal('see,post');
    await desk.world.saveSettings({ 'live.scopes': ['see', 'draft'] });
    expect((await desk.begin()).searchParams.get('scope')).to.equal('see,draft');
  });

  it('S20: shows what the network wrote as text', async () => {
    const answer = await desk.comeBack({ error: '"><svg onload=alert(1)>', state: await desk.beginState() });
    expect(answer.text).not.to.contain('<svg onload');
  });

  it('explains an exchange that failed, and stores nothing', async () => {
    desk.world.network.failure = new Error('The code is too old.');
    const answer = await desk.connect();
    expect(answer.text).to.contain('The code is too old.');
    expect(await desk.world.db.knex('credentials').select()).to.deep.equal([]);
  });

  it('S6: gives the session a new id and stays signed in', async () => {
    const state = await desk.beginState();
    const answer = await desk.comeBack({ code: 'code-1', state });
    expect(String(answer.headers['set-cookie'])).to.contain('local-session=');
    const rows: { user_id: number }[] = await desk.world.db.knex('sessions').select('user_id');
    expect(rows).to.deep.equal([{ user_id: desk.maja.id }]);
    expect((await desk.browser.get(`/team/${desk.team.id}/channels`)).status).to.equal(200);
    expect((await desk.browser.post(`/team/${desk.team.id}/channels/connect/example`)).status).to.equal(303);
  });

  it('updates the same account instead of doubling it', async () => {
    await desk.connect();
    const before = await desk.onlyChannel();
    desk.world.network.accounts.set('code-1', { accountId: 'acc-1', nickname: 'Rye Club 2', username: 'ryeclub' });
    await desk.connect();
    expect(await desk.onlyChannel()).to.include({ id: before.id, nickname: 'Rye Club 2' });
    expect(await desk.world.db.knex('credentials').select('id')).to.have.length(1);
  });

  it('knows the same account through another app by the id of the developer, else by its username', async () => {
    desk.world.network.accounts.set('code-1', { accountId: 'live-id', unionId: 'union', username: 'one' });
    desk.world.network.accounts.set('code-s', { accountId: 'sandbox-id', unionId: 'union', username: 'renamed' });
    await desk.connect();
    const { id } = await desk.onlyChannel();
    await desk.world.saveSettings(
      { 'sandbox.key': 'sbaw1', 'sandbox.secret': 'sandbox-secret', 'sandbox.scopes': ['see', 'post'] },
      { mode: 'sandbox' },
    );
    await desk.connect('code-s');
    expect(await desk.onlyChannel()).to.include({ id, mode: 'sandbox', accountId: 'sandbox-id', appKey: 'sbaw1' });
    const list = await desk.browser.get(`/team/${desk.team.id}/channels`);
    expect(list.text).to.contain('<span class="cd-tag">Sandbox</span>');
  });

  it('stores nothing unless what waited for the channel is woken in the same transaction', async () => {
    await desk.connect();
    const before: unknown[] = await desk.world.db.knex('credentials').select();
    const wake = sinon.stub(desk.world.desk, 'wakeChannel').rejects(new Error('The process ends here.'));
    expect((await desk.connect()).status).to.equal(500);
    wake.restore();
    expect(await desk.world.db.knex('credentials').select()).to.deep.equal(before);
  });

  it('reconnects the channel it is asked for', async () => {
    await desk.connect();
    const { id, credentialId } = await desk.onlyChannel();
    await desk.world.credentials.needsReconnect(credentialId);
    expect((await desk.onlyChannel()).state).to.equal('reconnect-needed');
    await desk.connect('code-1', { channel: String(id) });
    expect(await desk.onlyChannel()).to.include({ id, state: 'connected' });
  });

  it('refuses another account on reconnecting, stores nothing, and offers to add it', async () => {
    await desk.connect();
    const { id } = await desk.onlyChannel();
    const before: unknown[] = await desk.world.db.knex('credentials').select();
    const answer = await desk.connect('code-2', { channel: String(id) });
    expect(answer.status).to.equal(409);
    expect(answer.text).to.contain('data-code="other_account"').and.to.contain('Add as a new channel');
    expect(await desk.world.db.knex('credentials').select()).to.deep.equal(before);
    expect((await desk.onlyChannel()).nickname).to.equal('Rye Club');
  });

  it('keeps a partial grant, and lists what will not work', async () => {
    desk.world.network.accounts.set('code-1', { accountId: 'acc-1', nickname: 'Rye Club', scopes: ['see'] });
    const answer = await desk.connect();
    const list = await desk.browser.get(answer.headers['location'] ?? '');
    expect(list.text).to.contain('data-scope="post"').and.to.contain('Without post something is missing.');
    expect((await desk.onlyChannel()).scopes).to.deep.equal(['see']);
  });

  it('copies the picture under a random name and shows it to the team only', async () => {
    const picture = await sharp({ create: { width: 640, height: 480, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    desk.world.network.accounts.set('code-1', { accountId: 'acc-1', nickname: 'Rye Club', avatar: picture });
    await desk.connect();
    const { id } = await desk.onlyChannel();
    const answer = await desk.browser.get(`/team/${desk.team.id}/channels/${id}/avatar`).responseType('blob');
    expect(answer.headers['content-type']).to.equal('image/webp');
    expect(await sharp(pictureIn(answer.body)).metadata()).to.include({ format: 'webp', width: 256, height: 256 });
    await desk.connect();
    expect(await readdir(path.join(desk.dataDir, 'avatars'))).to.have.length(1);
    const stranger = await desk.world.signIn(await createPerson(desk.world.db));
    expect((await stranger.get(`/team/${desk.team.id}/channels/${id}/avatar`)).status).to.equal(404);
  });

  it('connects all the same when the picture is none', async () => {
    desk.world.network.accounts.set('code-1', {
      accountId: 'acc-1',
      nickname: 'R',
      avatar: Buffer.from('<svg onload=x>'),
    });
    await desk.connect();
    expect((await desk.onlyChannel()).avatar).to.equal(null);
  });

  it('ends a popup on a page that reports back and closes', async () => {
    const answer = await desk.connect('code-1', { popup: '1' });
    const { id } = await desk.onlyChannel();
    expect(answer.headers['location']).to.equal(`/team/${desk.team.id}/channels/connected?connected=${id}`);
    const last = await desk.browser.get(answer.headers['location'] ?? '');
    expect(last.text)
      .to.contain(`data-connected="/team/${desk.team.id}/channels?connected=${id}"`)
      .and.to.contain('js/connected.js');
  });

  it('explains a network that is switched off or not set up, and links an admin to its settings', async () => {
    await desk.world.saveSettings({}, { isEnabled: false });
    const off = await desk.browser.post(`/team/${desk.team.id}/channels/connect/example`);
    expect(off.text).to.contain('data-code="network_disabled"').and.not.to.contain('/admin/api-integration');
    await desk.world.saveSettings({ 'live.key': '' });
    const admin = await createMember(desk.world.db, { team: desk.team, role: 'owner', isAdmin: true });
    const incomplete = await (await desk.world.signIn(admin)).post(`/team/${desk.team.id}/channels/connect/example`);
    expect(incomplete.text)
      .to.contain('data-code="settings_incomplete"')
      .and.to.contain('/admin/api-integration/example');
    expect(await desk.world.db.knex('oauth_states').select()).to.deep.equal([]);
  });

  it('serves an overridden callback at its own path', async () => {
    await desk.world.saveSettings({ 'live.callback': 'http://localhost:3000/old/way/back' });
    const url = await desk.begin();
    expect(url.searchParams.get('redirect_uri')).to.equal('http://localhost:3000/old/way/back');
    const answer = await desk.browser.get(`/old/way/back?code=code-1&state=${url.searchParams.get('state') ?? ''}`);
    expect(answer.status).to.equal(303);
    await desk.onlyChannel();
  });

  it('S2: lets editors and above connect', async () => {
    for (const role of roles) {
      const who = await desk.world.signIn(await createMember(desk.world.db, { team: desk.team, role }));
      const answer = await who.post(`/team/${desk.team.id}/channels/connect/example`);
      expect(answer.status, role).to.equal(role === 'viewer' ? 403 : 303);
    }
  });

  it('S18: stores no token in plain text, and writes none into the log', async () => {
    await desk.connect();
    const tables = await Promise.all(
      ['credentials', 'channels', 'events', 'oauth_states', 'plugin_settings', 'sessions'].map((name) =>
        desk.world.db.knex(name).select(),
      ),
    );
    const everything = JSON.stringify(tables) + desk.world.recorded.text();
    expect(everything).not.to.match(/access-canary|refresh-canary|live-secret/);
  });
});

function pictureIn(body: unknown): Buffer {
  if (!Buffer.isBuffer(body)) throw new Error('The answer holds no bytes.');
  return body;
}
