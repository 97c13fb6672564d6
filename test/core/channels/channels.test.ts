import { expect } from 'chai';
import { type PluginParts, RemoteError } from '#plugin-api';
import { roles } from '../../../core/auth/permissions.ts';
import type { DeliveryState } from '../../../core/deliveries/delivery-desk.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createDesk, type Desk } from './connect-desk.ts';

describe('Channels of a team', () => {
  let desk: Desk;
  let manager: TestBrowser;
  let path: string;
  let channelId: number;

  beforeEach(async () => {
    desk = await createDesk();
    await desk.connect();
    channelId = (await desk.onlyChannel()).id;
    path = `/team/${desk.team.id}/channels/${channelId}`;
    manager = await desk.world.signIn(
      await createMember(desk.world.db, { team: desk.team, role: 'manager', name: 'Tove' }),
    );
  });
  afterEach(() => desk.close());

  /** A post with one delivery to the channel, as it stands after `state`. */
  async function createDelivery(state: DeliveryState, facts: { pointOfNoReturnAt?: number } = {}): Promise<number> {
    const { db, clock } = desk.world;
    const now = clock.now();
    const post = { team_id: desk.team.id, caption: 'Buns', nonce: `n${now}${state}`, nonce_body: '0', state };
    const [postId = 0] = await db.knex('posts').insert({ ...post, created_at: now, updated_at: now });
    const dueAt = now + 3_600_000;
    const due = { wall: '2026-11-21T14:00', zone: 'Europe/Copenhagen', at: dueAt };
    const delivery = { postId, teamId: desk.team.id, channelId, plugin: 'example', options: {}, due, consent: null };
    const id = await db.transaction((sql) => desk.world.desk.create(delivery, sql));
    if (state === 'scheduled') return id;
    await db.knex('deliveries').where({ id }).update({ state });
    const { credentialId } = await desk.onlyChannel();
    await db.knex('attempts').insert({
      delivery_id: id,
      n: 1,
      plugin: 'example',
      credential_id: credentialId,
      revision: 1,
      started_at: now,
      outcome: 'open',
      point_of_no_return_at: facts.pointOfNoReturnAt ?? null,
    });
    return id;
  }

  async function stateOf(deliveryId: number): Promise<string> {
    return (await desk.world.desk.find(desk.team.id, deliveryId)).state;
  }

  it('are listed with picture, names, state and who connected them', async () => {
    const page = await desk.browser.get(`/team/${desk.team.id}/channels`);
    expect(page.text)
      .to.contain('<h1>Connected Channels</h1>')
      .and.to.contain(`data-channel="${channelId}" data-state="connected"`)
      .and.to.contain('Rye Club')
      .and.to.contain('@ryeclub')
      .and.to.contain('Connected by Maja');
  });

  it('are invited when there is none, with the next thing to do', async () => {
    const team = await createTeam(desk.world.db);
    const editor = await desk.world.signIn(await createMember(desk.world.db, { team, role: 'editor' }));
    expect((await editor.get(`/team/${team.id}/channels`)).text)
      .to.contain('No channels yet')
      .and.to.contain('Add Channel');
    const viewer = await desk.world.signIn(await createMember(desk.world.db, { team, role: 'viewer' }));
    expect((await viewer.get(`/team/${team.id}/channels`)).text)
      .to.contain('No channels yet')
      .and.not.to.contain('Add Channel');
  });

  it('can be added without script: the dialog stands open in the page', async () => {
    const page = await desk.browser.get(`/team/${desk.team.id}/channels?add=1`);
    expect(page.text)
      .to.match(/<dialog[^>]* open>/)
      .and.to.contain('Profile')
      .and.to.contain('To post.');
  });

  it('can be looked at by state', async () => {
    const { text } = await desk.browser.get(`/team/${desk.team.id}/channels?state=paused`);
    expect(text).to.contain('No channel is in this state.').and.not.to.contain('data-channel=');
  });

  it('stand in the order in which they need somebody: reconnect, a missing permission, connected, paused', async () => {
    const { world, team } = desk;
    const names = ['Attic', 'Bakery', 'Cellar', 'Deli'];
    for (const [n, nickname] of names.entries()) {
      world.network.accounts.set(`own-${n}`, {
        accountId: `own-acc-${n}`,
        nickname,
        ...(nickname === 'Cellar' || nickname === 'Deli' ? { scopes: ['see'] } : {}),
      });
      await desk.connect(`own-${n}`);
    }
    await world.db.knex('channels').where({ nickname: 'Attic' }).update({ is_paused: true });
    await world.db.knex('credentials').where({ account_id: 'own-acc-3' }).update({ state: 'reconnect-needed' });
    const { text } = await desk.browser.get(`/team/${team.id}/channels`);
    const order = [...text.matchAll(/id="channel-\d+"><a [^>]*>([^<]*)</g)].map(([, nickname]) => nickname);
    expect(order).to.deep.equal(['Deli', 'Cellar', 'Bakery', 'Rye Club', 'Attic']);
    const deli = text.slice(text.indexOf('data-state="reconnect-needed"'), text.indexOf('data-state="connected"'));
    expect(deli.match(/class="cd-note"/g), 'one note for both').to.have.length(1);
  });

  it('pause and resume: what waited is woken', async () => {
    const delivery = await createDelivery('scheduled');
    expect((await manager.post(`${path}/pause`)).status).to.equal(303);
    expect(await desk.onlyChannel()).to.include({ state: 'paused', isPaused: true });
    await desk.world.db
      .knex('jobs')
      .where({ key: String(delivery) })
      .update({ run_at: desk.world.clock.now() + 9e9 });
    await desk.world.db
      .knex('deliveries')
      .where({ id: delivery })
      .update({ due_at: desk.world.clock.now() - 1 });
    const page = await manager.get(`/team/${desk.team.id}/channels`);
    expect(page.text).to.contain('Resume').and.to.contain('Paused. Nothing is sent.');
    await manager.post(`${path}/resume`, { from: 'channel' });
    expect((await desk.onlyChannel()).state).to.equal('connected');
    const jobs: { run_at: number }[] = await desk.world.db
      .knex('jobs')
      .where({ key: String(delivery) })
      .select('run_at');
    expect(jobs[0]?.run_at).to.equal(desk.world.clock.now());
  });

  it('disconnect: the due deliveries are shown, then cancelled, and the access is revoked with the last channel', async () => {
    const delivery = await createDelivery('scheduled');
    const asked = await manager.get(`${path}/disconnection`);
    expect(asked.text)
      .to.contain(`data-delivery="${delivery}"`)
      .and.to.contain('>Buns</a>')
      .and.to.contain('will be cancelled');
    expect((await manager.post(`${path}/disconnection`)).status).to.equal(303);
    expect(await stateOf(delivery)).to.equal('cancelled');
    expect(await desk.world.channels.list(desk.team.id)).to.deep.equal([]);
    expect(desk.world.network.revoked).to.deep.equal(['access-canary-acc-1']);
    expect((await manager.get(path)).status).to.equal(404);
    expect((await desk.world.channels.findMany(desk.team.id, [channelId]))[0]).to.include({ nickname: 'Rye Club' });
  });

  it('disconnect is refused while a delivery is past the point of no return', async () => {
    const waiting = await createDelivery('scheduled');
    const underWay = await createDelivery('publishing', { pointOfNoReturnAt: desk.world.clock.now() });
    const asked = await manager.get(`${path}/disconnection`);
    expect(asked.text).to.contain('cannot be disconnected now').and.not.to.contain(`data-delivery="${waiting}"`);
    const answer = await manager.post(`${path}/disconnection`);
    expect(answer.status).to.equal(409);
    expect([await stateOf(waiting), await stateOf(underWay)]).to.deep.equal(['scheduled', 'publishing']);
    await desk.onlyChannel();
    expect(desk.world.network.revoked).to.deep.equal([]);
  });

  it('keep the access while another team uses it', async () => {
    const other = await createTeam(desk.world.db);
    const { nickname, accountId, credentialId } = await desk.onlyChannel();
    const row = { plugin: 'example', account_id: accountId, credential_id: credentialId, nickname, connected_at: 1 };
    await desk.world.db.knex('channels').insert({ ...row, team_id: other.id });
    await manager.post(`${path}/disconnection`);
    expect(desk.world.network.revoked).to.deep.equal([]);
    expect(await desk.world.channels.list(other.id)).to.have.length(1);
  });

  it('can be connected again after disconnecting: it is the channel it was, with its history', async () => {
    await manager.post(`${path}/pause`);
    await manager.post(`${path}/disconnection`);
    expect(await desk.world.channels.list(desk.team.id)).to.deep.equal([]);
    await desk.connect();
    expect(await desk.onlyChannel()).to.include({ id: channelId, state: 'connected', disconnectedAt: null });
    await manager.post(`${path}/disconnection`);
    desk.world.network.accounts.set('code-other', { accountId: 'other', unionId: 'other-union', username: 'other' });
    await desk.connect('code-other');
    expect((await desk.onlyChannel()).id, 'of another account').not.to.equal(channelId);
  });

  it('need reconnecting once an admin has replaced the app, and say so', async () => {
    await desk.world.saveSettings({ 'live.key': 'awlive2' }, { agreedToCutOff: ['awlive1'] });
    const page = await desk.browser.get(`/team/${desk.team.id}/channels`);
    expect(page.text).to.contain('data-state="reconnect-needed"').and.to.contain('Log in again to go on.');
    expect(await desk.onlyChannel()).to.include({ state: 'reconnect-needed' });
  });

  it('S2: viewers see, editors reconnect, managers pause and disconnect', async () => {
    for (const role of roles) {
      const who = await desk.world.signIn(await createMember(desk.world.db, { team: desk.team, role }));
      const isManager = role === 'manager' || role === 'owner';
      expect((await who.get(`/team/${desk.team.id}/channels`)).status, role).to.equal(200);
      expect((await who.get(path)).status, role).to.equal(200);
      for (const act of ['pause', 'resume']) {
        expect((await who.post(`${path}/${act}`)).status, `${role} ${act}`).to.equal(isManager ? 303 : 403);
      }
      expect((await who.get(`${path}/disconnection`)).status, role).to.equal(isManager ? 200 : 403);
      const list = await who.get(`/team/${desk.team.id}/channels`);
      expect(list.text.includes('>Disconnect<'), role).to.equal(isManager);
      expect(list.text.includes('>Reconnect<'), role).to.equal(role !== 'viewer');
    }
  });

  it("S1: another team's channel is as absent as one that does not exist", async () => {
    const theirs = await createTeam(desk.world.db);
    const owner = await desk.world.signIn(await createMember(desk.world.db, { team: theirs, role: 'owner' }));
    const ids = [channelId, 99_999, '1e0', `0${channelId}`, `${channelId}.0`, '%00'];
    for (const team of [theirs.id, desk.team.id]) {
      for (const id of ids) {
        const at = `/team/${team}/channels/${id}`;
        const answers = [
          await owner.get(at),
          await owner.get(`${at}/avatar`),
          await owner.get(`${at}/disconnection`),
          await owner.post(`${at}/pause`),
          await owner.post(`${at}/resume`),
          await owner.post(`${at}/disconnection`),
          await owner.post(`/team/${team}/channels/connect/example`, { channel: String(id) }),
        ];
        expect(
          answers.map(({ status }) => status),
          at,
        ).to.deep.equal(answers.map(() => 404));
      }
    }
    const stranger = desk.world.stranger();
    for (const id of ids.slice(0, 2)) {
      const answer = await stranger.get(`/team/${desk.team.id}/channels/${id}`);
      expect(answer.status).to.equal(303);
    }
    expect((await desk.onlyChannel()).isPaused).to.equal(false);
  });

  it('S20: names from the network are shown as text', async () => {
    const nickname = '"><svg onload=alert(1)></script>{{7*7}}';
    desk.world.network.accounts.set('code-1', { accountId: 'acc-1', nickname, username: '<b>x' });
    await desk.connect();
    for (const at of [`/team/${desk.team.id}/channels`, path, `${path}/disconnection`]) {
      expect((await manager.get(at)).text, at).not.to.match(/<svg onload|<b>x/);
    }
  });
});

describe('The page of a channel', () => {
  const explanation = { sentence: 'It was away.', who: 'network', nextStep: 'Wait.', code: 'away' } as const;
  const channelPage: PluginParts['channelPage'] = {
    view: 'nothing',
    about: () =>
      Promise.resolve({ url: 'https://rye.example/@club', bio: 'Bread <b>daily</b>\nand late', isVerified: true }),
    load: () => Promise.reject(new RemoteError({ kind: 'temporary', explanation })),
  };
  const channelRoutes: PluginParts['channelRoutes'] = [
    {
      method: 'get',
      path: 'things/:thing',
      permission: 'team.see',
      handle: ({ params }) => Promise.resolve(params['thing'] === 'none' ? { kind: 'absent' } : { kind: 'back' }),
    },
    {
      method: 'post',
      path: 'refresh',
      permission: 'channels.connect',
      handle: ({ channel, body }) =>
        Promise.resolve({ kind: 'back', flash: { tone: 'ok', text: `${channel.nickname} ${body['word'] ?? ''}` } }),
    },
  ];
  let desk: Desk;
  let path: string;
  beforeEach(async () => {
    desk = await createDesk({ channelPage, channelRoutes });
    await desk.connect();
    path = `/team/${desk.team.id}/channels/${(await desk.onlyChannel()).id}`;
  });
  afterEach(() => desk.close());

  it('begins with what the account says of itself, also where the network tells no more', async () => {
    const { text } = await desk.browser.get(path);
    expect(text).to.match(/<a href="https:\/\/rye\.example\/@club" rel="noreferrer"[^>]*>@/);
    expect(text).to.contain('Bread &lt;b&gt;daily&lt;/b&gt;').and.to.contain('Verified').and.to.contain('It was away.');
  });

  it("answers a plugin's own routes by the permission each declares", async () => {
    const answer = await desk.browser.post(`${path}/refresh`, { word: 'again' });
    expect([answer.status, answer.headers['location']]).to.deep.equal([303, path]);
    expect((await desk.browser.get(`/team/${desk.team.id}/channels`)).text).to.contain('Rye Club again');
    expect((await desk.browser.get(`${path}/things/one`)).status).to.equal(303);
    expect((await desk.browser.get(`${path}/things/none`)).status).to.equal(404);
    expect((await desk.browser.get(`${path}/nothing/there`)).status).to.equal(404);
    const viewer = await desk.world.signIn(await createMember(desk.world.db, { team: desk.team, role: 'viewer' }));
    expect((await viewer.post(`${path}/refresh`)).status).to.equal(403);
    expect((await viewer.get(`${path}/things/one`)).status).to.equal(303);
    const outsider = await desk.world.signIn(await createPerson(desk.world.db));
    expect((await outsider.get(`${path}/things/one`)).status).to.equal(404);
  });

  it('gives a plugin its own channels and nobody else’s', async () => {
    const { id } = await desk.onlyChannel();
    const own = desk.world.channels.ofPlugin('example');
    expect((await own.all()).map((channel) => channel.id)).to.deep.equal([id]);
    expect(await own.find(id)).to.include({ nickname: 'Rye Club', state: 'connected', zone: 'Europe/Copenhagen' });
    expect(await (await own.access(id)).accessToken()).to.equal('access-canary-acc-1');
    await own.update(id, { nickname: 'New name' });
    expect((await desk.onlyChannel()).nickname).to.equal('New name');
    const others = desk.world.channels.ofPlugin('other');
    expect([await others.all(), await others.find(id)]).to.deep.equal([[], undefined]);
  });
});
