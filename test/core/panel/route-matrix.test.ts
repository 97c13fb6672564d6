import { expect } from 'chai';
import type { Test } from 'supertest';
import { roleMay, roles, type RoutePermission, type TeamPermission } from '../../../core/auth/permissions.ts';
import type { PublicContext, Route } from '../../../core/web/route.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { addMember, createMember, createPerson, createTeam } from '../../support/factories.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

/** Every address that express itself would answer. */
function registeredIn(web: TestApp): readonly string[] {
  return web.app.router.stack.flatMap(({ route }) =>
    route === undefined ? [] : route.stack.map(({ method }) => `${method} ${route.path}`),
  );
}

const teamRoles = [...roles, 'outsider', 'stranger', 'admin'] as const;
type Who = (typeof teamRoles)[number];

/** What the permission table says about this asker. */
function expected(permission: RoutePermission, who: Who): 'in' | 303 | 403 | 404 {
  if (permission === 'public') return 'in';
  if (who === 'stranger') return 303;
  if (permission === 'signed-in') return 'in';
  if (permission === 'admin') return who === 'admin' ? 'in' : 403;
  if (who === 'outsider' || who === 'admin') return 404;
  return mayInTeam(who, permission) ? 'in' : 403;
}

function mayInTeam(who: Exclude<Who, 'outsider' | 'stranger' | 'admin'>, permission: TeamPermission): boolean {
  return roleMay(who, permission);
}

describe('The list of routes', () => {
  let whole: WholePanel;
  let web: TestApp;
  let asked: string[] = [];
  const browsers = new Map<Who, TestBrowser>();
  let teamId = 0;

  before(async () => {
    // The same declarations with a handler that only tells that it was reached.
    whole = await openWholePanel({
      change: (route) => ({
        ...route,
        // What a handler would ask before it begins.
        ...('confirms' in route ? { confirms: () => false } : {}),
        handle: ({ res }: PublicContext) => {
          asked.push(`${route.method} ${route.path}`);
          res.send('reached');
        },
      }),
    });
    ({ web } = whole);
    const team = await createTeam(web.db);
    teamId = team.id;
    for (const role of roles) browsers.set(role, await web.signIn(await createMember(web.db, { team, role })));
    const outsider = await createMember(web.db, { team: await createTeam(web.db), role: 'owner' });
    browsers.set('outsider', await web.signIn(outsider));
    browsers.set('admin', await web.signIn(await createPerson(web.db, { isAdmin: true })));
    browsers.set('stranger', web.stranger());
  });
  after(() => whole.close());

  it('S2: is all that the app answers: no route is registered beside it', () => {
    const declared = whole.routes.map(({ method, path }) => `${method} ${path}`);
    expect([...registeredIn(web)].sort()).to.deep.equal([...declared].sort());
  });

  it('S2: lets each role through exactly where the permission table says so', async () => {
    for (const route of whole.routes) {
      for (const who of teamRoles) await check(route, who);
    }
  }).timeout(300_000);

  async function check(route: Route, who: Who): Promise<void> {
    const browser = browsers.get(who) ?? web.stranger();
    const path = route.path
      .replace(':team', String(teamId))
      .replaceAll(/:\w+/g, '7')
      .replaceAll(/\/\*\w+/g, '/7');
    asked = [];
    const answer = await ask(browser, route.method, path);
    const verdict = expected(route.permission, who);
    const what = `${route.method} ${route.path} as ${who}`;
    const isFormOfStranger = verdict === 'in' && route.method === 'post' && who === 'stranger' && route.csrf !== false;
    if (isFormOfStranger) {
      // Public forms still ask for the token of the page that they stand on.
      expect(answer.status, what).to.equal(403);
    } else if (verdict === 'in') {
      expect(asked, what).to.deep.equal([`${route.method} ${route.path}`]);
    } else {
      expect(answer.status, what).to.equal(verdict);
      expect(asked, what).to.deep.equal([]);
    }
  }

  /** As a page of ours asks: by a link, a form, or its script. */
  function ask(browser: TestBrowser, method: Route['method'], path: string): Test {
    if (method === 'get') return browser.get(path);
    if (method === 'post') return browser.post(path);
    return browser.send(method, path).set('Origin', web.publicUrl).set('x-csrf-token', browser.csrfToken);
  }

  it('S2: counts a changed role at the next request of a session that is open', async () => {
    const team = await createTeam(web.db);
    const person = await createMember(web.db, { team, role: 'manager' });
    const browser = await web.signIn(person);
    expect((await browser.get(`/team/${team.id}/members`)).status).to.equal(200);
    await addMember(web.db, { team, person, role: 'viewer' });
    expect((await browser.get(`/team/${team.id}/members`)).status).to.equal(403);
  });

  it('S6: gives the session a new id when the role changed, and the old one is dead', async () => {
    const team = await createTeam(web.db);
    const person = await createMember(web.db, { team, role: 'viewer' });
    const browser = await web.signIn(person);
    await browser.get('/account');
    const before = (await web.db.knex('sessions').where({ user_id: person.id })).length;
    await addMember(web.db, { team, person, role: 'editor' });
    const answer = await browser.get('/account');
    expect(String(answer.headers['set-cookie'])).to.match(/^local-session=/);
    expect((await browser.get('/account')).status).to.equal(200);
    expect((await web.db.knex('sessions').where({ user_id: person.id })).length).to.equal(before);
  });

  it('refuses a declaration that would let everybody into a team or into the administration', async () => {
    const handle: Route['handle'] = () => undefined;
    const wrong: readonly Route[] = [
      { method: 'get', path: '/team/:team/secret', permission: 'signed-in', handle },
      { method: 'get', path: '/admin/secret', permission: 'signed-in', handle },
      { method: 'get', path: '/somewhere', permission: 'team.see', handle },
    ];
    for (const route of wrong) {
      let complaint = '';
      await createTestApp({ routes: () => [route], db: web.db }).catch((error: unknown) => {
        complaint = String(error);
      });
      expect(complaint).to.contain(route.path);
    }
  });
});
