import { expect } from 'chai';
import type { TestBrowser } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';
import { createDesk, type Desk } from '../channels/connect-desk.ts';

const address = '/admin/api-integration/example';

describe('Switching Mode', () => {
  let desk: Desk;
  let admin: TestBrowser;
  const form = {
    mode: 'sandbox',
    enabled: '1',
    'live.key': 'awlive1',
    'live.scopes': ['see', 'post'],
    'sandbox.key': 'sbaw1',
    'sandbox.secret': 'sandbox-secret',
  };
  const modeNow = async () => /name="mode" value="(\w+)"[^>]* checked/.exec((await admin.get(address)).text)?.[1];

  beforeEach(async () => {
    desk = await createDesk();
    admin = await desk.world.signIn(await createPerson(desk.world.db, { isAdmin: true, name: 'Ines' }));
  });
  afterEach(() => desk.close());

  it('asks nothing while no channel is connected', async () => {
    expect((await admin.post(address, form)).status).to.equal(303);
    expect(await modeNow()).to.equal('sandbox');
  });

  it('says first what stays and what new connections use, saves nothing, and does it once agreed', async () => {
    await desk.connect();
    const asked = await admin.post(address, form);
    expect(asked.status).to.equal(409);
    expect(asked.text)
      .to.match(/role="alert" data-switching="sandbox"/)
      .and.to.contain('this is what Mode Sandbox changes.')
      .and.to.contain('New profiles are connected with Sandbox')
      .and.to.contain('One channel stays with Live and goes on publishing with it')
      .and.to.match(/name="agreedMode" value="sandbox:live=1:0">Switch to Sandbox</);
    expect(await modeNow()).to.equal('live');
    const kept = /name="sandbox\.secret\.kept" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
    const agreed = { ...form, 'sandbox.secret': '', 'sandbox.secret.kept': kept };
    expect((await admin.post(address, { ...agreed, agreedMode: 'sandbox:live=9:0' })).status, 'other numbers').to.equal(
      409,
    );
    expect((await admin.post(address, { ...agreed, agreedMode: 'sandbox:live=1:0' })).status).to.equal(303);
    const { text } = await admin.get(address);
    expect(text)
      .to.match(/value="sandbox"[^>]* checked/)
      .and.to.contain('Saved. New profiles are connected with Sandbox now.')
      .and.to.contain('id="switch-live"');
    expect(await desk.onlyChannel()).to.include({ mode: 'live', state: 'connected' });
  });

  it('is told beside the mode that is not in use, so that saving agrees to it', async () => {
    await desk.connect();
    const { text } = await admin.get(address);
    expect(text)
      .to.match(/value="sandbox" aria-label="Sandbox" aria-describedby="switch-sandbox"/)
      .and.to.match(
        /id="switch-sandbox">[^]*Saving switches Mode to Sandbox:[^]*name="agreedMode" value="sandbox:live=1:0"/,
      )
      .and.not.to.contain('id="switch-live"');
  });

  it('says what is to be expected of the app by its noted state, and that credentials are missing', async () => {
    await admin.post(address, { ...form, 'live.note.state': 'draft' });
    await desk.connect();
    const toLive = await admin.post(address, { ...form, 'sandbox.secret': '', mode: 'live' });
    expect((await desk.browser.get(`/team/${desk.team.id}/channels`)).text).not.to.contain('with a draft.');
    expect(toLive.text).to.contain('Nobody can log in with a draft.').and.to.contain('stays with Sandbox');
    const noted = { ...form, 'sandbox.secret': '', mode: 'live', 'live.note.state': 'live' };
    expect((await admin.post(address, noted)).text).not.to.contain('Nobody can log in with a draft.');
    await admin.post(`${address}/secret-removal`, { secret: 'live.secret' });
    expect((await admin.post(address, noted)).text).to.contain('The credentials of Live are incomplete');
  });

  it('shows how each app is doing: its profiles, what they granted, and when the network last accepted it', async () => {
    expect((await admin.get(address)).text)
      .to.contain('No profile yet')
      .and.not.to.contain('last accepted');
    await desk.connect();
    desk.world.network.accounts.set('code-2', { accountId: 'acc-2', nickname: 'Catering', scopes: ['see'] });
    await desk.connect('code-2');
    await admin.post(address, { ...form, mode: 'live', 'sandbox.note.testers': 'rye barley', 'live.note.audit': 'no' });
    const { text } = await admin.get(address);
    expect(text)
      .to.match(/data-health="live" data-channels="2">2 profiles · last accepted by Example [^<]+</)
      .and.to.match(/data-health="sandbox" data-channels="0">No profile yet<[^]*?2 of 3 noted</)
      .and.to.contain('data-audited="no">Not audited<')
      .and.to.contain('connections?missing=post">1 of 2 profiles<')
      .and.to.contain('>2 of 2 profiles<');
  });
});

describe('A secret that is stored', () => {
  let desk: Desk;
  let admin: TestBrowser;
  const form = { mode: 'live', enabled: '1', 'live.key': 'awlive1', 'live.scopes': ['see', 'post'] };
  const kinds = async () =>
    (await desk.world.db.knex('events').where('kind', 'like', 'settings.secret%').select('kind')).map(({ kind }) =>
      String(kind),
    );

  beforeEach(async () => {
    desk = await createDesk();
    admin = await desk.world.signIn(await createPerson(desk.world.db, { isAdmin: true, name: 'Ines' }));
    desk.world.clock.advance(11 * 60_000);
  });
  afterEach(() => desk.close());

  it('S44: is not replaced before the password was given again, and what was typed is kept', async () => {
    const asked = await admin.post(address, { ...form, 'live.secret': 'a-new-secret-4711' });
    expect(asked.status).to.equal(403);
    expect(asked.text).to.contain('name="confirm.password"').and.not.to.contain('a-new-secret-4711');
    expect(await kinds()).to.deep.equal([]);
    expect((await admin.get(address)).text).to.contain('••••9f3c');
  });

  it('S44: is not removed before the password was given again', async () => {
    expect((await admin.post(`${address}/secret-removal`, { secret: 'live.secret' })).status).to.equal(403);
    expect((await admin.get(address)).text).to.contain('>Remove secret</button>');
  });

  it('asks nothing for a first secret, nor where the stored one stays', async () => {
    expect((await admin.post(address, { ...form, 'live.secret': '' })).status).to.equal(303);
    const first = { ...form, 'sandbox.key': 'sbaw1', 'sandbox.secret': 'a-first-secret-1' };
    expect((await admin.post(address, first)).status).to.equal(303);
    expect(await kinds()).to.deep.equal([]);
  });

  it('leaves a record of who replaced and removed it, without it', async () => {
    const ines = await desk.world.signIn(await createPerson(desk.world.db, { isAdmin: true, name: 'Ines' }));
    await ines.post(address, { ...form, 'live.secret': 'a-new-secret-4711' });
    await ines.post(`${address}/secret-removal`, { secret: 'live.secret' });
    expect(await kinds()).to.deep.equal(['settings.secret-replaced', 'settings.secret-removed']);
    const rows: unknown[] = await desk.world.db.knex('events').select();
    expect(JSON.stringify(rows)).not.to.contain('4711');
  });
});
