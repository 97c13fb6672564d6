import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { createChannelStore } from '../../../core/channels/channel-store.ts';
import { NotFoundError } from '../../../core/errors.ts';
import { createEventLog } from '../../../core/events/event-log.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { createSlotService } from '../../../core/slots/slot-service.ts';
import { teamSettingsRoutes } from '../../../core/team-settings/team-settings-routes.ts';
import { createTeamSettings } from '../../../core/team-settings/team-settings-service.ts';
import { createTestApp, type TestApp, type TestBase, type TestBrowser } from '../../support/app.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { createChannel } from '../posts/posts-world.ts';
import { createStubNetwork } from '../posts/stub-network.ts';

function makeParts({ db, clock, t }: TestBase) {
  const plugins = createPluginRegistry();
  plugins.add(createStubNetwork().active);
  const store = createChannelStore(db);
  const channels = {
    list: (teamId: number) => store.list(teamId),
    find: async (teamId: number, id: number) => {
      const found = await store.find(teamId, id);
      if (found === undefined) throw new NotFoundError('There is no such channel.');
      return found;
    },
  };
  const teamSettings = createTeamSettings({ db, events: createEventLog({ db, clock }), channels, t });
  return { plugins, channels, teamSettings, slots: createSlotService({ db }) };
}

describe('the settings of a team', () => {
  const db = () => web.db;
  let web: TestApp;
  let team: Awaited<ReturnType<typeof createTeam>>;
  let manager: { readonly id: number };
  let browser: TestBrowser;
  let at = '';
  beforeEach(async () => {
    web = await createTestApp({ routes: (base) => teamSettingsRoutes(makeParts(base)) });
    team = await createTeam(db(), { zone: 'Europe/Berlin' });
    manager = await createMember(db(), { team, role: 'manager' });
    browser = await web.signIn(manager);
    at = `/team/${team.id}/settings`;
  });
  afterEach(() => web.close());

  const page = async () => parse((await browser.get(at).expect(200)).text);
  const stored = async (): Promise<unknown> => db().knex('teams').where({ id: team.id }).first('*');
  const events = async (kind: string) =>
    db().knex('events').where({ kind, team_id: team.id }).select<{ facts: string; actor_id: number }[]>('*');

  it('shows zone and grace, saves both, and keeps who changed what', async () => {
    const before = await page();
    expect(before.querySelector('[name=zone] option[selected]')?.text).to.equal('Europe/Berlin');
    expect(before.querySelector('[name=grace]')?.getAttribute('value')).to.equal('24');
    expect(before.text).to.contain('Posts that are scheduled already keep their moment');
    await browser.post(at, { zone: 'America/New_York', grace: '6' }).expect(303);
    expect((await page()).querySelector('[role=status]')?.text).to.contain('Saved.');
    expect(await stored()).to.include({ zone: 'America/New_York', grace_seconds: 21_600 });
    await browser.post(at, { zone: 'America/New_York', grace: '6' }).expect(303);
    const [event, ...others] = await events('team.settings-changed');
    expect(others).to.deep.equal([]);
    expect(event?.actor_id).to.equal(manager.id);
    expect(JSON.parse(event?.facts ?? '')).to.deep.equal({
      zone: { from: 'Europe/Berlin', to: 'America/New_York' },
      graceSeconds: { from: 86_400, to: 21_600 },
    });
  });

  it('loses nothing that was typed where something cannot be used, and saves none of it', async () => {
    const answer = await browser.post(at, { zone: 'Europe/Atlantis', grace: '500' }).expect(422);
    const shown = parse(answer.text);
    expect(shown.querySelector('[name=grace]')?.getAttribute('value')).to.equal('500');
    expect(shown.querySelectorAll('[aria-invalid=true]')).to.have.lengthOf(2);
    expect(shown.text).to.contain('There is no such time zone.').and.to.contain('from 1 to 168');
    expect(await stored()).to.include({ zone: 'Europe/Berlin', grace_seconds: 86_400 });
    for (const grace of ['', '0', '-1', '1.5', '169', 'x']) await browser.post(at, { zone: 'UTC', grace }).expect(422);
  });

  it('has editors ask for approval only where it is switched on', async () => {
    const isOn = async () => (await page()).querySelector('[name=approval]')?.hasAttribute('checked');
    expect(await isOn()).to.equal(false);
    await browser.post(at, { zone: 'Europe/Berlin', grace: '24', approval: '1' }).expect(303);
    expect(await isOn()).to.equal(true);
    const refused = await browser.post(at, { zone: 'Europe/Berlin', grace: '0' }).expect(422);
    expect(parse(refused.text).querySelector('[name=approval]')?.hasAttribute('checked')).to.equal(false);
    await browser.post(at, { zone: 'Europe/Berlin', grace: '24' }).expect(303);
    expect(await isOn()).to.equal(false);
    const [on, off] = await events('team.settings-changed');
    expect(JSON.parse(on?.facts ?? '')).to.deep.equal({ needsApproval: { from: false, to: true } });
    expect(JSON.parse(off?.facts ?? '')).to.deep.equal({ needsApproval: { from: true, to: false } });
  });

  it('keeps the posting slots of a channel, however the times are written', async () => {
    const channel = await createChannel(db(), { team, nickname: 'Hazel & Rye' });
    const slotsAt = `${at}/slots/${channel.id}`;
    expect((await page()).querySelector('.cd-slots')?.text).to.contain('No slots yet');
    const days = { day1: '18:00, 7:30', day2: '', day3: '09.15 09:15', day7: '23:59' };
    const answer = await browser.post(slotsAt, days).expect(303);
    expect(answer.headers['location']).to.equal(`${at}?channel=${channel.id}`);
    const fields = (await page()).querySelectorAll('.cd-slots input[name^=day]');
    expect(fields.map((field) => field.getAttribute('value'))).to.deep.equal([
      ...['07:30, 18:00', '', '09:15', '', '', '', '23:59'],
    ]);
    expect((await page()).querySelector('.cd-slots')?.text).to.contain('4 slots a week');
    const [event] = await events('channel.slots-changed');
    expect(JSON.parse(event?.facts ?? '')).to.include({ to: '1 07:30, 1 18:00, 3 09:15, 7 23:59' });
    await browser.post(slotsAt, {}).expect(303);
    expect((await page()).querySelector('.cd-slots')?.text).to.contain('No slots yet');
  });

  it('uses Monday’s times from Monday to Friday at one press', async () => {
    const channel = await createChannel(db(), { team });
    await browser.post(`${at}/slots/${channel.id}`, { day1: '07:30', day3: '12:00', day6: '10:00', act: 'copy' });
    const fields = (await page()).querySelectorAll('.cd-slots input[name^=day]');
    expect(fields.map((field) => field.getAttribute('value')).join('|')).to.equal(
      '07:30|07:30|07:30|07:30|07:30|10:00|',
    );
  });

  it('names a time that is none at its day, and keeps every day as typed', async () => {
    const channel = await createChannel(db(), { team });
    const other = await createChannel(db(), { team });
    const typed = { day1: '07:30, 25:00', day2: 'noon', day5: '18:00' };
    const answer = await browser.post(`${at}/slots/${channel.id}`, typed).expect(422);
    const form = parse(answer.text).querySelector(`#slots-${channel.id}`);
    expect(form?.hasAttribute('open')).to.equal(true);
    expect(form?.querySelector('[name=day1]')?.getAttribute('value')).to.equal('07:30, 25:00');
    expect(form?.text).to.contain('“25:00” is no time.').and.to.contain('“noon” is no time.');
    expect(parse(answer.text).querySelector(`#slots-${other.id}`)?.hasAttribute('open')).to.equal(false);
    expect(await db().knex('posting_slots').select('*')).to.deep.equal([]);
    const tooMany = Array.from({ length: 25 }, (_, n) => `00:${String(n + 10)}`).join(' ');
    expect((await browser.post(`${at}/slots/${channel.id}`, { day1: tooMany }).expect(422)).text).to.contain(
      '24 times',
    );
  });

  it('S1: is for managers and owners of this team, and for channels of this team', async () => {
    const channel = await createChannel(db(), { team });
    const elsewhere = await createTeam(db());
    const stranger = await web.signIn(await createMember(db(), { team: elsewhere, role: 'owner' }));
    await stranger.get(at).expect(404);
    await stranger.post(`/team/${elsewhere.id}/settings/slots/${channel.id}`, { day1: '09:00' }).expect(404);
    for (const role of ['viewer', 'editor'] as const) {
      const member = await web.signIn(await createMember(db(), { team, role }));
      await member.get(at).expect(403);
      await member.post(at, { zone: 'UTC', grace: '1' }).expect(403);
      await member.post(`${at}/slots/${channel.id}`, { day1: '09:00' }).expect(403);
    }
    expect(await db().knex('posting_slots').select('*')).to.deep.equal([]);
  });
});
