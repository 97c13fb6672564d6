import { expect } from 'chai';
import { z } from 'zod';
import { LinkStore } from '../../../core/auth/link-store.ts';
import { createPasswords } from '../../../core/auth/passwords.ts';
import { PersonStore } from '../../../core/auth/person-store.ts';
import { letterHandlers } from '../../../core/letters/letter-handlers.ts';
import { createMailPages } from '../../../core/mail/mail-pages.ts';
import type { Mail } from '../../../core/mail/mailer.ts';
import { projectRoot } from '../../../core/project-root.ts';
import type { ClaimedJob } from '../../../core/queue/job-queue.ts';
import { TeamStore } from '../../../core/teams/team-store.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { signInByForm, tokenIn } from '../../support/sign-in-form.ts';
import { silentLog } from '../../support/silent-log.ts';
import { webRooms } from '../../support/web-rooms.ts';

const minuteMs = 60_000;
const publicUrl = 'http://localhost:3000';
const texts = loadTexts({
  folders: [`${projectRoot}/core/locales`],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
});
const jobRow = z.object({ id: z.int(), kind: z.string(), key: z.string(), payload: z.string(), run_at: z.int() });

onEachDatabase('Links by mail', (db) => {
  let web: TestApp;
  let mails: Mail[] = [];
  beforeEach(async () => {
    mails = [];
    web = await createTestApp({ db: db(), routes: (base) => webRooms(base, { sendsMail: true }) });
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
      ...{ publicUrl, clock: web.clock, log: silentLog },
    });
    const rows: unknown = await db().knex('jobs').select();
    for (const { run_at: runAt, payload, ...row } of z.array(jobRow).parse(rows)) {
      const handler = handlers.find(({ kind }) => kind === row.kind);
      const job: ClaimedJob = {
        ...{
          ...row,
          runAt,
          payload: z.json().parse(JSON.parse(payload)),
          fence: 1,
          deaths: 1,
          failures: 0,
          worker: 'w',
        },
        ...{ signal: new AbortController().signal, isStopping: () => false, pieceDone: () => undefined },
        freeSlot: () => undefined,
      };
      expect(await handler?.run(job)).to.deep.equal({ kind: 'done' });
    }
    await db().knex('jobs').delete();
  }

  async function forget(email: string) {
    const browser = web.stranger();
    const token = tokenIn(await browser.get('/password/forgotten'));
    return browser.post('/password/forgotten', { _csrf: token, email });
  }

  const pathIn = (mail: Mail | undefined) => /http:\/\/localhost:3000(\/\S+)/.exec(mail?.text ?? '')?.[1] ?? '';

  it('S10: asking for a password tells nothing about who is known, and does the same work', async () => {
    const person = await createPerson(db(), { passwordHash: await createPasswords().hash('the old password') });
    const [known, unknown] = [await forget(person.email), await forget('nobody@example.org')];
    const plain = (page: { readonly text: string }) => page.text.replaceAll(/value="[^"]*"|request [\w-]+/g, '');
    expect([known.status, plain(known)]).to.deep.equal([unknown.status, plain(unknown)]);
    expect(await db().knex('jobs')).to.have.length(2);
    expect(await db().knex('one_time_links')).to.have.length(0);
    await sendLetters();
    expect(mails.map(({ to }) => to.address)).to.deep.equal([person.email]);
  });

  it('S12: a link for a new password works once, within thirty minutes, and a new one makes it void', async () => {
    const person = await createPerson(db(), { passwordHash: await createPasswords().hash('the old password') });
    const session = await web.signIn(person);
    const links: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      await forget(person.email);
      await sendLetters();
      links.push(pathIn(mails.at(-1)));
    }
    const [first = '', second = ''] = links;
    expect((await web.stranger().get(first)).status).to.equal(404);
    web.clock.advance(30 * minuteMs - 1);
    const browser = web.stranger();
    const page = await browser.get(second);
    expect(page.status).to.equal(200);
    const answer = await browser.post(second, { _csrf: tokenIn(page), password: 'Regen in Aarhus' });
    expect(answer.status).to.equal(303);
    expect((await session.get('/account')).status, 'every session ends').to.equal(303);
    expect((await web.stranger().get(second)).status).to.equal(404);
    expect((await signInByForm(web.stranger(), { email: person.email, password: 'Regen in Aarhus' })).status).to.equal(
      303,
    );
    await forget(person.email);
    await sendLetters();
    web.clock.advance(30 * minuteMs);
    expect((await web.stranger().get(pathIn(mails.at(-1)))).status).to.equal(404);
  });

  it('nobody fills a mailbox, nor voids the first link of somebody without a password', async () => {
    const invited = await createPerson(db());
    const known = await createPerson(db(), { passwordHash: 'x' });
    const token = await new LinkStore(db(), web.clock).make({
      purpose: 'password',
      userId: invited.id,
      createdBy: null,
    });
    await forget(invited.email);
    for (let n = 0; n < 5; n += 1) {
      await forget(known.email);
      await sendLetters();
    }
    expect(mails).to.have.length(3);
    expect((await web.stranger().get(`/password/${token}`)).status).to.equal(200);
  });

  it('S12: an invitation goes by mail, again with a new link, and is withdrawn', async () => {
    const team = await createTeam(db(), { name: 'Hazel & Rye' });
    const owner = await web.signIn(await createMember(db(), { team, role: 'owner' }));
    const at = `/team/${team.id}`;
    const page = await owner.post(`${at}/members`, { email: 'pia@example.org', role: 'editor', by: 'mail' });
    expect(page.text).to.contain('on its way to pia@example.org').and.not.to.contain(`${publicUrl}/invitations/`);
    await sendLetters();
    expect(mails[0]?.subject).to.equal('You are invited to Hazel & Rye');
    const [first, id] = [pathIn(mails[0]), await linkIdOf()];
    expect((await web.stranger().get(first)).text).to.contain('pia@example.org');
    await owner.post(`${at}/invitations/${id}/renewal`, { by: 'mail' });
    await sendLetters();
    const second = pathIn(mails[1]);
    expect((await web.stranger().get(first)).status).to.equal(404);
    expect((await web.stranger().get(second)).status).to.equal(200);
    await owner.post(`${at}/invitations/${await linkIdOf()}/withdrawal`);
    expect((await web.stranger().get(second)).status).to.equal(404);
  });

  it('only an owner makes anew the invitation of an owner', async () => {
    const team = await createTeam(db());
    const owner = await web.signIn(await createMember(db(), { team, role: 'owner' }));
    const manager = await web.signIn(await createMember(db(), { team, role: 'manager' }));
    await owner.post(`/team/${team.id}/members`, { email: 'pia@example.org', role: 'owner', by: 'link' });
    const answer = await manager.post(`/team/${team.id}/invitations/${await linkIdOf()}/renewal`, { by: 'link' });
    expect(answer.status).to.equal(403);
    expect(answer.text).not.to.contain(`${publicUrl}/invitations/`);
  });

  async function linkIdOf(): Promise<number> {
    const row: unknown = await db().knex('one_time_links').where({ used_at: null }).first('id');
    return z.object({ id: z.int() }).parse(row).id;
  }
});
