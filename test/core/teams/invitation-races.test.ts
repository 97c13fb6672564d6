import { expect } from 'chai';
import { createPasswords } from '../../../core/auth/passwords.ts';
import { LinkStore } from '../../../core/auth/link-store.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { tokenIn } from '../../support/sign-in-form.ts';
import { webRooms } from '../../support/web-rooms.ts';

onEachDatabase('A one-time link', (db) => {
  let web: TestApp;
  beforeEach(async () => {
    web = await createTestApp({ db: db(), routes: (base) => webRooms(base) });
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
  }).timeout(20_000);

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
