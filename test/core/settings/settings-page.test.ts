import { expect } from 'chai';
import type { TestBrowser } from '../../support/app.ts';
import { createMember, createPerson } from '../../support/factories.ts';
import { createDesk, type Desk } from '../channels/connect-desk.ts';
import { exampleNetwork } from './example-network.ts';

const address = '/admin/api-integration/example';
const secret = 'live-secret-9f3c';

describe('The page API Integration', () => {
  let desk: Desk;
  let admin: TestBrowser;
  const whole = {
    mode: 'live',
    enabled: '1',
    'live.key': 'awlive1',
    'live.secret': '',
    'live.scopes': ['see', 'post'],
  };

  beforeEach(async () => {
    desk = await createDesk({
      connectionTest: {
        run: (values) =>
          Promise.resolve(
            values.text('secret') === secret
              ? { ok: true, sentence: `Example accepts ${values.appKey}.` }
              : {
                  ok: false,
                  sentence: 'Example refuses.',
                  nextStep: 'Copy it again.',
                  code: 'invalid_client',
                  logId: 'L1',
                },
          ),
      },
    });
    admin = await desk.world.signIn(await createPerson(desk.world.db, { isAdmin: true, name: 'Ines' }));
  });
  afterEach(() => desk.close());

  it('names everything as people and end-to-end tests know it', async () => {
    const { text } = await admin.get(address);
    expect(text)
      .to.match(/<legend><h2>Mode<\/h2><\/legend>/)
      .and.to.match(/type="radio" name="mode" value="sandbox" aria-label="Sandbox">/)
      .and.to.match(/type="radio" name="mode" value="live" aria-label="Live" checked>/)
      .and.to.match(/role="group" aria-labelledby="set-sandbox-h">[^]*?<h2 id="set-sandbox-h">Sandbox<\/h2>/)
      .and.to.match(/role="group" aria-labelledby="set-live-h">[^]*?<h2 id="set-live-h">Live<\/h2>/)
      .and.to.match(/<label class="form-label" for="f-live-key">App ID<\/label>/)
      .and.to.match(/<label class="form-label" for="f-live-secret">App Secret<\/label>/)
      .and.to.match(/<label class="form-label" for="f-live-callback">Callback URL<\/label>/)
      .and.to.match(/for="c-live-scopes-post">post<\/label>/)
      .and.to.contain('>Save</button>')
      .and.to.contain('Test connection</button>')
      .and.to.contain('>Remove secret</button>')
      .and.to.match(/<textarea [^>]*id="f-live-callback-in-use"[^>]*>http:\/\/localhost:3000\/app\/example\/profile</);
  });

  it('gives each set its health, its credentials, what is known of its app and the rest, one set after the other', async () => {
    const { text } = await admin.get(address);
    const places = ['sandbox', 'live'].flatMap((set) => [
      `id="set-${set}-h"`,
      `data-health="${set}"`,
      `name="${set}.key"`,
      `name="${set}.secret"`,
      set === 'live' ? 'name="live.note.state"' : 'name="sandbox.note.testers"',
      `name="${set}.callback"`,
      `name="${set}.scopes"`,
    ]);
    expect(places.filter((place) => !text.includes(place))).to.deep.equal([]);
    expect(places.toSorted((one, other) => text.indexOf(one) - text.indexOf(other))).to.deep.equal(places);
  });

  it('S19: never sends a secret to the browser, and keeps it when the mask or nothing is saved', async () => {
    for (const typed of ['', '••••9f3c']) {
      expect((await admin.post(address, { ...whole, 'live.secret': typed })).status).to.equal(303);
      const { text } = await admin.get(address);
      expect(text).not.to.contain(secret);
      expect(text).to.match(
        /id="f-live-secret" name="live\.secret" type="password" value="" [^>]*placeholder="••••9f3c"/,
      );
      const set = await desk.world.settings.forPlugin(exampleNetwork).active();
      expect(set?.text('secret')).to.equal(secret);
    }
  });

  it('S19: shows nothing of it to a member', async () => {
    const owner = await desk.world.signIn(await createMember(desk.world.db, { team: desk.team, role: 'owner' }));
    expect((await owner.get(address)).status).to.equal(403);
    expect((await owner.post(address, whole)).status).to.equal(403);
    expect((await owner.post(`${address}/test`, whole)).status).to.equal(403);
    expect((await owner.post(`${address}/secret-removal`, { secret: 'live.secret' })).status).to.equal(403);
    expect((await desk.world.stranger().get(address)).status).to.equal(303);
  });

  it('saves, says so, and shows who saved last', async () => {
    await admin.post(address, { ...whole, 'live.key': '  awlive1  ' });
    expect((await admin.get(address)).text).to.match(/role="status"[^]*Saved\.[^]*by Ines/);
  });

  it('says what is wrong at the field, keeps everything typed, and echoes no secret', async () => {
    const typed = { ...whole, 'live.key': 'aw live', 'live.secret': 'typed-secret-4711', 'sandbox.key': 'sbaw9' };
    const answer = await admin.post(address, typed);
    expect(answer.status).to.equal(422);
    expect(answer.text)
      .to.match(/id="f-live-key"[^>]*value="aw live"[^>]*aria-invalid="true" aria-describedby="f-live-key-help"/)
      .and.to.contain('The App ID has a space inside.')
      .and.to.match(/id="f-sandbox-key"[^>]*value="sbaw9"/)
      .and.not.to.contain('typed-secret-4711');
    const kept = /name="live\.secret\.kept" value="([^"]+)"/.exec(answer.text)?.[1] ?? '';
    await admin.post(address, { ...typed, 'live.key': 'awlive1', 'live.secret': '', 'live.secret.kept': kept });
    const set = await desk.world.settings.forPlugin(exampleNetwork).active();
    expect(set?.text('secret')).to.equal('typed-secret-4711');
  });

  it('tests what is typed, shows the answer of the network, and saves nothing', async () => {
    const good = await admin.post(`${address}/test`, { ...whole, 'live.key': 'awtyped' });
    expect(good.text).to.contain('data-result="ok"').and.to.contain('Example accepts awtyped.');
    const bad = await admin.post(`${address}/test`, { ...whole, 'live.secret': 'a-wrong-secret' });
    expect(bad.text)
      .to.contain('data-result="failed"')
      .and.to.contain('Copy it again.')
      .and.to.contain('invalid_client')
      .and.to.contain('L1')
      .and.not.to.contain('a-wrong-secret');
    expect((await admin.get(address)).text).to.match(/id="f-live-key"[^>]*value="awlive1"/);
  });

  it('says before saving that a new App ID needs channels reconnected, and does it once agreed', async () => {
    await desk.connect();
    const asked = await admin.post(address, { ...whole, 'live.key': 'awlive2' });
    expect(asked.status).to.equal(409);
    expect(asked.text).to.contain('1 channel connected with awlive1 will need reconnecting');
    expect((await desk.onlyChannel()).state).to.equal('connected');
    const agreed = await admin.post(address, { ...whole, 'live.key': 'awlive2', agreed: 'awlive1' });
    expect(agreed.status).to.equal(303);
    expect((await desk.onlyChannel()).state).to.equal('reconnect-needed');
    expect((await admin.get(address)).text).to.contain('1 channel needs reconnecting now.');
  });

  it('removes a secret', async () => {
    expect((await admin.post(`${address}/secret-removal`, { secret: 'live.secret' })).status).to.equal(303);
    const { text } = await admin.get(address);
    expect(text).to.contain('The secret was removed.').and.not.to.contain('>Remove secret</button>');
  });

  it('lists the networks and knows no others', async () => {
    expect((await admin.get('/admin/api-integration')).text)
      .to.contain('Example')
      .and.to.contain('Ready');
    expect((await admin.get('/admin/api-integration/nothing')).status).to.equal(404);
  });

  it('S3: takes only what the form has', async () => {
    await admin.post(address, {
      ...whole,
      'live.role': 'x',
      'other.key': 'x',
      id: '1',
      is_admin: '1',
    });
    const rows: { field: string }[] = await desk.world.db.knex('plugin_settings').select('field');
    expect(new Set(rows.map(({ field }) => field))).to.deep.equal(
      new Set(['mode', 'enabled', 'key', 'secret', 'scopes']),
    );
  });
});
