import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { createEventLog } from '../../../core/events/event-log.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { signInByForm } from '../../support/sign-in-form.ts';
import { webRooms } from '../../support/web-rooms.ts';

const dayMs = 24 * 3_600_000;

onEachDatabase('The audit and a team’s activity', (db) => {
  let web: TestApp;
  let admin: TestBrowser;
  let owner: { readonly id: number; readonly name: string; readonly email: string };
  let team: { readonly id: number };
  beforeEach(async () => {
    web = await createTestApp({ db: db(), routes: (base) => webRooms(base), trustProxy: ['loopback'] });
    admin = await web.signIn(await createPerson(db(), { isAdmin: true, name: 'Ines Holm' }));
    team = await createTeam(db(), { name: 'Hazel & Rye' });
    owner = await createMember(db(), { team, role: 'owner', name: 'Maja Lindqvist' });
  });

  const rowsOf = (page: { readonly text: string }) =>
    parse(page.text)
      .querySelectorAll('[data-act]')
      .map((row) => row.querySelectorAll('td').map((cell) => cell.textContent.replaceAll(/\s+/g, ' ').trim()));

  const record = (kind: string, facts: Record<string, string | number> = {}) =>
    createEventLog(web).record({
      teamId: team.id,
      actorId: owner.id,
      subject: 'team',
      subjectId: team.id,
      kind,
      facts,
    });

  it('say who did what, when and from where', async () => {
    const browser = await web.signIn(owner);
    await browser
      .post(`/team/${team.id}/members`, { email: 'pia@example.org', role: 'editor' })
      .set('X-Forwarded-For', '203.0.113.9');
    const [mine] = rowsOf(await browser.get(`/team/${team.id}/activity`));
    expect(mine?.slice(0, 2)).to.deep.equal(['Invited pia@example.org as Editor', 'Maja Lindqvist']);
    expect(mine?.at(-1)).to.equal('203.0.113.9');
    const [same] = rowsOf(await admin.get('/admin/audit'));
    expect(same?.slice(0, 3)).to.deep.equal(['Invited pia@example.org as Editor', 'Maja Lindqvist', 'Hazel & Rye']);
  });

  it('list the sign-ins of members with their team, and of nobody else', async () => {
    const stranger = await createPerson(db());
    await signInByForm(web.stranger(), { email: owner.email, password: 'not it' });
    await signInByForm(web.stranger(), { email: stranger.email, password: 'not it' });
    const browser = await web.signIn(owner);
    expect(rowsOf(await browser.get(`/team/${team.id}/activity`)).map(([what, who]) => [what, who])).to.deep.equal([
      ['A sign-in failed', 'Maja Lindqvist'],
    ]);
    expect(rowsOf(await admin.get('/admin/audit'))).to.have.length(2);
  });

  it('leave out what is no act, and what is of another team', async () => {
    await record('delivery.step');
    const other = await createTeam(db());
    const elsewhere = { teamId: other.id, actorId: null, subject: 'team', subjectId: other.id, facts: {} } as const;
    await createEventLog(web).record({ ...elsewhere, kind: 'team.settings-changed' });
    const browser = await web.signIn(owner);
    expect(rowsOf(await browser.get(`/team/${team.id}/activity`))).to.deep.equal([]);
  });

  it('are filtered by person, by what it was about and by days of the zone', async () => {
    await record('team.settings-changed');
    web.clock.advance(dayMs);
    await record('member.role-changed', { userId: owner.id, from: 'editor', to: 'owner' });
    const browser = await web.signIn(owner);
    const count = async (query: string) => rowsOf(await browser.get(`/team/${team.id}/activity?${query}`)).length;
    expect(await count(`person=${owner.id}`)).to.equal(2);
    expect(await count('person=999')).to.equal(0);
    expect(await count('kind=people')).to.equal(1);
    expect(await count('from=2026-11-22')).to.equal(1);
    expect(await count('to=2026-11-21')).to.equal(1);
    expect(await count('from=2026-02-31&kind=nonsense&person=1e3')).to.equal(2);
  });

  it('come in pages by key: fifty, then the older ones', async () => {
    for (let n = 0; n < 51; n += 1) await record('team.settings-changed');
    const first = await admin.get('/admin/audit?kind=settings');
    expect(rowsOf(first)).to.have.length(50);
    const older = parse(first.text).querySelector('a[rel=next]')?.getAttribute('href') ?? '';
    expect(older).to.contain('kind=settings');
    expect(rowsOf(await admin.get(older.replaceAll('&amp;', '&')))).to.have.length(1);
  });

  it('S47: are handed out as a table in which nothing is a formula, and that is an act itself', async () => {
    await db().knex('users').where({ id: owner.id }).update({ name: '=HYPERLINK("http://evil")' });
    await record('team.settings-changed');
    const browser = await web.signIn(owner);
    const answer = await browser.post(`/team/${team.id}/activity/export`, { kind: 'settings' });
    expect(answer.headers['content-type']).to.contain('text/csv');
    expect(answer.text).to.contain(`"'=HYPERLINK(""http://evil"")"`).and.to.contain('Changed the settings of the team');
    expect(rowsOf(await browser.get(`/team/${team.id}/activity`))[0]?.[0]).to.equal('Downloaded this list, entries: 1');
  });
});
