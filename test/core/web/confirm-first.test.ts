import { expect } from 'chai';
import { createPasswords } from '../../../core/auth/passwords.ts';
import type { Route } from '../../../core/web/route.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';

const password = 'Regen in Aarhus';
const tenMinutesMs = 10 * 60_000;

describe('S44: A form that asks for the password again', () => {
  let web: TestApp;
  let browser: TestBrowser;
  let passwordHash: string;
  let done: unknown[] = [];
  const routes: readonly Route[] = [
    {
      method: 'post',
      path: '/guarded',
      permission: 'signed-in',
      confirms: ({ body }) => body['harmless'] === undefined,
      handle: ({ res, body, all }) => {
        done.push({ secret: body['secret'], scopes: all('scope') });
        res.send('done');
      },
    },
    {
      method: 'post',
      path: '/other',
      permission: 'signed-in',
      confirms: () => true,
      handle: ({ res }) => void res.send('other'),
    },
  ];
  before(async () => {
    web = await createTestApp({ routes: () => routes });
    passwordHash = await createPasswords().hash(password);
  });
  after(() => web.close());
  beforeEach(async () => {
    done = [];
    browser = await web.signIn(await createPerson(web.db, { passwordHash }));
  });

  const typed = { secret: 'hunter2-canary', scope: ['a', 'b'] };

  it('goes through within ten minutes of signing in', async () => {
    web.clock.advance(tenMinutesMs);
    expect((await browser.post('/guarded', typed)).text).to.equal('done');
  });

  it('asks later, keeps what was typed unreadably, and goes on with all of it', async () => {
    web.clock.advance(tenMinutesMs + 1);
    const page = await browser.post('/guarded?x=1', typed);
    expect(page.status).to.equal(403);
    expect(page.text).to.contain('Your password again').and.not.to.contain('hunter2-canary');
    expect(done).to.deep.equal([]);
    const wrong = await browser.post('/guarded?x=1', { 'confirm.kept': keptIn(page), 'confirm.password': 'no' });
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.contain('This is not your current password').and.not.to.contain('hunter2-canary');
    const right = { 'confirm.kept': keptIn(wrong), 'confirm.password': password };
    expect((await browser.post('/guarded?x=1', right)).text).to.equal('done');
    expect(done).to.deep.equal([{ secret: 'hunter2-canary', scopes: ['a', 'b'] }]);
    expect((await browser.post('/other')).text).to.equal('other');
  });

  it('is no way to guess on and on', async () => {
    web.clock.advance(tenMinutesMs + 1);
    const kept = keptIn(await browser.post('/guarded', typed));
    const answers = [];
    for (let n = 0; n < 11; n += 1) {
      answers.push((await browser.post('/guarded', { 'confirm.kept': kept, 'confirm.password': `wrong ${n}` })).status);
    }
    expect(answers.at(-1)).to.equal(429);
    expect((await browser.post('/guarded', { 'confirm.kept': kept, 'confirm.password': password })).status).to.equal(
      429,
    );
    expect(done).to.deep.equal([]);
  });

  it('takes nothing that was kept for another form, another session or nobody', async () => {
    const other = await web.signIn(await createPerson(web.db, { passwordHash }));
    web.clock.advance(tenMinutesMs + 1);
    const kept = keptIn(await browser.post('/guarded', typed));
    const answer = { 'confirm.kept': kept, 'confirm.password': password };
    for (const refused of [
      await browser.post('/other', answer),
      await other.post('/guarded', answer),
      await browser.post('/guarded', { ...answer, 'confirm.kept': 'made.up' }),
    ]) {
      expect(refused.status).to.equal(403);
      expect(refused.text).to.contain('session');
    }
    expect(done).to.deep.equal([]);
  });

  it('asks nothing where nothing has to be confirmed', async () => {
    web.clock.advance(tenMinutesMs + 1);
    expect((await browser.post('/guarded', { harmless: '1' })).text).to.equal('done');
  });
});

function keptIn(page: { readonly text: string }): string {
  return /name="confirm\.kept" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
}
