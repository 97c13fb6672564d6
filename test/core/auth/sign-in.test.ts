import { expect } from 'chai';
import { createPasswords, type Passwords } from '../../../core/auth/passwords.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { addMember, createPerson, createTeam } from '../../support/factories.ts';
import { adminPath, webRooms } from '../../support/web-rooms.ts';

const password = 'correct horse battery';

/** Opens the sign-in page as a browser does and sends the form. */
async function signInByForm(browser: TestBrowser, fields: Readonly<Record<string, string>>) {
  const page = await browser.get('/sign-in');
  const token = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  return browser.post('/sign-in', { _csrf: token, ...fields });
}

describe('Signing in', () => {
  let web: TestApp;
  let passwordHash: string;
  let hashes = 0;
  const real = createPasswords();
  const counting: Passwords = {
    hash: (typed) => real.hash(typed),
    matches: (typed, hash) => {
      hashes += 1;
      return real.matches(typed, hash);
    },
  };
  before(async () => {
    web = await createTestApp({ routes: (base) => webRooms(base, { passwords: counting }) });
    passwordHash = await real.hash(password);
  });
  after(() => web.close());

  it('leads a member to the team', async () => {
    const team = await createTeam(web.db);
    const person = await createPerson(web.db, { passwordHash });
    await addMember(web.db, { team, person, role: 'viewer' });
    const browser = web.stranger();
    const answer = await signInByForm(browser, { email: person.email.toUpperCase(), password });
    expect(answer.status).to.equal(303);
    expect(answer.headers['location']).to.equal(`/team/${team.id}/`);
    expect((await browser.get(`/team/${team.id}/`)).status).to.equal(200);
  });

  it('leads to the team that this browser showed last', async () => {
    const [first, second] = [await createTeam(web.db, { name: 'A' }), await createTeam(web.db, { name: 'B' })];
    const person = await createPerson(web.db, { passwordHash });
    for (const team of [first, second]) await addMember(web.db, { team, person, role: 'viewer' });
    const browser = web.stranger();
    await signInByForm(browser, { email: person.email, password });
    await signOut(browser, `/team/${second.id}/`);
    const again = await signInByForm(browser, { email: person.email, password });
    expect(again.headers['location']).to.equal(`/team/${second.id}/`);
  });

  it('leads an admin without a team to API Integration', async () => {
    const person = await createPerson(web.db, { passwordHash, isAdmin: true });
    const answer = await signInByForm(web.stranger(), { email: person.email, password });
    expect(answer.headers['location']).to.equal(adminPath);
  });

  it('says the same for a wrong password, an unknown and a disabled person, and computes one hash for each', async () => {
    const person = await createPerson(web.db, { passwordHash });
    const disabled = await createPerson(web.db, { passwordHash });
    await web.db.knex('users').where({ id: disabled.id }).update({ disabled_at: 1 });
    const tries = [
      { email: person.email, password: 'wrong horse' },
      { email: 'nobody@example.org', password },
      { email: disabled.email, password },
    ];
    const pages: string[] = [];
    for (const fields of tries) {
      hashes = 0;
      const answer = await signInByForm(web.stranger(), fields);
      expect(answer.status).to.equal(422);
      expect(hashes).to.equal(1);
      pages.push(answer.text.replaceAll(fields.email, '').replaceAll(/value="[^"]*"/g, ''));
    }
    expect(new Set(pages).size).to.equal(1);
    expect(pages[0]).to.contain('role="alert"');
  });

  it('keeps the email that was typed, and never the password', async () => {
    const answer = await signInByForm(web.stranger(), { email: 'maja@example.org', password: 'hunter2-canary' });
    expect(answer.text).to.contain('value="maja@example.org"').and.not.to.contain('hunter2-canary');
  });

  it('lets nobody guess on and on, and says how long to wait', async () => {
    const person = await createPerson(web.db, { passwordHash });
    for (let n = 0; n < 10; n += 1) await signInByForm(web.stranger(), { email: person.email, password: `wrong ${n}` });
    const answer = await signInByForm(web.stranger(), { email: person.email, password });
    expect(answer.status).to.equal(429);
    expect(Number(answer.headers['retry-after'])).to.be.within(1, 900);
    web.clock.advance(15 * 60_000);
    expect((await signInByForm(web.stranger(), { email: person.email, password })).status).to.equal(303);
  });

  it('S34: goes on only to a path of this installation', async () => {
    const person = await createPerson(web.db, { passwordHash, isAdmin: true });
    const evil = ['//evil.example', '/\\evil.example', 'https:evil.example', '\t//evil.example', '/\t/evil.example'];
    for (const next of [...evil, '/..//evil.example', 'javascript:alert(1)', '/%09/../..//evil', '/./\n/evil']) {
      const answer = await signInByForm(web.stranger(), { email: person.email, password, next });
      expect(answer.headers['location'], next).to.equal(adminPath);
    }
    const good = await signInByForm(web.stranger(), { email: person.email, password, next: '/admin/users?add' });
    expect(good.headers['location']).to.equal('/admin/users?add');
  });

  it('S6: gives a new session id at sign-in and at sign-out, and the old one is dead', async () => {
    const person = await createPerson(web.db, { passwordHash });
    const browser = web.stranger();
    const planted = cookieOf(await browser.get('/sign-in'));
    const signedIn = cookieOf(await signInByForm(browser, { email: person.email, password }));
    expect(signedIn).not.to.equal(planted);
    expect((await web.stranger().get('/account').set('Cookie', planted)).status).to.equal(303);
    expect((await web.stranger().get('/account').set('Cookie', signedIn)).status).to.equal(200);
    await signOut(browser, '/account');
    expect((await web.stranger().get('/account').set('Cookie', signedIn)).status).to.equal(303);
  });

  it('S6: a session id that somebody planted never becomes a signed-in one', async () => {
    const person = await createPerson(web.db, { passwordHash });
    const planted = 'local-session=s%3Aattacker.AAAA';
    const page = await web.stranger().get('/sign-in').set('Cookie', planted);
    const given = cookieOf(page);
    const token = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const fields = { _csrf: token, email: person.email, password };
    const answer = await web.stranger().post('/sign-in', fields).set('Cookie', given);
    expect(answer.status).to.equal(303);
    for (const cookie of [planted, given]) {
      expect((await web.stranger().get('/account').set('Cookie', cookie)).status).to.equal(303);
    }
  });

  it('keeps only the hash of a session id', async () => {
    const person = await createPerson(web.db, { passwordHash });
    const cookie = cookieOf(await signInByForm(web.stranger(), { email: person.email, password }));
    const id = /s%3A([^.]+)\./.exec(cookie)?.[1] ?? 'none';
    const dump = JSON.stringify(await web.db.knex('sessions').select());
    expect(id).to.have.length.greaterThan(40);
    expect(dump).not.to.contain(id);
  });

  it('ends a session after a day without use and after thirty days in all', async () => {
    const person = await createPerson(web.db);
    const idle = await web.signIn(person);
    web.clock.advance(24 * 3_600_000 + 1);
    expect((await idle.get('/account')).status).to.equal(303);
    const busy = await web.signIn(person);
    for (let days = 0; days < 30; days += 1) {
      expect((await busy.get('/account')).status, `day ${days}`).to.equal(200);
      web.clock.advance(23.999 * 3_600_000);
    }
    web.clock.advance(3_600_000);
    expect((await busy.get('/account')).status).to.equal(303);
  });
});

/** Presses Sign out on this page. */
async function signOut(browser: TestBrowser, address: string): Promise<void> {
  const page = await browser.get(address);
  const token = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  await browser.post('/sign-out', { _csrf: token });
}

function cookieOf(answer: { headers: Record<string, unknown> }): string {
  const cookies = [answer.headers['set-cookie']].flat().map(String);
  return cookies.find((cookie) => cookie.startsWith('local-session='))?.split(';')[0] ?? '';
}
