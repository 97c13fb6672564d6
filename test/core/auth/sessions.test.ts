import { expect } from 'chai';
import { parse } from 'node-html-parser';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createPasswords } from '../../../core/auth/passwords.ts';
import { createPerson } from '../../support/factories.ts';
import { signInByForm, tokenIn } from '../../support/sign-in-form.ts';
import { webRooms } from '../../support/web-rooms.ts';

const dayMs = 24 * 3_600_000;
const password = 'Regen in Aarhus';

describe('S7: Where a person is signed in', () => {
  let web: TestApp;
  let passwordHash: string;
  before(async () => {
    web = await createTestApp({ routes: (base) => webRooms(base), trustProxy: ['loopback'] });
    passwordHash = await createPasswords().hash(password);
  });
  after(() => web.close());

  const listOf = async (browser: TestBrowser) =>
    parse((await browser.get('/account')).text)
      .querySelectorAll('[data-session]')
      .map((item) => ({
        id: item.getAttribute('data-session') ?? '',
        words: item.textContent.replaceAll(/\s+/g, ' ').trim(),
      }));

  it('stands on the account with browser, address and when it was seen, this one first', async () => {
    const person = await createPerson(web.db, { passwordHash });
    const agent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Version/18.0 Mobile Safari/604.1';
    const phone = web.stranger();
    const page = await phone.get('/sign-in');
    await phone
      .post('/sign-in', { _csrf: tokenIn(page), email: person.email, password })
      .set({ 'User-Agent': agent, 'X-Forwarded-For': '203.0.113.9' });
    await phone.get('/account').set('X-Forwarded-For', '203.0.113.9');
    const here = await web.signIn(person);
    const [mine, other] = await listOf(here);
    expect(mine?.words).to.contain('This browser');
    expect(other?.words).to.contain('Safari on iPhone').and.to.contain('203.0.113.9');
  });

  it('is ended one by one or everywhere else, and nobody ends that of another', async () => {
    const person = await createPerson(web.db, { passwordHash });
    const [here, second, third] = [await web.signIn(person), await web.signIn(person), await web.signIn(person)];
    const stranger = await web.signIn(await createPerson(web.db));
    const id = (await listOf(second))[0]?.id ?? '';
    expect((await stranger.post(`/account/sessions/${id}/ending`)).status).to.equal(404);
    expect((await here.post(`/account/sessions/${id}/ending`)).status).to.equal(303);
    expect((await second.get('/account')).status).to.equal(303);
    expect((await third.get('/account')).status).to.equal(200);
    await here.post('/account/sessions/ending');
    expect((await third.get('/account')).status).to.equal(303);
    expect((await here.get('/account')).status).to.equal(200);
  });

  it('lasts thirty days in all, also when it gets a new id meanwhile', async () => {
    const person = await createPerson(web.db, { passwordHash });
    const browser = web.stranger();
    await signInByForm(browser, { email: person.email, password });
    for (let day = 0; day < 30; day += 1) {
      expect((await browser.get('/account')).status, `day ${day}`).to.equal(200);
      if (day === 15) await web.db.knex('users').where({ id: person.id }).update({ is_admin: true });
      web.clock.advance(0.999 * dayMs);
    }
    web.clock.advance(0.1 * dayMs);
    expect((await browser.get('/account')).status).to.equal(303);
  });
});
