import { expect } from 'chai';
import { type HTMLElement, parse } from 'node-html-parser';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import { createMember } from '../../../support/factories.ts';
import { type CheckWorld, everyScope, openCheckWorld } from './check-world.ts';

const key = demoApps.live.client_key;
const hourMs = 3_600_000;

describe('The connection check of a TikTok profile', () => {
  let world: CheckWorld;
  let channel: string;
  beforeEach(async () => {
    world = await openCheckWorld();
  });
  afterEach(() => world.close());

  /** Asked again where this process stood still for longer than a call may take, so that no answer was read in time. */
  async function check(): Promise<HTMLElement> {
    const ask = () => world.manager.get(`${channel}/check`).expect(200);
    let { text } = await ask();
    for (let n = 0; n < 20 && text.includes('no_answer'); n += 1) ({ text } = await ask());
    return parse(text);
  }

  const words = (root: HTMLElement, selector: string): string =>
    (root.querySelector(selector)?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
  const conclusion = (root: HTMLElement): string => words(root, '[data-conclusion]');
  const states = (root: HTMLElement) =>
    Object.fromEntries(
      root
        .querySelectorAll('[data-check]')
        .map((row) => [row.getAttribute('data-check') ?? '', row.getAttribute('data-state') ?? '']),
    );
  const refreshes = () => world.simulator.control.stats().refreshes;

  async function accessOf() {
    const [stored] = await world.web.channels.list(world.team.id);
    return world.web.credentials.access(stored?.credentialId ?? 0);
  }

  it('says that all is in order, with every scope, every call and its log_id', async () => {
    channel = await world.connect();
    await world.save({ 'live.note.state': 'live', 'live.note.audit': 'yes' });
    const page = await check();
    expect(conclusion(page)).to.contain('The connection is in order');
    expect(page.querySelector('[data-conclusion=ok]')).not.to.equal(null);
    expect(Object.values(states(page)))
      .to.have.length(13)
      .and.satisfy((all: string[]) => all.every((one) => one === 'ok'));
    expect(words(page, '[data-check="creator_info/query video.publish"]')).to.match(
      /code ?ok ?log_id ?2026\d{10}[0-9A-F]{20}/,
    );
    expect(words(page, 'header .sub')).to.equal('@hazelandrye · Live app awdemo…: Live, Direct Post audited');
  });

  it('tells an app that is not approved from a person who did not allow it, in every code that is told of', async () => {
    world.simulator.control.putApp({ client_key: key, refused_scopes: ['video.publish'] });
    await world.save({ 'live.note.state': 'in-review' });
    channel = await world.connect();
    for (const code of ['scope_not_authorized', 'insufficient_permissions', 'app_not_approved'] as const) {
      world.simulator.control.setSwitches({ refused_scope_code: code });
      const page = await check();
      expect(conclusion(page))
        .to.contain(
          'The token lists video.publish, but TikTok refuses it: the app is not approved for Content Posting.',
        )
        .and.to.contain('In review')
        .and.to.contain(code);
      expect(states(page)).to.include({ 'video.publish': 'failed', 'video.list': 'ok', renewal: 'ok' });
      expect(words(page, '[data-check="video.publish"]')).to.contain('Granted by the person, but refused to the app');
    }
  });

  it('names who can open the app’s lock, by what an admin has noted of the app', async () => {
    world.simulator.control.putApp({ client_key: key, refused_scopes: ['video.publish'] });
    channel = await world.connect();
    expect(conclusion(await check())).to.contain('Admin: look in TikTok’s portal'.replace('’', "'"));
    await world.save({ 'live.note.state': 'draft' });
    expect(conclusion(await check())).to.contain('Admin: the app is noted here as Draft');
    await world.save({ 'live.note.state': 'live' });
    expect(conclusion(await check())).to.contain('Admin: the app is noted here as Live');
  });

  it('says which permission the person did not grant, and offers to reconnect', async () => {
    channel = await world.connect(everyScope.filter((scope) => scope !== 'video.publish'));
    const page = await check();
    expect(conclusion(page)).to.contain('did not grant video.publish').and.to.contain('Your team: reconnect');
    expect(states(page)).to.include({ 'video.publish': 'failed', 'creator_info/query video.publish': 'failed' });
    expect(page.querySelector('[data-conclusion] form[action$="/connect/tiktok"]')).not.to.equal(null);
  });

  it('spends no refresh token by looking, and one when somebody presses for it', async () => {
    channel = await world.connect();
    await check();
    await check();
    expect(refreshes()).to.equal(0);
    const pressed = await world.manager.post(`${channel}/check/renewal`);
    expect(pressed.status).to.equal(303);
    expect(refreshes()).to.equal(1);
    expect((await check()).textContent).to.contain('The access was renewed.');
    expect((await world.manager.get(`${channel}/check`)).text).to.contain('data-conclusion="ok"');
  });

  it('renews an access that ran out as every other call does, and says when the network refuses that', async () => {
    channel = await world.connect();
    world.web.clock.advance(3 * hourMs);
    expect(states(await check())).to.include({ expiry: 'ok', 'video.publish': 'ok' });
    expect(refreshes()).to.equal(1);
    world.simulator.control.revokeAuthorization({ account: 'hazelandrye', reason: 1 });
    world.web.clock.advance(3 * hourMs);
    const refused = await world.manager.post(`${channel}/check/renewal`);
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain('The access was not renewed.').and.to.contain('invalid_grant');
    expect(await world.web.db.knex('events').where({ kind: 'channel.access-renewed' })).to.have.length(0);
    const page = await check();
    expect(conclusion(page)).to.contain('TikTok does not let us in to this profile any more');
    expect(states(page)).to.include({ present: 'failed' });
  });

  it('concludes nothing while TikTok does not answer', async () => {
    channel = await world.connect();
    world.simulator.control.setSwitches({
      failures: [{ endpoint: '*', kind: 'server-error', status: 503, times: 20 }],
    });
    const page = await check();
    expect(conclusion(page)).to.contain('TikTok told nothing just now');
    expect(states(page)).to.include({ 'video.publish': 'unknown' });
  });

  it('stays within TikTok’s window of calls, and says so where there is no room', async () => {
    channel = await world.connect();
    const access = await accessOf();
    const window = { name: 'creator_info/query', per: 'account', limit: 20, withinMs: 65_000 } as const;
    for (let call = 0; call < 20; call += 1) await access.take(window);
    expect(conclusion(await check())).to.contain('video.publish could not be tried');
  });

  it('is for those who can connect; renewing is for managers', async () => {
    channel = await world.connect();
    const as = async (role: 'viewer' | 'editor') =>
      world.web.signIn(await createMember(world.web.db, { team: world.team, role }));
    const [viewer, editor] = [await as('viewer'), await as('editor')];
    expect((await viewer.get(`${channel}/check`)).status).to.equal(403);
    expect((await viewer.get(channel)).text).not.to.contain('/check"');
    const page = await editor.get(`${channel}/check`);
    expect(page.status).to.equal(200);
    expect(page.text).not.to.contain('/check/renewal');
    expect((await editor.post(`${channel}/check/renewal`)).status).to.equal(403);
  });

  it('S4: shows no token and no secret, not even where TikTok quotes them', async () => {
    channel = await world.connect();
    const token = await (await accessOf()).accessToken();
    const failure = { kind: 'refuse', status: 400, code: 'invalid_params' } as const;
    const message = `Bad token ${token} of ${demoApps.live.client_secret} ${'x'.repeat(60)}`;
    world.simulator.control.setSwitches({ failures: [{ endpoint: 'video/list', ...failure, message }] });
    const { text } = await world.manager.get(`${channel}/check`);
    expect(text).to.contain('invalid_params').and.to.contain('Bad token');
    expect(text)
      .not.to.contain(token)
      .and.not.to.match(/\b(act|rft|clt)\./);
  });
});
