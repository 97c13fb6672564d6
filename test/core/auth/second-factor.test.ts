import { expect } from 'chai';
import { Secret, TOTP } from 'otpauth';
import { z } from 'zod';
import { createPasswords } from '../../../core/auth/passwords.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';
import { signInByForm, tokenIn } from '../../support/sign-in-form.ts';
import { webRooms } from '../../support/web-rooms.ts';

const password = 'correct horse battery';
const at = '/account/second-factor';
const halfMinuteMs = 30_000;

describe('S45: The second factor', () => {
  let web: TestApp;
  let passwordHash: string;
  before(async () => {
    web = await createTestApp({ routes: (base) => webRooms(base) });
    passwordHash = await createPasswords().hash(password);
  });
  after(() => web.close());

  /** What the app on the phone shows now. */
  const codeOf = (secret: string) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: web.clock.now() });

  async function setUp(browser: TestBrowser): Promise<{ secret: string; codes: readonly string[] }> {
    const page = await browser.post(`${at}/setup`);
    const secret = (/id="secret" readonly>([^<]+)</.exec(page.text)?.[1] ?? '').replaceAll(' ', '');
    const kept = keptIn(page);
    const done = await browser.post(at, { kept, code: codeOf(secret) });
    expect(done.status, done.text).to.equal(200);
    return { secret, codes: [...done.text.matchAll(/<li>([A-Z2-9-]{27})<\/li>/g)].map(([, code = '']) => code) };
  }

  async function createOwner() {
    const person = await createPerson(web.db, { passwordHash });
    const browser = await web.signIn(person);
    return { person, browser, ...(await setUp(browser)) };
  }

  /** Up to the page that asks for the code. */
  async function givePassword(
    email: string,
  ): Promise<{ browser: TestBrowser; send: (code: string) => ReturnType<TestBrowser['post']> }> {
    const browser = web.stranger();
    const answer = await signInByForm(browser, { email, password, next: '/account' });
    expect(answer.headers['location']).to.equal('/sign-in/code');
    const token = tokenIn(await browser.get('/sign-in/code'));
    return { browser, send: (code) => browser.post('/sign-in/code', { _csrf: token, code }) };
  }

  it('is set up with a picture that the content policy allows, and only once a code proves the app', async () => {
    const browser = await web.signIn(await createPerson(web.db, { passwordHash }));
    const elsewhere = browser;
    const page = await browser.post(`${at}/setup`);
    expect(page.text).to.match(/<img[^>]+src="data:image\/svg\+xml;base64,/);
    expect(page.headers['content-security-policy']).to.match(/img-src[^;]* data:/);
    const wrong = await browser.post(at, { kept: keptIn(page), code: '000000' });
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.contain('This code is not right').and.to.contain(keptIn(page));
    expect((await elsewhere.get(at)).text).to.contain('Set up second factor');
    expect(await web.db.knex('second_factors').where({ last_step: 0 })).to.deep.equal([]);
  });

  it('asks for a code on a page of its own, after the password, and lets nobody in before', async () => {
    const { person, secret } = await createOwner();
    web.clock.advance(halfMinuteMs);
    const { browser, send } = await givePassword(person.email);
    expect((await browser.get('/account')).status).to.equal(303);
    expect((await send('123456')).status).to.equal(422);
    const answer = await send(codeOf(secret).replace(/^.../, '$& '));
    expect(answer.headers['location']).to.equal('/account');
    expect((await browser.get('/account')).status).to.equal(200);
  });

  it('takes the code of a half minute once, also when it comes ten times at once', async () => {
    const { person, secret } = await createOwner();
    const { send: first } = await givePassword(person.email);
    expect((await first(codeOf(secret))).status, 'the code it was set up with').to.equal(422);
    web.clock.advance(halfMinuteMs);
    const senders = [];
    for (let n = 0; n < 9; n += 1) senders.push((await givePassword(person.email)).send);
    const code = codeOf(secret);
    const answers = await Promise.all(senders.map((send) => send(code)));
    expect(answers.filter(({ status }) => status === 303)).to.have.length(1);
  });

  it('limits guesses, and says how long to wait', async () => {
    const { person, secret } = await createOwner();
    web.clock.advance(halfMinuteMs);
    const { send } = await givePassword(person.email);
    const statuses = [];
    for (let n = 0; n < 11; n += 1) statuses.push((await send(String(100_000 + n))).status);
    expect(statuses.slice(0, 10)).to.deep.equal(Array.from({ length: 10 }, () => 422));
    expect(statuses.at(-1)).to.equal(429);
    const late = await send(codeOf(secret));
    expect(late.status).to.equal(429);
    expect(Number(late.headers['retry-after'])).to.be.within(1, 900);
  });

  it('is replaced by each recovery code once, of which the database holds only hashes', async () => {
    const { person, codes } = await createOwner();
    expect(codes).to.have.length(8);
    expect(JSON.stringify(await web.db.knex('recovery_codes').select())).not.to.contain(codes[0]);
    const [code = ''] = codes;
    expect((await (await givePassword(person.email)).send(code.toLowerCase())).status).to.equal(303);
    expect((await (await givePassword(person.email)).send(code)).status).to.equal(422);
  });

  it('waits ten minutes for the code, and for nobody whose password changed meanwhile', async () => {
    const { person, secret } = await createOwner();
    const late = await givePassword(person.email);
    web.clock.advance(10 * 60_000);
    expect((await late.send(codeOf(secret))).headers['location']).to.equal('/sign-in');
    const changed = await givePassword(person.email);
    await web.db
      .knex('users')
      .where({ id: person.id })
      .update({ password_hash: await createPasswords().hash('another one') });
    expect((await changed.send(codeOf(secret))).headers['location']).to.equal('/sign-in');
  });

  it('S44: asks for the password again before it is set up, shown anew or removed', async () => {
    const { browser } = await createOwner();
    web.clock.advance(10 * 60_000 + 1);
    for (const path of [`${at}/setup`, at, `${at}/recovery-codes`, `${at}/removal`]) {
      const page = await browser.post(path);
      expect(page.status, path).to.equal(403);
      expect(page.text, path).to.contain('Your password again');
    }
    const page = await browser.post(`${at}/removal`);
    const kept = /name="confirm\.kept" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    await browser.post(`${at}/removal`, { 'confirm.kept': kept, 'confirm.password': password });
    expect((await browser.get(at)).text).to.contain('Set up second factor');
  });

  it('ends the other sessions when it is set up, and takes no setup of another session', async () => {
    const person = await createPerson(web.db, { passwordHash });
    const [here, elsewhere] = [await web.signIn(person), await web.signIn(person)];
    const foreign = keptIn(await elsewhere.post(`${at}/setup`));
    expect((await here.post(at, { kept: foreign, code: '123456' })).status).to.equal(409);
    await setUp(here);
    expect((await elsewhere.get('/account')).status).to.equal(303);
    expect((await here.get('/account')).status).to.equal(200);
  });

  it('S13: its sealed setup is of no use as a stored secret, and the stored one is bound to its person', async () => {
    const [one, other] = [await createOwner(), await createOwner()];
    const row: unknown = await web.db.knex('second_factors').where({ user_id: one.person.id }).first('sealed_secret');
    const { sealed_secret: sealed } = z.object({ sealed_secret: z.string() }).parse(row);
    await web.db.knex('second_factors').where({ user_id: other.person.id }).update({ sealed_secret: sealed });
    web.clock.advance(halfMinuteMs);
    const { send } = await givePassword(other.person.email);
    expect((await send(codeOf(one.secret))).status).to.equal(500);
  });
});

function keptIn(page: { readonly text: string }): string {
  return /name="kept" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
}
