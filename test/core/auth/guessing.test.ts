import { expect } from 'chai';
import { AttemptStore } from '../../../core/auth/attempt-store.ts';
import { DeviceStore } from '../../../core/auth/device-store.ts';
import type { Passwords } from '../../../core/auth/passwords.ts';
import { PersonStore } from '../../../core/auth/person-store.ts';
import { createSignInService } from '../../../core/auth/sign-in-service.ts';
import { createEventLog } from '../../../core/events/event-log.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson } from '../../support/factories.ts';
import { cookieIn, signInByForm, tokenIn } from '../../support/sign-in-form.ts';
import { silentLog } from '../../support/silent-log.ts';
import { webRooms } from '../../support/web-rooms.ts';

const password = 'correct horse battery';

/** What is counted here is tries, not the cost of a hash. */
const plain: Passwords = {
  hash: (typed) => Promise.resolve(`plain ${typed}`),
  matches: (typed, hash) => Promise.resolve(hash === `plain ${typed}`),
};

describe('S9: Guessing passwords', () => {
  let web: TestApp;
  let guess: (email: string, from: string, path?: string) => Promise<number>;
  beforeEach(async () => {
    web = await createTestApp({ routes: (base) => webRooms(base, { passwords: plain }), trustProxy: ['loopback'] });
    const browser = web.stranger();
    const token = tokenIn(await browser.get('/sign-in'));
    guess = async (email, from, path = '/sign-in') => {
      const fields = { _csrf: token, email, password: 'wrong' };
      return (await browser.post(path, fields).set('X-Forwarded-For', from)).status;
    };
  });
  afterEach(() => web.close());

  /** 1,000 wrong passwords, as the form hands them on. @returns the share that was not even tried */
  async function shareRefused(
    ask: (n: number) => { readonly email: string; readonly address: string },
  ): Promise<number> {
    const { db, clock } = web;
    const signIns = createSignInService({
      ...{ people: new PersonStore(db.knex), passwords: plain, attempts: new AttemptStore(db, clock), log: silentLog },
      ...{ devices: new DeviceStore(db, clock), events: createEventLog(web), sessions: web.sessionStore },
    });
    let refused = 0;
    for (let n = 0; n < 1_000; n += 1) {
      const { kind } = await signIns.signIn({ ...ask(n), password: 'wrong', device: '' });
      if (kind === 'wait') refused += 1;
    }
    return refused / 1_000;
  }

  async function signInFrom(cookie: string, email: string): Promise<number> {
    const page = await web.stranger().get('/sign-in');
    const fields = { _csrf: tokenIn(page), email, password };
    const cookies = `${cookieIn(page, 'local-session')}; ${cookie}`;
    return (await web.stranger().post('/sign-in', fields).set('Cookie', cookies)).status;
  }

  it('one account from 200 addresses: 95 % are refused, and the person still signs in with a known browser', async () => {
    const { email } = await createPerson(web.db, { passwordHash: `plain ${password}` });
    const known = cookieIn(await signInByForm(web.stranger(), { email, password }), 'local-device');
    expect(await shareRefused((n) => ({ email, address: `203.0.113.${n % 200}` }))).to.be.at.least(0.95);
    expect(await signInFrom(known, email)).to.equal(303);
    expect(await signInFrom('local-device=planted', email), 'an unknown browser waits').to.equal(429);
  });

  it('one account and many accounts from one address: 95 % are refused', async () => {
    const one = await shareRefused(() => ({ email: 'maja@example.org', address: '198.51.100.1' }));
    const many = await shareRefused((n) => ({ email: `person-${n}@example.org`, address: '198.51.100.2' }));
    expect(Math.min(one, many)).to.be.at.least(0.95);
  });

  it('however the path is written, it is the same count', async () => {
    const paths = ['/sign-in', '/sign-in/', '/sign-in?x', '/sign-in?x=1&y'];
    const statuses = [];
    for (let n = 0; n < 44; n += 1) {
      statuses.push(await guess(`person-${n}@example.org`, '198.51.100.1', paths[n % paths.length]));
    }
    expect(statuses.filter((status) => status === 422)).to.have.length(40);
    expect(statuses.slice(40)).to.deep.equal([429, 429, 429, 429]);
  });

  it('no other way of writing the address reaches anything but the form or no page', async () => {
    const statuses = [];
    for (const path of ['/Sign-In', '/SIGN-IN', '//sign-in', '/sign-in//', '/%73ign-in', '/./sign-in', '/sign-in;x']) {
      statuses.push(await guess('maja@example.org', '198.51.100.2', path));
    }
    // What is the form counts; what is not is no page.
    expect(statuses.filter((status) => ![404, 422].includes(status))).to.deep.equal([]);
  });
});

describe('S32: Where a request comes from', () => {
  it('is not what a direct client writes into X-Forwarded-For: limits and records go by the connection', async () => {
    const web = await createTestApp({ routes: (base) => webRooms(base, { passwords: plain }) });
    const browser = web.stranger();
    const token = tokenIn(await browser.get('/sign-in'));
    const statuses = [];
    for (let n = 0; n < 41; n += 1) {
      const fields = { _csrf: token, email: `person-${n}@example.org`, password: 'wrong' };
      statuses.push((await browser.post('/sign-in', fields).set('X-Forwarded-For', `203.0.113.${n}`)).status);
    }
    expect(statuses.at(-1)).to.equal(429);
    const addresses: unknown[] = await web.db.knex('events').distinct('address').pluck('address');
    expect(addresses).to.deep.equal(['127.0.0.1']);
    await web.close();
  });
});
