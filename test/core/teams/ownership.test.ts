import { expect } from 'chai';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { signInByForm, tokenIn } from '../../support/sign-in-form.ts';
import { webRooms } from '../../support/web-rooms.ts';

const tenMinutesMs = 10 * 60_000;

describe('S44: Owning a team', () => {
  let web: TestApp;
  beforeEach(async () => {
    web = await createTestApp({ routes: (base) => webRooms(base, { sendsMail: true }) });
  });
  afterEach(() => web.close());

  it('is handed on and given up only with the password, ten minutes later; other roles ask for none', async () => {
    const team = await createTeam(web.db);
    const [owner, other] = [
      await createMember(web.db, { team, role: 'owner' }),
      await createMember(web.db, { team, role: 'owner' }),
    ];
    const editor = await createMember(web.db, { team, role: 'editor' });
    const browser = await web.signIn(owner);
    const members = `/team/${team.id}/members`;
    await browser.post(members, { email: 'mia@example.org', role: 'owner' });
    await browser.post(members, { email: 'ida@example.org', role: 'viewer' });
    const links: unknown[] = await web.db.knex('one_time_links').orderBy('id').pluck('id');
    const [ofOwner, ofViewer] = links;
    web.clock.advance(tenMinutesMs + 1);
    const guarded = [
      [members, { email: 'new@example.org', role: 'owner' }],
      [`${members}/${editor.id}/role`, { role: 'owner' }],
      [`${members}/${other.id}/role`, { role: 'editor' }],
      [`${members}/${owner.id}/role`, { role: 'editor' }],
      [`${members}/${owner.id}/removal`, {}],
      [`${members}/${other.id}/removal`, {}],
      [`/team/${team.id}/invitations/${String(ofOwner)}/renewal`, { by: 'link' }],
    ] as const;
    for (const [path, fields] of guarded) {
      const answer = await browser.post(path, fields);
      expect([answer.status, answer.text.includes('Your password again')], path).to.deep.equal([403, true]);
    }
    const free = [
      [members, { email: 'new@example.org', role: 'viewer' }],
      [`${members}/${editor.id}/role`, { role: 'manager' }],
      [`/team/${team.id}/invitations/${String(ofViewer)}/renewal`, { by: 'link' }],
      [`${members}/${editor.id}/removal`, {}],
    ] as const;
    for (const [path, fields] of free) expect((await browser.post(path, fields)).status, path).to.be.oneOf([200, 303]);
    const roles: unknown[] = await web.db.knex('members').where({ team_id: team.id }).orderBy('user_id').pluck('role');
    expect(roles).to.deep.equal(['owner', 'owner']);
  });

  it('is handed to whom an admin adds under Users only with the password, too', async () => {
    const team = await createTeam(web.db);
    const admin = await web.signIn(await createPerson(web.db, { isAdmin: true }));
    web.clock.advance(tenMinutesMs + 1);
    const person = { name: 'Nils', email: 'nils@example.org', team: String(team.id) };
    const late = await admin.post('/admin/users', { ...person, role: 'owner' });
    expect([late.status, late.text.includes('Your password again')]).to.deep.equal([403, true]);
    expect(await web.db.knex('users').where({ email: person.email })).to.deep.equal([]);
    expect((await admin.post('/admin/users', { ...person, role: 'manager' })).status).to.equal(200);
  });
});

onEachDatabase('A team without people', (db) => {
  let web: TestApp;
  beforeEach(async () => {
    web = await createTestApp({ db: db(), routes: (base) => webRooms(base, { sendsMail: true }) });
  });

  it('gets its first owner from the list of teams, by a link that the admin hands on', async () => {
    const admin = await web.signIn(await createPerson(db(), { isAdmin: true }));
    const team = await createTeam(db(), { name: 'Hazel & Rye' });
    expect((await admin.get('/admin/teams')).text)
      .to.contain('No owner yet')
      .and.to.contain(`invite=${team.id}`);
    expect((await admin.get(`/admin/teams?invite=${team.id}`)).text).to.contain('Invite the first owner of');
    const wrong = await admin.post(`/admin/teams/${team.id}/owner`, { email: 'nobody' });
    expect([wrong.status, wrong.text.includes('Invite the first owner of')]).to.deep.equal([422, true]);
    const made = await admin.post(`/admin/teams/${team.id}/owner`, { email: 'maja@example.org', by: 'link' });
    const path = /http:\/\/localhost:3000(\/invitations\/[\w-]+)/.exec(made.text)?.[1] ?? '';
    const guest = web.stranger();
    const fields = { _csrf: tokenIn(await guest.get(path)), name: 'Maja', password: 'Regen in Aarhus' };
    expect((await guest.post(path, fields)).headers['location']).to.equal(`/team/${team.id}/`);
    const roles: unknown[] = await db().knex('members').where({ team_id: team.id }).pluck('role');
    expect(roles).to.deep.equal(['owner']);
    expect((await admin.get('/admin/teams')).text).not.to.contain('No owner yet');
    expect((await admin.post(`/admin/teams/${team.id}/owner`, { email: 'eve@example.org' })).status).to.equal(409);
    const again = await signInByForm(web.stranger(), { email: 'maja@example.org', password: 'Regen in Aarhus' });
    expect(again.status).to.equal(303);
  });

  it('gets it by mail, too; no such team gets none, and it asks for the password', async () => {
    const admin = await web.signIn(await createPerson(db(), { isAdmin: true }));
    const team = await createTeam(db());
    const mailed = await admin.post(`/admin/teams/${team.id}/owner`, { email: 'maja@example.org', by: 'mail' });
    expect(mailed.text)
      .to.contain('The invitation is on its way to maja@example.org')
      .and.not.to.contain('/invitations/');
    expect(await db().knex('jobs').where({ kind: 'mail-invitation' })).to.have.length(1);
    expect(await db().knex('events').where({ kind: 'member.invited', team_id: team.id })).to.have.length(1);
    expect((await admin.post('/admin/teams/999/owner', { email: 'maja@example.org' })).status).to.equal(404);
    web.clock.advance(tenMinutesMs + 1);
    const late = await admin.post(`/admin/teams/${team.id}/owner`, { email: 'maja@example.org' });
    expect([late.status, late.text.includes('Your password again')]).to.deep.equal([403, true]);
  });
});
