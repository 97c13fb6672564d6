import { expect } from 'chai';
import type { Route } from '../../../core/web/route.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { addMember, createMember, createPerson, createTeam } from '../../support/factories.ts';

const routes: readonly Route[] = [
  { method: 'get', path: '/open', permission: 'public', handle: ({ res }) => void res.send('open') },
  { method: 'get', path: '/mine', permission: 'signed-in', handle: ({ res, person }) => void res.send(person.name) },
  {
    method: 'get',
    path: '/team/:team/thing',
    permission: 'team.see',
    handle: ({ res, team }) => void res.send(`${team.name} ${team.role}`),
  },
  {
    method: 'post',
    path: '/team/:team/thing',
    permission: 'posts.edit',
    handle: ({ res, body, all }) => void res.json({ body, tags: all('tag') }),
  },
];

describe('The web app', () => {
  let web: TestApp;
  before(async () => {
    web = await createTestApp({ routes: () => routes });
  });
  after(() => web.close());

  it('answers a public page to a stranger without a cookie', async () => {
    const answer = await web.stranger().get('/open');
    expect(answer.text).to.equal('open');
    expect(answer.headers).not.to.have.property('set-cookie');
  });

  it('sends a stranger to sign in and remembers where to go on', async () => {
    const answer = await web.stranger().get('/mine?x=1');
    expect(answer.status).to.equal(303);
    expect(answer.headers['location']).to.equal('/sign-in?next=%2Fmine%3Fx%3D1');
  });

  it('lets a member into the team and nobody else', async () => {
    const team = await createTeam(web.db, { name: 'Hazel & Rye' });
    const viewer = await createMember(web.db, { team, role: 'viewer' });
    const other = await createPerson(web.db);
    const address = `/team/${team.id}/thing`;
    expect((await (await web.signIn(viewer)).get(address)).text).to.equal('Hazel & Rye viewer');
    expect((await (await web.signIn(other)).get(address)).status).to.equal(404);
  });

  it('hands a handler the fields of a form, repeated ones by all()', async () => {
    const team = await createTeam(web.db);
    const editor = await createMember(web.db, { team, role: 'editor' });
    const answer = await (await web.signIn(editor)).post(`/team/${team.id}/thing`, { name: 'x', tag: ['a', 'b'] });
    expect(answer.body).to.deep.include({ tags: ['a', 'b'] });
    expect(answer.body).to.have.nested.property('body.name', 'x');
  });

  it('refuses what the role does not allow, and allows it at the next request after a change', async () => {
    const team = await createTeam(web.db);
    const person = await createMember(web.db, { team, role: 'viewer' });
    const browser = await web.signIn(person);
    expect((await browser.post(`/team/${team.id}/thing`)).status).to.equal(403);
    await addMember(web.db, { team, person, role: 'editor' });
    expect((await browser.post(`/team/${team.id}/thing`)).status).to.equal(200);
  });
});
