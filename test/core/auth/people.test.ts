import { expect } from 'chai';
import type { Database } from '../../../core/db/database.ts';
import { createPasswords } from '../../../core/auth/passwords.ts';
import { createAdmin, ensureFirstAdmin, type AdminParts } from '../../../core/auth/first-admin.ts';
import { PersonStore } from '../../../core/auth/person-store.ts';
import { InputError, StartError } from '../../../core/errors.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createTestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { caught } from '../../support/failure.ts';
import { webRooms } from '../../support/web-rooms.ts';

onEachDatabase('People of the installation', (db) => {
  let web: TestApp;
  let admin: TestBrowser;
  beforeEach(async () => {
    web = await createTestApp({ db: db(), routes: (base) => webRooms(base) });
    admin = await web.signIn(await createPerson(db(), { isAdmin: true, name: 'Ines Holm' }));
  });

  it('are added with a one-time link, with which they choose a password and are signed in', async () => {
    const team = await createTeam(db());
    const fields = { name: 'Maja Lindqvist', email: 'Maja@Example.org', team: String(team.id), role: 'manager' };
    const link = linkIn(await admin.post('/admin/users', fields));
    const browser = web.stranger();
    const page = await browser.get(link);
    expect(page.text).to.contain('Maja Lindqvist').and.to.contain('maja@example.org');
    const answer = await browser.post(link, { _csrf: tokenIn(page), password: 'Regen in Aarhus' });
    expect(answer.headers['location']).to.equal(`/team/${team.id}/`);
    expect((await browser.get(`/team/${team.id}/members`)).status).to.equal(200);
    expect((await web.stranger().get(link)).status).to.equal(404);
  });

  it('a new link makes the old one void and, once used, ends every session', async () => {
    const person = await createPerson(db(), { passwordHash: 'x' });
    const open = await web.signIn(person);
    const first = linkIn(await admin.post(`/admin/users/${person.id}/links`));
    const second = linkIn(await admin.post(`/admin/users/${person.id}/links`));
    expect((await web.stranger().get(first)).status).to.equal(404);
    expect((await open.get('/account')).status).to.equal(200);
    const browser = web.stranger();
    const token = tokenIn(await browser.get(second));
    expect((await browser.post(second, { _csrf: token, password: 'Regen in Aarhus' })).status).to.equal(303);
    expect((await open.get('/account')).status).to.equal(303);
  });

  it('S7: who is switched off is signed out at the next request and cannot come back', async () => {
    const person = await createPerson(db());
    const open = await web.signIn(person);
    const link = linkIn(await admin.post(`/admin/users/${person.id}/links`));
    await admin.post(`/admin/users/${person.id}/disabling`);
    expect((await open.get('/account')).status).to.equal(303);
    expect((await web.stranger().get(link)).status).to.equal(404);
    await admin.post(`/admin/users/${person.id}/enabling`);
    expect((await (await web.signIn(person)).get('/account')).status).to.equal(200);
  });

  it('an admin cannot switch off the own account', async () => {
    const self = await createPerson(db(), { isAdmin: true });
    const answer = await (await web.signIn(self)).post(`/admin/users/${self.id}/disabling`);
    expect(answer.status).to.equal(409);
    expect((await (await web.signIn(self)).get('/admin/users')).status).to.equal(200);
  });

  it('what was typed wrong is said at its field, and nothing typed is lost', async () => {
    const person = await createPerson(db());
    const fields = { name: 'Zero\u200bwidth', email: person.email, team: '999999', role: 'owner' };
    const answer = await admin.post('/admin/users', fields);
    expect(answer.status).to.equal(422);
    expect(answer.text).to.contain('invisible character').and.to.contain(`value="${person.email}"`);
    const again = await admin.post('/admin/users', { ...fields, name: 'Zero' });
    expect(again.text).to.contain('is here already');
    const noTeam = await admin.post('/admin/users', { ...fields, name: 'Zero', email: 'zero@example.org' });
    expect(noTeam.text).to.contain('There is no such team');
    expect(await new PersonStore(db().knex).findByEmail('zero@example.org')).to.equal(undefined);
  });

  it('a team is added with a name and a zone that exists', async () => {
    const wrong = await admin.post('/admin/teams', { name: 'Harbour Cycles', zone: 'Europe/Atlantis' });
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.contain('There is no such time zone').and.to.contain('value="Harbour Cycles"');
    expect((await admin.post('/admin/teams', { name: 'Harbour Cycles', zone: 'Europe/Copenhagen' })).status).to.equal(
      303,
    );
    const { text } = await admin.get('/admin/teams');
    expect(text).to.contain('Harbour Cycles').and.to.contain('role="status"');
  });

  it('an admin may own a team that is added, and comes to it at once', async () => {
    const own = { name: 'Ada’s own', zone: 'Europe/Copenhagen', own: '1' };
    const added = await admin.post('/admin/teams', own).expect(303);
    const home = added.headers['location'] ?? '';
    expect(home).to.match(/^\/team\/\d+\/$/u);
    expect((await admin.get(home)).text).to.contain('and you own it');
  });

  it('S1: an admin who is in no team sees no team from inside', async () => {
    const team = await createTeam(db());
    await createMember(db(), { team, role: 'owner' });
    expect((await admin.get(`/team/${team.id}/`)).status).to.equal(404);
  });

  it('S6, S7: a new password gives the session a new id and ends the others; the current one is asked for', async () => {
    const passwordHash = await createPasswords().hash('the old password');
    const person = await createPerson(db(), { passwordHash });
    const [here, elsewhere] = [await web.signIn(person), await web.signIn(person)];
    const wrong = await here.post('/account/password', { current: 'wrong', password: 'the new password' });
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.contain('This is not your current password');
    expect((await elsewhere.get('/account')).status).to.equal(200);
    const right = await here.post('/account/password', { current: 'the old password', password: 'the new password' });
    expect(right.status).to.equal(303);
    expect(String(right.headers['set-cookie'])).to.contain('local-session=');
    expect((await here.get('/account')).text).to.contain('Your password is changed');
    expect((await elsewhere.get('/account')).status).to.equal(303);
  });

  describe('S50: the first admin', () => {
    const first = { email: 'ines@example.org', password: 'Regen in Aarhus' };
    beforeEach(() => db().knex('users').delete());

    it('is made once, also by many starts at the same time', async () => {
      const made = await Promise.all([...Array(4).keys()].map(() => ensureFirstAdmin(adminParts(db()), first)));
      expect(made.filter((isMade) => isMade)).to.have.length(1);
      expect(await new PersonStore(db().knex).countAdmins()).to.equal(1);
      expect(await ensureFirstAdmin(adminParts(db()), { ...first, email: 'other@example.org' })).to.equal(false);
    });

    it('signs in with what the environment said', async () => {
      await ensureFirstAdmin(adminParts(db()), first);
      expect((await new PersonStore(db().knex).findByEmail(first.email))?.name).to.equal('Ines');
      const browser = web.stranger();
      const token = tokenIn(await browser.get('/sign-in'));
      expect((await browser.post('/sign-in', { _csrf: token, ...first })).status).to.equal(303);
    });

    it('is refused a password that anybody would guess, with a sentence for the operator', async () => {
      const error = await caught(StartError, ensureFirstAdmin(adminParts(db()), { ...first, password: 'castdeck' }));
      expect(error.message).to.contain('ADMIN_PASSWORD');
    });

    it('is followed by others from the command line, each address once', async () => {
      const parts = adminParts(db());
      await createAdmin(parts, { ...first, name: 'Ines Holm' });
      const error = await caught(InputError, createAdmin(parts, { ...first, name: 'Ines Holm' }));
      expect(error.problems[0]).to.include({ field: 'email' });
    });
  });

  function adminParts(database: Database): AdminParts {
    const { t } = web;
    const people = new PersonStore(database.knex);
    return {
      db: database,
      people,
      passwords: createPasswords(),
      siteName: () => 'Castdeck',
      clock: createTestClock(),
      t,
    };
  }
});

function linkIn({ text }: { readonly text: string }): string {
  return /value="http:\/\/localhost:3000(\/password\/[^"]+)"/.exec(text)?.[1] ?? 'none';
}

function tokenIn({ text }: { readonly text: string }): string {
  return /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
}
