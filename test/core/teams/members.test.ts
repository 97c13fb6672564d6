import { expect } from 'chai';
import { z } from 'zod';
import type { Database } from '../../../core/db/database.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addMember, createMember, createPerson, createTeam } from '../../support/factories.ts';
import { webRooms } from '../../support/web-rooms.ts';

onEachDatabase('Members of a team', (db) => {
  let web: TestApp;
  beforeEach(async () => {
    web = await createTestApp({ db: db(), routes: (base) => webRooms(base) });
  });

  it('are listed with their roles for those who manage them', async () => {
    const team = await createTeam(db());
    const manager = await createMember(db(), { team, role: 'manager', name: 'Maja Lindqvist' });
    await createMember(db(), { team, role: 'viewer', name: 'Tobias Krag' });
    const { text } = await (await web.signIn(manager)).get(`/team/${team.id}/members`);
    expect(text).to.contain('Maja Lindqvist').and.to.contain('Tobias Krag');
  });

  it('join by a link that works once, with the role that was meant', async () => {
    const team = await createTeam(db());
    const owner = await createMember(db(), { team, role: 'owner' });
    const link = await invite(await web.signIn(owner), team.id, { email: 'Guest@Example.org', role: 'viewer' });
    const browser = web.stranger();
    const token = await tokenOf(browser, link);
    const fields = { _csrf: token, name: 'Guest', password: 'a long password', role: 'owner', team: '999' };
    const answer = await browser.post(link, fields);
    expect(answer.headers['location']).to.equal(`/team/${team.id}/`);
    expect((await browser.get(`/team/${team.id}/`)).status).to.equal(200);
    expect(await rolesIn(db(), team.id)).to.have.members(['owner', 'viewer']);
    expect((await web.stranger().get(link)).status).to.equal(404);
  });

  it('who are known here sign in and join with one press', async () => {
    const team = await createTeam(db());
    const known = await createPerson(db(), { passwordHash: 'x' });
    const browser = await web.signIn(await createMember(db(), { team, role: 'manager' }));
    const link = await invite(browser, team.id, { email: known.email, role: 'editor' });
    expect((await web.stranger().get(link)).text).to.contain('/sign-in?next=');
    const other = await web.signIn(await createPerson(db()));
    expect((await other.post(link)).status).to.equal(404);
    const answer = await (await web.signIn(known)).post(link);
    expect(answer.headers['location']).to.equal(`/team/${team.id}/`);
    expect(await rolesIn(db(), team.id)).to.have.members(['manager', 'editor']);
  });

  it('S2: an invitation is no way into the account of an admin who has no password yet', async () => {
    const team = await createTeam(db());
    const admin = await createPerson(db(), { isAdmin: true });
    const browser = await web.signIn(await createMember(db(), { team, role: 'manager' }));
    const link = await invite(browser, team.id, { email: admin.email, role: 'editor' });
    const stranger = web.stranger();
    const fields = { _csrf: await tokenOf(stranger, link), name: 'Mallory', password: 'a long password' };
    const answer = await stranger.post(link, fields);
    expect(answer.status).to.equal(303);
    expect(answer.headers['location']).to.match(/^\/sign-in/);
    const row: unknown = await db().knex('users').where({ id: admin.id }).first('password_hash', 'name');
    expect(row).to.deep.include({ password_hash: null, name: admin.name });
  });

  it('S12: of many who use one invitation at once, one gets in', async () => {
    const team = await createTeam(db());
    const browser = await web.signIn(await createMember(db(), { team, role: 'owner' }));
    const link = await invite(browser, team.id, { email: 'many@example.org', role: 'viewer' });
    const strangers = await Promise.all(
      [...Array(8).keys()].map(async () => {
        const stranger = web.stranger();
        return { stranger, token: await tokenOf(stranger, link) };
      }),
    );
    const answers = await Promise.all(
      strangers.map(({ stranger, token }) =>
        stranger.post(link, { _csrf: token, name: 'Guest', password: 'a long password' }),
      ),
    );
    const welcomed = answers.filter(({ headers }) => headers['location'] === `/team/${team.id}/`);
    expect(welcomed).to.have.length(1);
    expect(await rolesIn(db(), team.id)).to.have.members(['owner', 'viewer']);
  });

  it('an invitation ends after seven days, when it is withdrawn, and when a new one is made', async () => {
    const team = await createTeam(db());
    const browser = await web.signIn(await createMember(db(), { team, role: 'owner' }));
    const first = await invite(browser, team.id, { email: 'late@example.org', role: 'viewer' });
    const second = await invite(browser, team.id, { email: 'late@example.org', role: 'viewer' });
    expect((await web.stranger().get(first)).status).to.equal(404);
    expect((await web.stranger().get(second)).status).to.equal(200);
    const { text } = await browser.get(`/team/${team.id}/members`);
    const [, withdrawal = ''] = /action="([^"]+\/withdrawal)"/.exec(text) ?? [];
    expect((await browser.post(withdrawal)).status).to.equal(303);
    expect((await web.stranger().get(second)).status).to.equal(404);
    const third = await invite(browser, team.id, { email: 'late@example.org', role: 'viewer' });
    web.clock.advance(7 * 24 * 3_600_000);
    expect((await web.stranger().get(third)).status).to.equal(404);
  });

  it('S12: the database holds no token of a link', async () => {
    const team = await createTeam(db());
    const browser = await web.signIn(await createMember(db(), { team, role: 'owner' }));
    const link = await invite(browser, team.id, { email: 'hash@example.org', role: 'viewer' });
    const dump = JSON.stringify(await db().knex('one_time_links').select());
    expect(dump).not.to.contain(link.split('/').at(-1));
  });

  it('S2: the last owner stays an owner and in the team', async () => {
    const team = await createTeam(db());
    const owner = await createMember(db(), { team, role: 'owner' });
    const browser = await web.signIn(owner);
    const path = `/team/${team.id}/members/${owner.id}`;
    expect((await browser.post(`${path}/role`, { role: 'viewer' })).status).to.equal(409);
    expect((await browser.post(`${path}/removal`)).status).to.equal(409);
    const second = await createMember(db(), { team, role: 'owner' });
    await db().knex('users').where({ id: second.id }).update({ disabled_at: 1 });
    expect((await browser.post(`${path}/removal`)).status).to.equal(409);
    expect(await rolesIn(db(), team.id)).to.have.members(['owner', 'owner']);
  });

  it('S2: two owners who leave at once do not leave the team alone', async () => {
    const team = await createTeam(db());
    const owners = [
      await createMember(db(), { team, role: 'owner' }),
      await createMember(db(), { team, role: 'owner' }),
    ];
    const browsers = await Promise.all(owners.map((owner) => web.signIn(owner)));
    const paths = owners.map(({ id }) => `/team/${team.id}/members/${id}/removal`);
    await Promise.all(browsers.map((browser, n) => browser.post(paths[n] ?? '')));
    expect(await rolesIn(db(), team.id)).to.deep.equal(['owner']);
  });

  it('S2: a manager makes, changes and removes no owner, and an editor nobody', async () => {
    const team = await createTeam(db());
    const owner = await createMember(db(), { team, role: 'owner' });
    const manager = await createMember(db(), { team, role: 'manager' });
    const editor = await createMember(db(), { team, role: 'editor' });
    const members = `/team/${team.id}/members`;
    const asManager = await web.signIn(manager);
    const refused = [
      await asManager.post(`${members}/${owner.id}/removal`),
      await asManager.post(`${members}/${owner.id}/role`, { role: 'viewer' }),
      await asManager.post(`${members}/${manager.id}/role`, { role: 'owner' }),
      await asManager.post(members, { email: 'new@example.org', role: 'owner' }),
      await (await web.signIn(editor)).post(`${members}/${editor.id}/role`, { role: 'owner' }),
    ];
    expect(refused.map(({ status }) => status)).to.deep.equal([403, 403, 403, 403, 403]);
    expect((await asManager.post(`${members}/${editor.id}/role`, { role: 'manager' })).status).to.equal(303);
    expect(await rolesIn(db(), team.id)).to.have.members(['owner', 'manager', 'manager']);
  });

  it('S3: declares the only fields that a form may set', async () => {
    const team = await createTeam(db());
    const owner = await createMember(db(), { team, role: 'owner' });
    const editor = await createMember(db(), { team, role: 'editor' });
    const extra = {
      is_admin: '1',
      isAdmin: '1',
      team_id: '9',
      user_id: '9',
      id: '9',
      state: 'x',
      verified: '1',
      __v: '1',
    };
    const more = { password_hash: 'x', disabled_at: '1', zone: 'x', used_at: '1', created_by: '9' };
    const browser = await web.signIn(owner);
    await browser.post(`/team/${team.id}/members/${editor.id}/role`, { ...extra, ...more, role: 'viewer' });
    await browser.post('/account/name', { ...extra, ...more, name: 'New name', role: 'owner', email: 'x@example.org' });
    await browser.post('/account/theme', { ...extra, ...more, theme: 'dark' });
    const users: unknown = await db()
      .knex('users')
      .orderBy('id')
      .select('name', 'email', 'is_admin', 'theme', 'disabled_at');
    expect(users).to.deep.equal([
      { name: 'New name', email: owner.email, is_admin: 0, theme: 'dark', disabled_at: null },
      { name: editor.name, email: editor.email, is_admin: 0, theme: 'auto', disabled_at: null },
    ]);
    const members: unknown = await db().knex('members').orderBy('user_id').select('team_id', 'user_id', 'role');
    expect(members).to.deep.equal([
      { team_id: team.id, user_id: owner.id, role: 'owner' },
      { team_id: team.id, user_id: editor.id, role: 'viewer' },
    ]);
  });

  it('cannot be invited twice, and what was typed wrong is said at its field', async () => {
    const team = await createTeam(db());
    const owner = await createMember(db(), { team, role: 'owner' });
    const browser = await web.signIn(owner);
    const taken = await browser.post(`/team/${team.id}/members`, { email: owner.email, role: 'viewer' });
    expect(taken.status).to.equal(422);
    expect(taken.text).to.contain('is in this team already').and.to.contain('aria-invalid="true"');
    const odd = await browser.post(`/team/${team.id}/members`, { email: 'no address', role: 'king' });
    expect(odd.text).to.contain('value="no address"').and.to.contain('Choose a role.');
  });

  it('stay in the one team whose role was changed', async () => {
    const [a, b] = [await createTeam(db()), await createTeam(db())];
    const person = await createMember(db(), { team: a, role: 'editor' });
    await addMember(db(), { team: b, person, role: 'editor' });
    const browser = await web.signIn(await createMember(db(), { team: a, role: 'owner' }));
    await browser.post(`/team/${a.id}/members/${person.id}/removal`);
    expect(await rolesIn(db(), a.id)).to.deep.equal(['owner']);
    expect(await rolesIn(db(), b.id)).to.deep.equal(['editor']);
  });
});

/** @returns the path of the invitation */
async function invite(browser: TestBrowser, teamId: number, fields: { email: string; role: string }): Promise<string> {
  const { text } = await browser.post(`/team/${teamId}/members`, fields);
  const [, path = 'none'] = /value="http:\/\/localhost:3000(\/invitations\/[^"]+)"/.exec(text) ?? [];
  return path;
}

async function tokenOf(browser: TestBrowser, path: string): Promise<string> {
  const { text } = await browser.get(path);
  const [, token] = /name="_csrf" value="([^"]+)"/.exec(text) ?? [];
  if (token !== undefined) return token;
  const signIn = await browser.get('/sign-in');
  return /name="_csrf" value="([^"]+)"/.exec(signIn.text)?.[1] ?? '';
}

async function rolesIn(db: Database, teamId: number): Promise<readonly string[]> {
  const rows: unknown = await db.knex('members').where({ team_id: teamId }).select('role');
  return z
    .array(z.object({ role: z.string() }))
    .parse(rows)
    .map(({ role }) => role);
}
