import { expect } from 'chai';
import type { Test } from 'supertest';
import { freePlaces, placeOf } from '../../../core/site/file-place.ts';
import type { Fetched } from '../../../core/site/fetch-as-stranger.ts';
import { domainsOf, lookUpTxt } from '../../../core/site/look-up-txt.ts';
import { checkAnswer } from '../../../core/site/verification-answer.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { projectRoot } from '../../../core/project-root.ts';
import type { TestBrowser } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';

const code = 'AbCdEf0123456789AbCdEf0123456789';
const content = `tiktok-developers-site-verification=${code}`;
const name = `tiktok${code}.txt`;
const at = '/admin/site/verification';

describe('Site verification', () => {
  let whole: WholePanel;
  let admin: TestBrowser;
  before(async () => {
    whole = await openWholePanel();
    admin = await whole.web.signIn(await createPerson(whole.web.db, { isAdmin: true }));
  });
  after(() => whole.close());

  const upload = (file: { readonly name: string; readonly bytes: Buffer }, prefix = ''): Test =>
    admin
      .send('post', `${at}/upload`)
      .set('Origin', whole.web.publicUrl)
      .field({ _csrf: admin.csrfToken, prefix })
      .attach('file', file.bytes, file.name);

  it('serves what was pasted at the root and below a prefix, to anybody, with neither redirect nor session', async () => {
    await admin.post(at, { name, prefix: '', content }).expect(303);
    await admin.post(at, { name: 'tiktok-verification.txt', prefix: '/videos/user/', content: 'x\r\ny' }).expect(303);
    const file = await whole.web
      .stranger()
      .get(`/${name}`)
      .expect(200)
      .expect('content-type', /^text\/plain/);
    expect([file.text, file.headers['set-cookie']]).to.deep.equal([content, undefined]);
    expect(file.headers['x-content-type-options']).to.equal('nosniff');
    const below = await whole.web.stranger().get('/videos/user/tiktok-verification.txt').expect(200);
    expect(below.text).to.equal('x\ny');
    const head = await whole.web.stranger().send('head', `/${name}`).expect(200);
    expect([head.headers['content-length'], head.text]).to.deep.equal([String(content.length), undefined]);
    await admin
      .get(at)
      .expect(200)
      .expect(new RegExp(`data-place="/${name}"`));
  });

  it('keeps every byte of an upload, and replaces the file when it comes again', async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x00, 0xff, 0x0d, 0x0a, 0x0a]);
    await upload({ name: 'google1234.html', bytes }).expect(303);
    const get = () =>
      whole.web
        .stranger()
        .get('/google1234.html')
        .responseType('blob')
        .expect('content-type', /^text\/plain/);
    expect((await get().expect(200)).body).to.deep.equal(bytes);
    await upload({ name: 'google1234.html', bytes: Buffer.from('new') }).expect(303);
    expect((await get()).body).to.deep.equal(Buffer.from('new'));
  });

  it('S26: is reached by no other spelling, and no name leads out of its place', async () => {
    for (const path of [
      `/%74iktok${code}.txt`,
      `/x/..%2f${name}`,
      `//${name}`,
      `/${name}/`,
      `/${name.toUpperCase()}`,
    ]) {
      await whole.web.stranger().get(path).expect(404);
    }
    const names = [
      '../x.txt',
      '..%2fx.txt',
      '.env',
      '/etc/passwd',
      'a b.txt',
      'x.txt\0',
      'noending',
      `${'x'.repeat(300)}.txt`,
    ];
    for (const bad of names) await admin.post(at, { name: bad, content }).expect(422);
    for (const prefix of ['..', 'a/../b', '%2e%2e', 'a//b', '.well-known', 'C:\\x']) {
      await admin.post(at, { name, prefix, content }).expect(422);
    }
    // A name in a form of a file keeps its last part alone.
    await upload({ name: '../../up.txt', bytes: Buffer.from('up') }).expect(303);
    expect((await whole.web.stranger().get('/up.txt').expect(200)).text).to.equal('up');
  });

  it("takes no address of the panel's own, neither one that is there nor one that may come", async () => {
    const taken: readonly (readonly [string, string])[] = [
      ['', 'robots.txt'],
      ['assets', 'accent.css'],
      ['team/1', 'x.css'],
      ['admin', 'proof.txt'],
      ['ADMIN', 'proof.txt'],
      ['webhooks', 'tiktok.txt'],
    ];
    for (const [prefix, bad] of taken) {
      const { text } = await admin.post(at, { name: bad, prefix, content }).expect(422);
      expect(text).to.contain('belongs to a page of the panel');
    }
  });

  it('warns where name and content do not belong together, and keeps the file all the same', async () => {
    const other = `tiktok${'Z'.repeat(32)}.txt`;
    await admin.post(at, { name: other, content }).expect(303);
    const { text } = await admin.get(at).expect(200);
    expect(text).to.contain(`The name says ${'Z'.repeat(32)}, the content says ${code}`);
    await whole.web.stranger().get(`/${other}`).expect(200);
  });

  it('shows what came when it is fetched as a network would, and removes it', async () => {
    const [file] = await whole.panel.services.verification.list();
    // Nothing listens at the public address of this test.
    const { text } = await admin.post(`${at}/${file?.id ?? 0}/check`).expect(200);
    expect(text).to.contain('data-result="failed"').and.to.contain('Nothing listens at');
    await admin.post(`${at}/${file?.id ?? 0}/removal`).expect(303);
    await whole.web
      .stranger()
      .get(file?.place ?? '')
      .expect(404);
  });
});

describe('What a network would make of the answer', () => {
  const { t } = loadTexts({ folders: [`${projectRoot}/core/locales`], onMissing: (key) => expect.fail(key) }).speech(
    'en',
  );
  const look = (fetched: Fetched) =>
    checkAnswer({ t, url: 'https://panel.example/x.txt' }, fetched, Buffer.from('proof'));
  const answer = (facts: Partial<Extract<Fetched, { kind: 'answer' }>>): Fetched => {
    return { kind: 'answer', status: 200, type: 'text/plain; charset=utf-8', bytes: Buffer.from('proof'), ...facts };
  };

  it('is good for the same bytes as text', () => {
    expect(look(answer({}))).to.deep.include({ isGood: true, isEqual: true, problems: [], beginning: 'proof' });
  });

  it('says in words what is wrong: redirect, status, other bytes, a page, the type, no connection', () => {
    const wrong: readonly (readonly [Fetched, string])[] = [
      [answer({ status: 301, location: 'https://www.panel.example/x.txt' }), 'redirect (301) to https://www.panel'],
      [answer({ status: 404 }), 'The answer is 404'],
      [answer({ status: 401 }), 'not 200'],
      [answer({ bytes: Buffer.from('proof\n') }), 'Other bytes came'],
      [answer({ bytes: Buffer.from('<!doctype html><p>Shop') }), 'A web page came'],
      [answer({ type: 'text/html' }), 'not text/plain'],
      [{ kind: 'failed', code: 'ENOTFOUND' }, 'cannot be found in the DNS'],
      [{ kind: 'failed', code: 'ETIMEDOUT' }, 'within five seconds'],
      [{ kind: 'failed', code: 'CERT_HAS_EXPIRED' }, 'not accepted (CERT_HAS_EXPIRED)'],
      [{ kind: 'failed', code: 'PRIVATE' }, 'private address'],
    ];
    for (const [fetched, words] of wrong) {
      const { isGood, problems } = look(fetched);
      expect([isGood, problems.join(' ')], words).to.satisfy(
        ([good, text]: [boolean, string]) => !good && text.includes(words),
      );
    }
  });

  it('asks the DNS for the record, and tells quotes, another value and silence apart', async () => {
    const ask = (pieces: readonly (readonly string[])[] | Error) =>
      lookUpTxt(
        { t, lookUpTxt: () => (pieces instanceof Error ? Promise.reject(pieces) : Promise.resolve(pieces)) },
        { domain: 'panel.example', value: content },
      );
    expect(await ask([['v=spf1'], [content.slice(0, 20), content.slice(20)]])).to.include({ isFound: true });
    expect((await ask([[`"${content}"`]])).problem).to.contain('quotes');
    expect((await ask([['v=spf1']])).problem).to.contain('no such record yet');
    expect((await ask(Object.assign(new Error('x'), { code: 'ETIMEOUT' }))).problem).to.contain('did not answer');
    expect(domainsOf('https://social.panel.example')).to.deep.equal(['social.panel.example', 'panel.example']);
    expect(domainsOf('http://127.0.0.1:3000')).to.deep.equal([]);
  });

  it('finds a free place only where no route is', () => {
    const isFree = freePlaces([{ path: '/m/:media/:file' }, { path: '/robots.txt' }]);
    expect(['/m/x.txt', '/tiktok.txt', '/a/b/c.txt'].map(isFree)).to.deep.equal([true, true, true]);
    expect(['/m/1/x.txt', '/robots.txt', '/', '/x', '/a//b.txt', '/team/x.txt'].some(isFree)).to.equal(false);
    expect(placeOf('/videos/', 'x.txt')).to.deep.equal({ place: '/videos/x.txt' });
  });
});
