import { expect } from 'chai';
import { z } from 'zod';
import type { TestBrowser } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';
import { createDesk, type Desk } from '../channels/connect-desk.ts';
import { exampleNetwork } from './example-network.ts';

const page = '/admin/api-integration/example';
const prefix = 'http://localhost:3000/m/';

describe('An address that an admin confirms', () => {
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
    desk = await createDesk({});
    admin = await desk.world.signIn(await createPerson(desk.world.db, { isAdmin: true, name: 'Ines' }));
  });
  afterEach(() => desk.close());

  const save = async (fields: Readonly<Record<string, string>> = {}): Promise<void> => {
    expect((await admin.post(page, { ...whole, ...fields })).status).to.equal(303);
  };
  const settings = () => desk.world.settings.forPlugin(exampleNetwork);
  const isConfirmed = async () => (await settings().findByAppKey('awlive1'))?.isConfirmed('address');
  const events = async () => {
    const rows: unknown = await desk.world.db
      .knex('events')
      .where('kind', 'like', 'settings.confirm%')
      .select('kind', 'actor_id');
    const shape = z.array(z.object({ kind: z.string(), actor_id: z.int().nullable() }));
    return shape.parse(rows).map(({ kind, actor_id: by }) => [kind, by]);
  };

  it('R37: is shown letter for letter, and counts once the box is ticked, with who and when', async () => {
    const before = await admin.get(page);
    expect(before.text).to.include(`I have verified ${prefix}`).and.to.include(`>${prefix}</textarea>`);
    expect(before.text).to.not.match(/id="f-live-address"[^>]* checked/u);
    expect(await isConfirmed()).to.equal(false);
    await save({ 'live.address': '1' });
    expect(await isConfirmed()).to.equal(true);
    const after = await admin.get(page);
    expect(after.text).to.match(/id="f-live-address"[^>]* checked/u);
    expect(after.text).to.match(/Confirmed [^<]+ by Ines\./u);
    expect((await events()).map(([kind]) => String(kind))).to.deep.equal(['settings.confirmed']);
  });

  it('keeps who and when while others save the rest, and falls when it is unticked', async () => {
    await save({ 'live.address': '1' });
    const other = await desk.world.signIn(await createPerson(desk.world.db, { isAdmin: true, name: 'Jonas' }));
    await other.post(page, { ...whole, 'live.address': '1' });
    expect((await admin.get(page)).text).to.match(/Confirmed [^<]+ by Ines\./u);
    await save();
    expect(await isConfirmed()).to.equal(false);
    expect((await events()).map(([kind]) => String(kind))).to.deep.equal([
      'settings.confirmed',
      'settings.confirmation-removed',
    ]);
  });

  it('counts for nothing under another address', async () => {
    await save({ 'live.address': '1' });
    await desk.world.db.knex('plugin_settings').where({ field: 'address' }).update({ value: 'https://old.example/m/' });
    expect(await isConfirmed()).to.equal(false);
    expect((await admin.get(page)).text).to.not.match(/id="f-live-address"[^>]* checked/u);
  });

  it('is taken back once when the network says that it does not hold, and the page says so until it is given anew', async () => {
    await save({ 'live.address': '1' });
    for (let i = 0; i < 2; i += 1) {
      await settings().withdraw({ appKey: 'awlive1', fieldId: 'address', code: 'url_ownership_unverified' });
    }
    expect(await isConfirmed()).to.equal(false);
    const { text } = await admin.get(page);
    expect(text).to.include('is not verified (url_ownership_unverified)');
    expect((await events()).filter(([kind]) => kind === 'settings.confirmation-withdrawn')).to.have.length(1);
    await save({ 'live.address': '1' });
    expect(await isConfirmed()).to.equal(true);
    expect((await admin.get(page)).text).to.not.include('url_ownership_unverified');
  });
});
