import { expect } from 'chai';
import { z } from 'zod';
import type { Route } from '../../../core/web/route.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { dump } from '../../support/replay.ts';
import { webRooms } from '../../support/web-rooms.ts';

const extra: readonly Route[] = [
  { method: 'post', path: '/echo', permission: 'signed-in', handle: ({ res, body }) => void res.json({ ...body }) },
  {
    method: 'post',
    path: '/composer',
    permission: 'signed-in',
    body: 'composer',
    handle: ({ res, body }) => void res.json({ fields: Object.keys(body).length }),
  },
  {
    method: 'post',
    path: '/upload',
    permission: 'signed-in',
    body: 'stream',
    handle: ({ res, checkCsrf, req }) => {
      if (req.get('x-csrf-token') === undefined) checkCsrf(undefined);
      res.send('kept');
    },
  },
];

describe('A form that comes in', () => {
  let web: TestApp;
  let browser: TestBrowser;
  before(async () => {
    web = await createTestApp({ routes: (base) => [...webRooms(base), ...extra] });
    browser = await web.signIn(await createPerson(web.db, { isAdmin: true }));
  });
  after(() => web.close());

  it('S29: stops at the size and the number of fields that a form may have, with or without a length', async () => {
    const field = (count: number) => Object.fromEntries([...Array(count).keys()].map((n) => [`f${n}`, 'x']));
    expect((await browser.post('/echo', field(49))).status).to.equal(200);
    expect((await browser.post('/echo', field(50))).status).to.equal(413);
    expect((await browser.post('/echo', { text: 'x'.repeat(103_000) })).status).to.equal(413);
    expect((await browser.post('/composer', { text: 'x'.repeat(900_000) })).status).to.equal(200);
    expect((await browser.post('/composer', field(999))).body).to.deep.equal({ fields: 1_000 });
    expect((await browser.post('/composer', field(1_000))).status).to.equal(413);
    expect((await browser.post('/composer', { text: 'x'.repeat(1_100_000) })).status).to.equal(413);
    const chunked = browser.send('post', '/echo').set('Origin', web.publicUrl).set('x-csrf-token', browser.csrfToken);
    chunked.type('form').write(`a=${'x'.repeat(120_000)}`);
    const answer = await chunked;
    expect(answer.status).to.equal(413);
  });

  it('S29: unpacks no compressed form', async () => {
    const packed = browser.send('post', '/echo').set('Origin', web.publicUrl).set('Content-Encoding', 'gzip');
    const answer = await packed.set('x-csrf-token', browser.csrfToken).type('form').send('a=1');
    expect(answer.status).to.equal(415);
  });

  it('S36: takes no field for a property of an object, and the last of a repeated one', async () => {
    const answer = await browser.post('/echo', {
      '__proto__[polluted]': '1',
      __proto__: '2',
      'constructor[prototype][polluted]': '3',
      constructor: '4',
      a: ['1', '2'],
    });
    expect(answer.body).to.include({ a: '2', '__proto__[polluted]': '1' });
    expect(Object.keys(z.record(z.string(), z.unknown()).parse(answer.body))).not.to.include('constructor');
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  });

  it('S36: lets no query and no field become an option of the template engine', async () => {
    const options =
      'settings[view options][outputFunctionName]=x;process.mainModule&settings[view options][client]=1&cache=&debug=1&client=1&escape=1&delimiter=x';
    for (const path of ['/', '/sign-in', '/account', '/admin/users', '/admin/teams']) {
      const [plain, odd] = [await browser.get(path), await browser.get(`${path}?${encodeURI(options)}&add`)];
      expect(odd.status, path).to.equal(plain.status);
    }
    const fields = { 'settings[view options][client]': '1', cache: '', client: '1', name: '', email: '' };
    expect((await browser.post('/admin/users', fields)).status).to.equal(422);
  });

  it('S5: refuses a change that was not sent from our own page, and changes nothing', async () => {
    const send = () => browser.send('post', '/admin/teams').type('form');
    const form = (token: string) => `_csrf=${token}&name=Forged&zone=UTC`;
    const own = browser.csrfToken;
    const other = (await web.signIn(await createPerson(web.db, { isAdmin: true }))).csrfToken;
    const origin = web.publicUrl;
    const before = await dump(web.db);
    const tries = {
      'no token': send().set('Origin', origin).send('name=Forged&zone=UTC'),
      'an empty token': send().set('Origin', origin).send(form('')),
      "another session's token": send().set('Origin', origin).send(form(other)),
      'the token in the query': browser
        .send('post', `/admin/teams?_csrf=${own}`)
        .set('Origin', origin)
        .type('form')
        .send('name=Forged&zone=UTC'),
      'no origin': send().send(form(own)),
      'another origin': send().set('Origin', 'https://evil.example').send(form(own)),
      'the origin null': send().set('Origin', 'null').send(form(own)),
      'another port': send().set('Origin', 'http://localhost:3001').send(form(own)),
      'a cross-site call': send().set('Origin', origin).set('Sec-Fetch-Site', 'cross-site').send(form(own)),
      'a same-site call': send().set('Origin', origin).set('Sec-Fetch-Site', 'same-site').send(form(own)),
      'JSON as text': browser
        .send('post', '/admin/teams')
        .set('Origin', origin)
        .type('text/plain')
        .send(JSON.stringify({ _csrf: own })),
      'a wrong header beside a right field': send().set('Origin', origin).set('x-csrf-token', other).send(form(own)),
    };
    for (const [what, attempt] of Object.entries(tries)) expect((await attempt).status, what).to.equal(403);
    const overridden = await browser.send('get', `/admin/teams?_method=POST&_csrf=${own}&name=Forged&zone=UTC`);
    expect(overridden.status).to.equal(200);
    expect(await dump(web.db)).to.equal(before);
  });

  it('S5: takes JSON in no form, even with the right token', async () => {
    const call = browser
      .send('post', '/admin/teams')
      .set('Origin', web.publicUrl)
      .set('x-csrf-token', browser.csrfToken);
    expect((await call.send({ name: 'Forged', zone: 'UTC' })).status).to.equal(415);
  });

  it('S5: checks an upload before its route keeps a byte', async () => {
    const send = () => browser.send('post', '/upload').set('Origin', web.publicUrl);
    expect((await send()).status).to.equal(403);
    expect((await send().set('x-csrf-token', 'wrong')).status).to.equal(403);
    expect((await send().set('x-csrf-token', browser.csrfToken)).text).to.equal('kept');
  });

  it('S5: reading a page twice changes nothing in the database', async () => {
    const pages = [
      '/',
      '/sign-in',
      '/account',
      '/admin',
      '/admin/users',
      '/admin/users?add',
      '/admin/teams',
      '/nothing',
    ];
    for (const path of pages) await browser.get(path);
    const before = await dump(web.db, ['none']);
    for (const path of pages) await browser.get(path);
    for (const path of pages) await browser.send('head', path);
    expect(await dump(web.db, ['none'])).to.equal(before);
  });

  it('S35: an id that is no plain number names nothing', async () => {
    const team = await createTeam(web.db);
    const owner = await web.signIn(await createMember(web.db, { team, role: 'owner' }));
    const odd = [
      '0',
      '-1',
      '1e0',
      '01',
      ' 1',
      '1%20',
      "1'--",
      '1%20or%201=1',
      '9'.repeat(30),
      '%00',
      '1.0',
      '0x1',
      'NaN',
    ];
    for (const id of odd) {
      expect((await owner.get(`/team/${id}/`)).status, id).to.be.oneOf([400, 404]);
      expect((await owner.post(`/team/${team.id}/members/${id}/removal`)).status, id).to.be.oneOf([400, 404]);
      expect((await browser.post(`/admin/users/${id}/disabling`)).status, id).to.be.oneOf([400, 404]);
    }
  });

  it('S35: operators and lists in place of a text find nobody', async () => {
    const page = await web.stranger().get('/sign-in');
    const token = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const cookie = String(page.headers['set-cookie']).split(';')[0] ?? '';
    for (const body of [
      'email[$ne]=x&password[$ne]=x',
      'email=0&password=0',
      'email=a&email=b&password=x&password=y',
      '',
    ]) {
      const call = web.stranger().send('post', '/sign-in').set('Origin', web.publicUrl).set('Cookie', cookie);
      const answer = await call.type('form').send(`_csrf=${token}&${body}`);
      expect(answer.status, body).to.equal(422);
    }
  });
});
