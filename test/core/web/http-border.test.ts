import { expect } from 'chai';
import { z } from 'zod';
import type { Route } from '../../../core/web/route.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { webRooms } from '../../support/web-rooms.ts';

const policy =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data: blob:;media-src 'self' blob:;" +
  "font-src 'self';connect-src 'self';object-src 'none';base-uri 'none';frame-ancestors 'none';" +
  "form-action 'self' https://consent.example";

const extra: readonly Route[] = [
  {
    method: 'get',
    path: '/broken',
    permission: 'public',
    handle: () => {
      throw new Error('canary-sql select * from secrets at /srv/castdeck/core/secret.ts');
    },
  },
  {
    method: 'get',
    path: '/broken-view',
    permission: 'public',
    handle: ({ page }) => page('no/such-view', { title: 'x' }),
  },
  {
    method: 'get',
    path: '/broken-database',
    permission: 'public',
    handle: () => {
      throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:3306'), { code: 'ECONNREFUSED' });
    },
  },
];

const network = { id: 'tiktok', name: 'TikTok', icon: 'tiktok', origins: { formAction: ['https://consent.example'] } };

describe('Every answer of the web', () => {
  let web: TestApp;
  let browser: TestBrowser;
  let logged: string[] = [];
  before(async () => {
    web = await createTestApp({
      routes: (base) => [...webRooms(base), ...extra],
      networks: [network],
      onLog: (line) => void logged.push(line),
    });
    browser = await web.signIn(await createPerson(web.db, { isAdmin: true }));
  });
  beforeEach(() => {
    logged = [];
  });
  after(() => web.close());

  it('S21: carries the whole content policy, with the origins that plugins declare, on errors too', async () => {
    for (const path of [
      '/',
      '/sign-in',
      '/nothing-here',
      '/broken',
      '/broken-view',
      '/broken-database',
      '/admin/users',
    ]) {
      const answer = await (path === '/sign-in' ? web.stranger() : browser).get(path);
      expect(answer.headers['content-security-policy'], path).to.equal(policy);
      expect(answer.headers['content-type'], path).to.equal('text/html; charset=utf-8');
    }
    const foreign = await web.stranger().get('/').set('Host', 'evil.example');
    expect(foreign.headers['content-security-policy']).to.equal(policy);
  });

  it('S21: has no inline script, style or handler in any page', async () => {
    for (const path of ['/', '/sign-in', '/privacy-policy', '/account', '/admin/users', '/admin/teams', '/nothing']) {
      const { text } = await (path === '/sign-in' ? web.stranger() : browser).get(path);
      expect(text, path).not.to.match(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/i);
    }
  });

  it('S22: carries the other headers and says nothing of what runs here', async () => {
    const { headers } = await browser.get('/account');
    expect(headers).to.include({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin-allow-popups',
    });
    expect(headers).not.to.have.any.keys('x-powered-by', 'server', 'strict-transport-security');
  });

  it('S22: asks browsers to stay on https for two years where the installation is on https', async () => {
    const secure = await createTestApp({ publicUrl: 'https://desk.example', routes: (base) => webRooms(base) });
    const { headers } = await secure.stranger().get('/sign-in');
    expect(headers['strict-transport-security']).to.equal('max-age=63072000');
    await secure.close();
  });

  it('S8: every cookie is bound to the host, secure, and out of reach of scripts', async () => {
    const secure = await createTestApp({ publicUrl: 'https://desk.example', routes: (base) => webRooms(base) });
    const team = await createTeam(secure.db);
    const person = await createMember(secure.db, { team, role: 'owner' });
    const session = (await secure.stranger().get('/sign-in')).headers['set-cookie'];
    const [cookie = ''] = z.array(z.string()).parse(session);
    await secure.db.knex('sessions').update({ user_id: person.id });
    const data: unknown = await secure.db.knex('sessions').first('data');
    const stored = z.object({ data: z.string() }).parse(data).data;
    const signedIn = JSON.stringify({ ...JSON.parse(stored), userId: person.id });
    await secure.db.knex('sessions').update({ data: signedIn });
    const page = await secure
      .stranger()
      .get(`/team/${team.id}/`)
      .set('Cookie', cookie.split(';')[0] ?? '');
    expect(page.status).to.equal(200);
    const all = [cookie, ...z.array(z.string()).parse(page.headers['set-cookie'])];
    expect(all).to.have.length(3);
    for (const one of all) {
      expect(one)
        .to.match(/^__Host-/)
        .and.match(/; Path=\//)
        .and.match(/; HttpOnly/);
      expect(one)
        .to.match(/; Secure/)
        .and.match(/; SameSite=Lax/)
        .and.not.match(/domain=/i);
    }
    await secure.close();
  });

  it('S8: on plain http the cookie has another name, and strangers who only read get none', async () => {
    const { headers } = await web.stranger().get('/sign-in');
    expect(String(headers['set-cookie'])).to.match(/^local-session=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    for (const path of ['/', '/privacy-policy', '/robots.txt', '/healthz', '/assets/css/type.css']) {
      expect((await web.stranger().get(path)).headers, path).not.to.have.property('set-cookie');
    }
  });

  it('S23: is kept in no cache once somebody is signed in', async () => {
    for (const path of ['/', '/account', '/admin/users', '/nothing', '/team/1/x.css', '/admin/x.js']) {
      expect((await browser.get(path)).headers['cache-control'], path).to.equal('no-store');
    }
    const file = await browser.get('/assets/css/type.css?v=1');
    expect(file.headers['cache-control']).to.contain('immutable');
    expect((await browser.get('/assets/css/none.css?v=1')).headers['cache-control']).to.equal('no-store');
  });

  it('S40: tells nothing of what broke but a number that stands in the log', async () => {
    for (const [path, status] of [
      ['/broken', 500],
      ['/broken-view', 500],
      ['/broken-database', 503],
    ] as const) {
      logged = [];
      const answer = await browser.get(path);
      expect(answer.status, path).to.equal(status);
      expect(answer.text, path).not.to.match(/canary|ECONN|10\.0\.0\.7|\.ts|\.ejs|node_modules| at \//);
      const id = String(answer.headers['x-request-id']);
      expect(answer.text).to.contain(id);
      expect(logged.filter((line) => line.includes(id) && line.includes('A request failed'))).to.have.length(1);
    }
  });

  it('S40: answers what cannot be read with 400, not 500', async () => {
    for (const path of ['/team/%c0%af/', '/team/%ff/members']) {
      expect((await browser.get(path)).status, path).to.be.oneOf([400, 404]);
    }
  });

  it('logs each fact of a request once, the status it ended with among them', async () => {
    for (const [path, status] of [
      ['/account', 200],
      ['/nothing', 404],
      ['/broken', 500],
    ] as const) {
      logged = [];
      await browser.get(path);
      const line = logged.find((one) => one.includes('"msg":"request"')) ?? '';
      expect(JSON.parse(line)).to.include({ method: 'GET', path, status });
      for (const fact of ['requestId', 'method', 'path', 'status', 'ms']) {
        expect(line.split(`"${fact}":`), `${fact} of ${path}`).to.have.length(2);
      }
    }
  });

  it('logs no query and no token of a link', async () => {
    await browser.get('/sign-in?code=canary-code&state=canary-state');
    await browser.get('/password/canary-token');
    await browser.get('/invitations/canary-token?x=canary-code');
    expect(logged.join('\n')).to.contain('/password/•').and.not.to.contain('canary');
  });

  it('S42: answers odd methods with 405 and a request for another host with 421', async () => {
    for (const method of ['trace', 'options'] as const) {
      expect((await browser.send(method, '/account')).status).to.equal(405);
    }
    for (const method of ['put', 'patch', 'delete'] as const) {
      expect((await browser.send(method, '/account')).status).to.equal(405);
    }
    const foreign = await browser.get('/account').set('Host', 'evil.example').set('X-Forwarded-Host', 'localhost:3000');
    expect(foreign.status).to.equal(421);
    expect(foreign.text).to.contain('http://localhost:3000');
    expect((await browser.get('/healthz').set('Host', 'evil.example')).status).to.equal(200);
    expect((await browser.get('/account').set('Host', '127.0.0.1:3000')).status).to.equal(200);
  });

  it('serves no file outside the public folders', async () => {
    for (const path of [
      '/assets/../package.json',
      '/assets/..%2fpackage.json',
      '/assets/%2e%2e/app.ts',
      '/assets/css/..%5c..%5capp.ts',
      '/assets/.npmrc',
      '/assets//etc/passwd',
      '/assets/css/%00',
    ]) {
      const answer = await browser.get(path);
      expect(answer.status, path).to.be.oneOf([400, 403, 404]);
      expect(answer.text, path).not.to.contain('"castdeck"');
    }
  });
});
