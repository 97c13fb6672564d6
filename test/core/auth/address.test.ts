import { expect } from 'chai';
import sinon from 'sinon';
import { z } from 'zod';
import { LinkStore } from '../../../core/auth/link-store.ts';
import { createPasswords } from '../../../core/auth/passwords.ts';
import { PersonStore } from '../../../core/auth/person-store.ts';
import { letterHandlers } from '../../../core/letters/letter-handlers.ts';
import { createMailPages } from '../../../core/mail/mail-pages.ts';
import type { Mail } from '../../../core/mail/mailer.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { type ClaimedJob, createJobQueue } from '../../../core/queue/job-queue.ts';
import { TeamStore } from '../../../core/teams/team-store.ts';
import { loggedPath } from '../../../core/web/request-log.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createPerson } from '../../support/factories.ts';
import { silentLog } from '../../support/silent-log.ts';
import { signInByForm } from '../../support/sign-in-form.ts';
import { webRooms } from '../../support/web-rooms.ts';

const minuteMs = 60_000;
const password = 'Regen in Aarhus';
const texts = loadTexts({
  folders: [`${projectRoot}/core/locales`],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
});
const jobRows = z.array(z.object({ kind: z.string(), key: z.string(), payload: z.string() }));

onEachDatabase('S44: Changing one’s e-mail address', (db) => {
  let web: TestApp;
  let mails: Mail[] = [];
  let passwordHash: string;
  let person: Awaited<ReturnType<typeof createPerson>>;
  let browser: TestBrowser;
  before(async () => {
    passwordHash = await createPasswords().hash(password);
  });
  beforeEach(async () => {
    mails = [];
    web = await createTestApp({ db: db(), routes: (base) => webRooms(base, { sendsMail: true }) });
    person = await createPerson(db(), { name: 'Maja', email: 'maja@example.org', passwordHash });
    browser = await web.signIn(person);
  });

  /** What a worker would send now. */
  async function sendLetters(): Promise<void> {
    const mailer = { send: (mail: Mail) => Promise.resolve(void mails.push(mail)) };
    const handlers = letterHandlers({
      ...{
        people: new PersonStore(db().knex),
        teamStore: new TeamStore(db().knex),
        links: new LinkStore(db(), web.clock),
      },
      ...{ mailer, pages: createMailPages(), texts, siteLanguage: () => 'en', siteName: () => 'Castdeck' },
      ...{ publicUrl: 'http://localhost:3000', clock: web.clock, log: silentLog },
    });
    const rows: unknown = await db().knex('jobs').orderBy('id').select('kind', 'key', 'payload');
    for (const { kind, key, payload } of jobRows.parse(rows)) {
      const job: ClaimedJob = {
        ...{
          id: 1,
          kind,
          key,
          payload: z.json().parse(JSON.parse(payload)),
          runAt: 0,
          fence: 1,
          deaths: 1,
          failures: 0,
        },
        ...{ worker: 'w', signal: new AbortController().signal, isStopping: () => false },
        ...{ pieceDone: () => undefined, freeSlot: () => undefined },
      };
      expect(await handlers.find((one) => one.kind === kind)?.run(job)).to.deep.equal({ kind: 'done' });
    }
    await db().knex('jobs').delete();
  }

  const ask = (email: string) => browser.post('/account/email', { email });
  const pathIn = (mail: Mail | undefined) => /http:\/\/localhost:3000(\/\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
  const emailNow = async () => (await new PersonStore(db().knex).find(person.id))?.email;

  async function linkFor(email: string): Promise<string> {
    expect((await ask(email)).status).to.equal(303);
    await sendLetters();
    return pathIn(mails.at(-1));
  }

  it('counts once the link that went to the new address was followed; then the old one is told and other devices are out', async () => {
    const elsewhere = await web.signIn(person);
    const link = await linkFor(' Maja.Lindqvist@Example.ORG ');
    expect(mails.at(-1)?.to).to.deep.equal({ name: 'Maja', address: 'maja.lindqvist@example.org' });
    expect((await browser.get('/account')).text).to.contain('If maja.lindqvist@example.org is free');
    expect((await browser.get(link)).text).to.contain('maja.lindqvist@example.org instead of maja@example.org');
    expect(await emailNow(), 'looking changes nothing').to.equal('maja@example.org');
    expect((await browser.post(link)).headers['location']).to.equal('/account');
    expect(await emailNow()).to.equal('maja.lindqvist@example.org');
    expect((await browser.get('/account')).text).to.contain('Signed in as maja.lindqvist@example.org');
    expect((await elsewhere.get('/account')).status).to.equal(303);
    await sendLetters();
    expect(mails.at(-1)?.to.address).to.equal('maja@example.org');
    expect(mails.at(-1)?.text)
      .to.contain('is now maja.lindqvist@example.org')
      .and.not.to.match(/http:\/\/localhost/);
    expect((await browser.post(link)).status).to.equal(404);
    const signIn = (email: string) => signInByForm(web.stranger(), { email, password });
    expect((await signIn('maja@example.org')).status).to.equal(422);
    expect((await signIn('MAJA.Lindqvist@example.org')).status).to.equal(303);
    const facts: unknown[] = await db()
      .knex('events')
      .where({ kind: 'user.email-changed', is_act: true })
      .pluck('facts');
    expect(facts).to.deep.equal([JSON.stringify({ from: 'maja@example.org', to: 'maja.lindqvist@example.org' })]);
  });

  it('asks for the password later than ten minutes after it was given', async () => {
    web.clock.advance(10 * minuteMs + 1);
    const answer = await ask('new@example.org');
    expect([answer.status, answer.text.includes('Your password again')]).to.deep.equal([403, true]);
    expect(await db().knex('one_time_links')).to.deep.equal([]);
  });

  it('S12: its link works once of fifty times at once, within thirty minutes, and a newer one makes it void', async () => {
    const [first, second] = [await linkFor('first@example.org'), await linkFor('second@example.org')];
    expect((await browser.post(first)).status).to.equal(404);
    web.clock.advance(30 * minuteMs - 1);
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.post(second)));
    expect(answers.filter(({ headers }) => headers['location'] === '/account')).to.have.length(1);
    expect(await emailNow()).to.equal('second@example.org');
    browser = await web.signIn(person);
    const third = await linkFor('third@example.org');
    web.clock.advance(30 * minuteMs);
    expect((await browser.post(third)).status).to.equal(404);
  }).timeout(60_000);

  it('its link is nothing for whoever else reads it, and its token stays out of the log', async () => {
    const link = await linkFor('typo@example.org');
    const thief = await web.signIn(await createPerson(db()));
    expect([(await thief.get(link)).status, (await thief.post(link)).status]).to.deep.equal([404, 404]);
    const stranger = await web.stranger().get(link);
    expect(stranger.headers['location']).to.equal(`/sign-in?next=${encodeURIComponent(link)}`);
    expect(loggedPath(link)).to.equal('/account/email/•');
    expect(JSON.stringify(await db().knex('one_time_links'))).not.to.contain(link.split('/').at(-1));
  });

  it('tells an old address of each change in a mail of its own, which no mailbox takes for the one before', async () => {
    for (const email of ['two@example.org', 'maja@example.org', 'three@example.org']) {
      await browser.post(await linkFor(email));
      web.clock.advance(minuteMs);
    }
    await sendLetters();
    const told = mails.filter(({ to, text }) => to.address === 'maja@example.org' && !text.includes('http'));
    expect(new Set(told.map(({ id }) => id))).to.have.property('size', 2);
  });

  it('lets no link for a new password go to the old address, not even one that is just being made', async () => {
    const at = web.clock.now();
    const job = { kind: 'mail-password-link', key: 'asked', payload: { email: 'maja@example.org', at }, runAt: at };
    await createJobQueue({ db: db(), clock: web.clock }).enqueue(job);
    const { prototype } = LinkStore;
    const make = sinon.stub(prototype, 'make').callsFake(async function (this: LinkStore, ...link) {
      await db().knex('users').where({ id: person.id }).update({ email: 'new@example.org' });
      return make.wrappedMethod.apply(this, link);
    });
    await sendLetters().finally(() => make.restore());
    expect(make.callCount).to.equal(1);
    expect(mails).to.deep.equal([]);
  });

  it('belongs to one person: a taken one is answered as any, is sent nothing, and is refused if it was taken meanwhile', async () => {
    await createPerson(db(), { email: 'ida@example.org' });
    await linkFor('first@example.org');
    mails = [];
    const asked: string[] = [];
    const note = ({ sql }: { readonly sql: string }): void => void asked.push(sql);
    db().knex.on('query', note);
    expect((await ask('Ida@example.org')).status).to.equal(303);
    const ofTaken = asked.splice(0);
    expect((await ask('free@example.org')).status).to.equal(303);
    db().knex.removeListener('query', note);
    expect(ofTaken, 'the same work, so that the time of the answer tells nothing').to.deep.equal(asked);
    await sendLetters();
    expect(mails.map(({ to }) => to.address)).to.deep.equal(['free@example.org']);
    await ask('ida@example.org');
    await sendLetters();
    expect(mails).to.have.length(1);
    const wrong = await ask('nobody');
    expect([wrong.status, wrong.text.includes('value="nobody"')]).to.deep.equal([422, true]);
    expect((await ask('MAJA@example.org')).text).to.contain('This is the address already');
    const link = await linkFor('free@example.org');
    await createPerson(db(), { email: 'free@example.org' });
    expect((await browser.post(link)).status).to.equal(409);
    expect(await emailNow()).to.equal('maja@example.org');
  });

  it('of two who take one address at once, one gets it', async () => {
    const others = [person, await createPerson(db(), { email: 'ida@example.org' })];
    const links = await Promise.all(
      others.map(({ id }) => {
        const link = { purpose: 'address', userId: id, createdBy: id, email: 'one@example.org' } as const;
        return new LinkStore(db(), web.clock).make(link);
      }),
    );
    const browsers = await Promise.all(others.map((one) => web.signIn(one)));
    const answers = await Promise.all(browsers.map((one, n) => one.post(`/account/email/${links[n] ?? ''}`)));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([303, 409]);
  });

  it('is an admin’s without mail, on a page of the person, with the password; the person is signed out', async () => {
    const quiet = await createTestApp({ db: db(), clock: web.clock, routes: (base) => webRooms(base) });
    const own = await quiet.signIn(person);
    expect((await own.get('/account')).text)
      .to.contain('an admin changes your address')
      .and.not.to.contain('action="/account/email"');
    expect((await own.post('/account/email', { email: 'new@example.org' })).status).to.equal(409);
    const admin = await quiet.signIn(await createPerson(db(), { isAdmin: true }));
    const path = `/admin/users/${person.id}/email`;
    expect((await admin.get('/admin/users')).text).to.contain(`href="${path}"`);
    expect((await admin.get(path)).text).to.contain('Now: maja@example.org');
    await createPerson(db(), { email: 'ida@example.org' });
    expect((await admin.post(path, { email: 'IDA@example.org' })).text).to.contain('belongs to somebody else here');
    expect((await own.post(path, { email: 'new@example.org' })).status).to.equal(403);
    expect((await admin.post(path, { email: 'New@example.org' })).status).to.equal(303);
    expect(await emailNow()).to.equal('new@example.org');
    expect((await own.get('/account')).status).to.equal(303);
    expect(await db().knex('jobs')).to.deep.equal([]);
    web.clock.advance(10 * minuteMs + 1);
    expect((await admin.post(path, { email: 'later@example.org' })).status).to.equal(403);
  });
});
