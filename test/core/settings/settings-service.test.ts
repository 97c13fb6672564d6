import { expect } from 'chai';
import sinon from 'sinon';
import { type ConnectionTestResult, RemoteError } from '#plugin-api';
import type { Config } from '../../../core/config.ts';
import type { Database } from '../../../core/db/database.ts';
import { createEventLog } from '../../../core/events/event-log.ts';
import type { FieldForm, SettingsForm } from '../../../core/settings/settings-form.ts';
import { createSettingsService, type SettingsService } from '../../../core/settings/settings-service.ts';
import { createSettingsStore } from '../../../core/settings/settings-store.ts';
import { openTestDatabase } from '../../support/database.ts';
import { draft, exampleNetwork, exampleVault, registryWith } from './example-network.ts';

const secret = 'a-real-secret-9f3c';

describe('settings of a network', () => {
  let db: Database;
  let admin: number;
  const clock = { now: () => 1_800_000_000_000 };
  const needsReconnect = sinon.stub().resolves();
  const countChannels = sinon.stub().resolves(0);
  const run = sinon.stub<[{ appKey: string; text(id: string): string }], Promise<ConnectionTestResult>>();

  beforeEach(async () => {
    db = await openTestDatabase();
    const ids: number[] = await db.knex('users').insert({ email: 'a@b.test', name: 'Ines', created_at: 1 });
    admin = ids[0] ?? 0;
    needsReconnect.resetHistory();
    countChannels.reset();
    countChannels.resolves(0);
    run.reset();
  });
  afterEach(() => db.close());

  function service(environment: Readonly<Record<string, string>> = {}, mode = 'live'): SettingsService {
    const plugins: Config['plugins'] = new Map([
      ['example', { mode, values: new Map(Object.entries(environment)), addresses: new Map() }],
    ]);
    return createSettingsService({
      db,
      store: createSettingsStore(db),
      vault: exampleVault(),
      clock,
      config: { publicUrl: 'https://desk.example', plugins },
      events: createEventLog({ db, clock }),
      credentials: { needsReconnect },
      registry: registryWith({ run }),
      appUse: { countChannels, credentialIds: () => Promise.resolve([41, 42]), usesOf: () => Promise.resolve([]) },
      t: (key) => key,
    });
  }

  const whole = { 'live.key': 'awlive1', 'live.secret': secret, 'live.callback': '', 'live.scopes': ['see', 'post'] };

  async function save(fields: Parameters<typeof draft>[0], more: Parameters<typeof draft>[1] = {}) {
    return service().save(exampleNetwork, draft(fields, more), admin);
  }

  it('hands a plugin the complete set that Mode names', async () => {
    await save(whole);
    const settings = service().forPlugin(exampleNetwork);
    const set = await settings.active();
    expect(set?.appKey).to.equal('awlive1');
    expect(set?.text('secret')).to.equal(secret);
    expect(set?.choices('scopes')).to.deep.equal(['see', 'post']);
    expect(set?.callbackUrl).to.equal('https://desk.example/app/example/profile');
    expect(await settings.findByAppKey('awlive1')).to.have.property('id', 'live');
    expect(await settings.findByAppKey('another')).to.equal(undefined);
    expect(settings.address('api')).to.equal('https://api.example.test');
  });

  it('reads once for all who ask at the same moment, and anew for whoever asks later', async () => {
    await save(whole);
    const settings = service().forPlugin(exampleNetwork);
    const statements: string[] = [];
    db.knex.on('query', ({ sql }: { readonly sql: string }) => void statements.push(sql));
    const sets = await Promise.all(Array.from({ length: 125 }, () => settings.findByAppKey('awlive1')));
    expect(new Set(sets.map((set) => set?.id))).to.deep.equal(new Set(['live']));
    expect(statements).to.have.lengthOf(1);
    await save({}, { isEnabled: false });
    expect(await settings.isEnabled(), 'saved meanwhile, perhaps by another process').to.equal(false);
  });

  it('keeps both sets and switches between them by Mode', async () => {
    await save({ ...whole, 'sandbox.key': 'sbaw1', 'sandbox.secret': 'sandbox-secret-1' });
    await save({}, { mode: 'sandbox' });
    const settings = service().forPlugin(exampleNetwork);
    expect((await settings.active())?.appKey).to.equal('sbaw1');
    expect((await settings.findByAppKey('awlive1'))?.text('secret')).to.equal(secret);
  });

  it('has no active set while something required is missing, and says when it is switched off', async () => {
    await save({ 'live.key': 'awlive1' }, { isEnabled: false });
    const settings = service().forPlugin(exampleNetwork);
    expect(await settings.active()).to.equal(undefined);
    expect(await settings.isEnabled()).to.equal(false);
  });

  it('trims what is typed', async () => {
    await save({ ...whole, 'live.key': '  awlive1 \n', 'live.secret': ` ${secret} ` });
    const set = await service().forPlugin(exampleNetwork).active();
    expect([set?.appKey, set?.text('secret')]).to.deep.equal(['awlive1', secret]);
  });

  const refusals: readonly (readonly [string, Parameters<typeof draft>[0], string])[] = [
    ['a key with a space inside', { 'live.key': 'aw live' }, 'key'],
    ['a plain http callback', { 'live.callback': 'http://desk.example/app/example/profile' }, 'callback'],
    ['a callback that is no address', { 'live.callback': 'desk.example/app' }, 'callback'],
    [
      'a slash that differs from the computed one',
      { 'live.callback': 'https://desk.example/app/example/profile/' },
      'callback',
    ],
    ['a query in a callback', { 'live.callback': 'https://desk.example/cb?a=1' }, 'callback'],
    ['a fragment in a callback', { 'live.callback': 'https://desk.example/cb#a' }, 'callback'],
    ['an unknown scope', { 'live.key': 'k', 'live.scopes': ['see', 'research.all'] }, 'scopes'],
  ];
  for (const [name, fields, at] of refusals) {
    it(`refuses ${name} at its field and saves nothing`, async () => {
      const result = await save({ 'live.key': 'awlive1', 'sandbox.key': 'typed', ...fields });
      if (result.kind !== 'refused') throw new Error(result.kind);
      expect(fieldOf(result.form, 'live', at).problem).to.be.a('string');
      expect(fieldOf(result.form, 'sandbox', 'key')).to.include({ value: 'typed', problem: null });
      expect(await db.knex('plugin_settings').select()).to.deep.equal([]);
    });
  }

  it('S16: accepts plain http for a callback on this machine only', async () => {
    for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]:3000']) {
      expect((await save({ 'live.key': 'k', 'live.callback': `http://${host}/cb` })).kind).to.equal('saved');
    }
    expect((await save({ 'live.key': 'k', 'live.callback': 'http://127.0.0.1.evil.test/cb' })).kind).to.equal(
      'refused',
    );
  });

  it('S19: shows a secret as four characters and keeps it when the field is empty or holds the mask', async () => {
    await save(whole);
    for (const typed of ['', '••••9f3c', '  ']) {
      await save({ ...whole, 'live.secret': typed });
      expect((await service().forPlugin(exampleNetwork).active())?.text('secret')).to.equal(secret);
    }
    const form = await service().form(exampleNetwork);
    expect(fieldOf(form, 'live', 'secret')).to.include({ mask: '••••9f3c', isStored: true });
    expect(JSON.stringify(form)).not.to.contain(secret);
  });

  it('S19: removes a secret when asked', async () => {
    await save(whole);
    await service().removeSecret(exampleNetwork, { setId: 'live', fieldId: 'secret' }, admin);
    expect(fieldOf(await service().form(exampleNetwork), 'live', 'secret')).to.include({ mask: '', isStored: false });
    expect(await service().forPlugin(exampleNetwork).active()).to.equal(undefined);
  });

  it('S18: seals secrets for their row, so that a moved one does not open', async () => {
    await save({ ...whole, 'sandbox.key': 'sbaw1', 'sandbox.secret': 'sandbox-secret-1' });
    const rows: { value: string }[] = await db.knex('plugin_settings').select('value');
    expect(JSON.stringify(rows)).not.to.contain(secret);
    const live: { value: string }[] = await db
      .knex('plugin_settings')
      .where({ set_id: 'live', field: 'secret' })
      .select('value');
    await db.knex('plugin_settings').where({ set_id: 'sandbox', field: 'secret' }).update({ value: live[0]?.value });
    const moved = await service().forPlugin(exampleNetwork).findByAppKey('sbaw1');
    expect(() => moved?.text('secret')).to.throw();
  });

  it('loses nothing typed beside a mistake: the secret waits in the form, sealed for this session', async () => {
    const refused = await save({ ...whole, 'live.key': 'aw live' });
    if (refused.kind !== 'refused') throw new Error(refused.kind);
    const field = fieldOf(refused.form, 'live', 'secret');
    if (field.kind !== 'secret' || field.kept === null) throw new Error('The secret does not wait.');
    expect(JSON.stringify(refused.form)).not.to.contain(secret);
    const again = { ...whole, 'live.secret': '', 'live.secret.kept': field.kept };
    expect((await save(again, { sessionHash: 'another' })).kind).to.equal('refused');
    expect((await save({ ...again, 'sandbox.key': 'x', 'sandbox.secret.kept': field.kept })).kind).to.equal('refused');
    expect((await save(again)).kind).to.equal('saved');
    expect((await service().forPlugin(exampleNetwork).active())?.text('secret')).to.equal(secret);
  });

  it('takes from the environment what it sets, for the set that it names, and says so', async () => {
    await save(whole);
    const settings = service({ key: 'awenv', secret: 'environment-secret-77aa' });
    const form = await settings.form(exampleNetwork);
    expect(fieldOf(form, 'live', 'key')).to.include({ environment: 'EXAMPLE_KEY', value: 'awenv' });
    expect(fieldOf(form, 'live', 'secret')).to.include({ environment: 'EXAMPLE_SECRET', mask: '••••77aa' });
    expect(fieldOf(form, 'sandbox', 'key').environment).to.equal(null);
    await settings.save(exampleNetwork, draft({ 'live.key': 'typed', 'live.secret': 'typed-secret' }), admin);
    const set = await settings.forPlugin(exampleNetwork).active();
    expect([set?.appKey, set?.text('secret')]).to.deep.equal(['awenv', 'environment-secret-77aa']);
    expect((await service().forPlugin(exampleNetwork).active())?.appKey).to.equal('awlive1');
  });

  it('starts in the mode of the environment until an admin chooses one', async () => {
    expect((await service({ key: 'sbaw' }, 'sandbox').form(exampleNetwork)).mode).to.equal('sandbox');
    await save(whole);
    expect((await service({ key: 'sbaw' }, 'sandbox').form(exampleNetwork)).mode).to.equal('live');
  });

  it('says before saving which channels a new App ID cuts off, and asks them to reconnect afterwards', async () => {
    await save(whole);
    countChannels.withArgs('example', 'awlive1').resolves(3);
    const asked = await save({ ...whole, 'live.key': 'awlive2', 'live.secret': '' });
    if (asked.kind !== 'to-confirm') throw new Error(asked.kind);
    expect(asked.cutsOff).to.deep.equal([{ appKey: 'awlive1', count: 3 }]);
    expect(fieldOf(asked.form, 'live', 'key')).to.include({ value: 'awlive2' });
    expect((await service().forPlugin(exampleNetwork).active())?.appKey).to.equal('awlive1');
    sinon.assert.notCalled(needsReconnect);
    const agreed = await save({ ...whole, 'live.key': 'awlive2', 'live.secret': '' }, { agreedToCutOff: ['awlive1'] });
    expect(agreed).to.deep.equal({ kind: 'saved', reconnecting: 3, switched: null });
    expect(needsReconnect.args).to.deep.equal([[41], [42]]);
  });

  it('cuts nobody off when an App ID only moves to the other set', async () => {
    await save(whole);
    countChannels.resolves(3);
    expect((await save({ 'live.key': 'awnew', 'sandbox.key': 'awlive1' })).kind).to.equal('saved');
  });

  it('tests what is typed for the chosen mode, fills the secret in from the store, and saves nothing', async () => {
    await save(whole);
    run.resolves({ ok: true, sentence: 'Accepted.' });
    const { result } = await service().test(exampleNetwork, draft({ 'live.key': 'awtyped', 'live.secret': '' }));
    expect(result).to.deep.equal({ ok: true, sentence: 'Accepted.' });
    const asked = run.firstCall.args[0];
    expect([asked.appKey, asked.text('secret')]).to.deep.equal(['awtyped', secret]);
    expect((await service().forPlugin(exampleNetwork).active())?.appKey).to.equal('awlive1');
  });

  it('tells the answer of a network that refuses to answer, and asks nothing while something is missing', async () => {
    const missing = await service().test(exampleNetwork, draft({ 'live.key': 'awtyped', 'live.secret': '' }));
    expect(missing.result.ok).to.equal(false);
    sinon.assert.notCalled(run);
    const explanation = { sentence: 'No answer.', who: 'network', nextStep: 'Wait.', code: 'timeout' } as const;
    run.rejects(new RemoteError({ kind: 'temporary', explanation }));
    const { result } = await service().test(exampleNetwork, draft({ 'live.key': 'k', 'live.secret': secret }));
    expect(result).to.deep.equal({ ok: false, sentence: 'No answer.', nextStep: 'Wait.', code: 'timeout' });
  });

  it('knows the paths of our own host that an overridden callback names', async () => {
    await save({ ...whole, 'live.callback': 'https://desk.example/old/way/back' });
    await save({ 'sandbox.key': 'x', 'sandbox.callback': 'https://elsewhere.example/there' });
    expect(await service().callbackAt('/old/way/back')).to.equal('example');
    expect(await service().callbackAt('/there')).to.equal(undefined);
    expect(await service().callbackAt('/app/example/profile')).to.equal(undefined);
  });

  it('records who saved what, without a secret', async () => {
    await save(whole);
    const [event] = await createEventLog({ db, clock }).of('plugin', 'example');
    expect(event).to.include({ kind: 'settings.saved', actorId: admin });
    expect(event?.facts).to.deep.include({ mode: 'live', newSecrets: ['live.secret'] });
    expect(JSON.stringify(event)).not.to.contain(secret);
    expect(await service().lastSaved('example')).to.deep.equal({ at: clock.now(), by: 'Ines' });
  });
});

function fieldOf(form: SettingsForm, setId: string, fieldId: string): FieldForm {
  const field = form.sets.find((set) => set.id === setId)?.fields.find((one) => one.id === fieldId);
  if (field === undefined) throw new Error(`The form has no field ${setId}.${fieldId}.`);
  return field;
}
