import { expect } from 'chai';
import { z } from 'zod';
import { inEnglish } from '../../../core/language/deferred-text.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';
import { createDesk, type Desk } from '../channels/connect-desk.ts';
import { exampleNetwork } from './example-network.ts';

const address = '/admin/api-integration/example';

describe('What an admin notes of an app', () => {
  let desk: Desk;
  let admin: TestBrowser;
  const settings = () => desk.world.settings.forPlugin(exampleNetwork);
  const save = (fields: Readonly<Record<string, string>>) =>
    admin.post(address, { mode: 'live', enabled: '1', 'live.key': 'awlive1', 'live.scopes': 'post', ...fields });

  beforeEach(async () => {
    desk = await createDesk();
    admin = await desk.world.signIn(await createPerson(desk.world.db, { isAdmin: true, name: 'Ines' }));
  });
  afterEach(() => desk.close());

  it('is nothing until somebody has noted it', async () => {
    const set = await settings().active();
    expect(set?.appState).to.equal(undefined);
    expect(set?.isAudited).to.equal(undefined);
    expect((await admin.get(address)).text).to.match(/name="live\.note\.state"[^]*?<option value="" selected>/);
  });

  it('is told to the plugin with the set, and noted of a set without keys too', async () => {
    await save({
      'live.note.state': 'in-review',
      'live.note.audit': 'no',
      'sandbox.note.testers': '@rye\n barley, rye',
    });
    const set = await settings().active();
    expect(set?.appState).to.equal('in-review');
    expect(set?.isAudited).to.equal(false);
    const { testers, testersNotedAt } = await settings().notes('sandbox');
    expect(testers).to.deep.equal(['rye', 'barley']);
    expect(testersNotedAt).to.equal(desk.world.clock.now());
    const { text } = await admin.get(address);
    expect(text)
      .to.match(/name="live\.note\.state"[^]*?<option value="in-review" selected>/)
      .and.to.match(/name="live\.note\.audit"[^]*?<option value="no" selected>/)
      .and.to.contain('@rye\n@barley</textarea>');
  });

  it('is told where a profile is added, so that nobody is surprised by what the network says', async () => {
    const list = `/team/${desk.team.id}/channels`;
    expect((await desk.browser.get(list)).text).not.to.contain('Nobody can log in with a draft.');
    await save({ 'live.note.state': 'draft' });
    expect((await desk.browser.get(list)).text).to.contain('Nobody can log in with a draft.');
  });

  it('is taken back by Not noted, and stays where the form did not ask', async () => {
    await save({ 'live.note.state': 'live', 'live.note.audit': 'yes' });
    await save({ 'live.note.state': '' });
    const { state, isAudited } = await settings().notes('live');
    expect([state, isAudited]).to.deep.equal([undefined, true]);
  });

  /** As the audit says them. */
  const notedFacts = async () => {
    const rows = await desk.world.db.knex('events').where({ kind: 'settings.app-noted' }).pluck<string[]>('facts');
    const shape = z.object({ set: z.string(), note: z.string(), value: z.string() });
    const facts = rows.map((row) => shape.parse(JSON.parse(row)));
    return facts.map(({ set, note, value }) => [set, note, value].map(inEnglish));
  };

  it('leaves an event of each change, and none of what stayed', async () => {
    await save({ 'live.note.state': 'draft' });
    await save({ 'live.note.state': 'draft' });
    await save({ 'live.note.state': 'live' });
    await save({ 'sandbox.note.testers': '@rye barley' });
    await save({ 'live.note.audit': 'no' });
    await save({ 'live.note.audit': '' });
    expect(await notedFacts()).to.deep.equal([
      ['Live', 'App status', 'Draft'],
      ['Live', 'App status', 'Live'],
      ['Sandbox', 'Testers', '@rye, @barley'],
      ['Live', 'Audited', 'No'],
      ['Live', 'Audited', 'Not noted'],
    ]);
  });

  it('refuses a name that is none and more than there may be, and keeps what was typed', async () => {
    const wrong = await save({ 'sandbox.note.testers': '@rye @Ry3!' });
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.contain('“Ry3!” is no name.').and.to.contain('@rye @Ry3!</textarea>');
    const many = await save({ 'sandbox.note.testers': 'a b c d' });
    expect(many.text).to.contain('4 names are more than the 3 that are allowed');
    expect((await settings().notes('sandbox')).testers).to.deep.equal([]);
  });
});
