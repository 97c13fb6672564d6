import { expect } from 'chai';
import { createPasswords, type Passwords } from '../../../core/auth/passwords.ts';
import { LinkStore } from '../../../core/auth/link-store.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { tokenIn } from '../../support/sign-in-form.ts';
import { webRooms } from '../../support/web-rooms.ts';

/** What is counted here is who succeeds, not the cost of a hash. */
const plain: Passwords = {
  hash: (typed) => Promise.resolve(`plain ${typed}`),
  matches: (typed, hash) => Promise.resolve(hash === `plain ${typed}`),
};

onEachDatabase('A one-time link', (db) => {
  let web: TestApp;
  beforeEach(async () => {
    web = await createTestApp({ db: db(), routes: (base) => webRooms(base, { passwords: plain }) });
  });

  it('S12, S43: used fifty times at once succeeds once', async () => {
    const team = await createTeam(db());
    const person = await createPerson(db(), { passwordHash: 'x' });
    const links = new LinkStore(db(), web.clock);
    const place = { teamId: team.id, role: 'viewer' } as const;
    const token = await links.make({ purpose: 'invitation', userId: person.id, createdBy: null, place });
    const browser = await web.signIn(person);
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.post(`/invitations/${token}`)));
    expect(answers.filter(({ status }) => status === 303)).to.have.length(1);
    expect(await db().knex('members').where({ team_id: team.id })).to.have.length(1);
  });

  it('S12, S43: for a password, used fifty times at once, succeeds once', async () => {
    const person = await createPerson(db(), { passwordHash: 'x' });
    const token = await new LinkStore(db(), web.clock).make({
      purpose: 'password',
      userId: person.id,
      createdBy: null,
    });
    const path = `/password/${token}`;
    const session = await web.signIn(person);
    const browsers = Array.from({ length: 50 }, () => web.stranger());
    const tokens = await Promise.all(browsers.map(async (browser) => tokenIn(await browser.get(path))));
    const answers = await Promise.all(
      browsers.map((browser, n) => browser.post(path, { _csrf: tokens[n] ?? '', password: `Regen in Aarhus ${n}` })),
    );
    const [winner] = answers.flatMap(({ status }, n) => (status === 303 ? [n] : []));
    const others = answers.filter((_answer, n) => n !== winner).map(({ status }) => status);
    expect(others).to.deep.equal(Array.from({ length: 49 }, () => 404));
    const stored: unknown[] = await db().knex('users').where({ id: person.id }).pluck('password_hash');
    expect(stored).to.deep.equal([`plain Regen in Aarhus ${winner ?? 'none'}`]);
    expect(await db().knex('events').where({ kind: 'user.password-changed' })).to.have.length(1);
    expect((await session.get('/account')).status, 'older sessions end').to.equal(303);
    const inside = await Promise.all(browsers.map(async (browser) => (await browser.get('/account')).status));
    expect(inside.filter((status) => status === 200)).to.have.length(1);
  }).timeout(60_000);

  it('S12: is bound to its person and team: an edited role or another person changes nothing', async () => {
    const [team, other] = [await createTeam(db()), await createTeam(db())];
    const person = await createPerson(db(), { passwordHash: 'x' });
    const links = new LinkStore(db(), web.clock);
    const place = { teamId: team.id, role: 'viewer' } as const;
    const token = await links.make({ purpose: 'invitation', userId: person.id, createdBy: null, place });
    const thief = await web.signIn(await createPerson(db(), { passwordHash: 'x' }));
    expect((await thief.post(`/invitations/${token}`)).status).to.equal(404);
    const browser = await web.signIn(person);
    await browser.post(`/invitations/${token}`, { role: 'owner', team: String(other.id), team_id: String(other.id) });
    const rows: unknown = await db().knex('members').where({ user_id: person.id }).select('team_id', 'role');
    expect(JSON.parse(JSON.stringify(rows))).to.deep.equal([{ team_id: team.id, role: 'viewer' }]);
  });

  it('S13: of one purpose, and every other token, is refused in every other slot', async () => {
    const team = await createTeam(db());
    const person = await createPerson(db(), { passwordHash: await createPasswords().hash('the old password') });
    const links = new LinkStore(db(), web.clock);
    const place = { teamId: team.id, role: 'owner' } as const;
    const invitation = await links.make({ purpose: 'invitation', userId: person.id, createdBy: null, place });
    const reset = await links.make({ purpose: 'password', userId: person.id, createdBy: null });
    const browser = await web.signIn(await createMember(db(), { team, role: 'owner' }));
    const session = browser.cookie.split('=')[1] ?? '';
    const sealed = web.vault.seal('x', { table: 't', column: 'c', row: 'r' });
    for (const wrong of [reset, session, browser.csrfToken, sealed]) {
      expect((await browser.get(`/invitations/${encodeURIComponent(wrong)}`)).status).to.equal(404);
    }
    for (const wrong of [invitation, session, browser.csrfToken, sealed]) {
      expect((await browser.get(`/password/${encodeURIComponent(wrong)}`)).status).to.equal(404);
    }
    for (const wrong of [invitation, reset, sealed]) {
      const answer = await browser
        .send('post', '/account/name')
        .set('Origin', web.publicUrl)
        .type('form')
        .send({ _csrf: wrong, name: 'X' });
      expect(answer.status).to.equal(403);
      const stranger = web
        .stranger()
        .get('/account')
        .set('Cookie', `local-session=${encodeURIComponent(`s:${wrong}`)}`);
      expect((await stranger).status).to.equal(303);
    }
    expect(tokenIn(await browser.get('/account'))).to.equal(browser.csrfToken);
  });
});

describe('S33: What a browser and a mail address bring along', () => {
  it('stays one line of the log and no header: line ends and terminal codes are taken out or refused', async () => {
    const lines: string[] = [];
    const web = await createTestApp({ routes: (base) => webRooms(base), onLog: (line) => void lines.push(line) });
    const browser = web.stranger();
    const page = await browser.get('/sign-in').set('User-Agent', 'x \u00851.2 \u009b31m');
    const email = 'maja@example.org\r\nBcc: evil@example.org\u0000\u0085\u001b[31m';
    const answer = await browser.post('/sign-in?next=%0d%0aX-Evil:%201', {
      _csrf: tokenIn(page),
      email,
      password: 'x\r\nX-Evil: 1',
    });
    expect(answer.status).to.equal(422);
    expect(Object.keys(answer.headers)).not.to.include('x-evil');
    for (const line of lines) {
      expect(line.trimEnd(), line).not.to.match(/[\p{Cc}]/u);
      expect(JSON.parse(line)).to.be.an('object');
    }
    expect(lines.length).to.be.greaterThan(1);
    await web.close();
  });
});
