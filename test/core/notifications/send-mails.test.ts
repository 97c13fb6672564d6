import { expect } from 'chai';
import type { Explanation } from '#plugin-api';
import type { Role } from '../../../core/auth/permissions.ts';
import type { Database } from '../../../core/db/database.ts';
import { MailError } from '../../../core/mail/mail-error.ts';
import { createMailPages } from '../../../core/mail/mail-pages.ts';
import { createSmtpMailer, type Mailer } from '../../../core/mail/mailer.ts';
import { createNotificationService } from '../../../core/notifications/notification-service.ts';
import { tellReconnectNeeded } from '../../../core/notifications/outbox-store.ts';
import { sendingMails } from '../../../core/notifications/send-mails.ts';
import { projectRoot } from '../../../core/project-root.ts';
import { loadTexts } from '../../../core/web/texts.ts';
import { openTestDatabase } from '../../support/database.ts';
import {
  addChannel,
  addPost,
  createEngineWorld,
  type EngineWorld,
  jobOf,
  runDue,
  schedule,
} from '../../support/engine-world.ts';
import { addMember, createMember, createTeam } from '../../support/factories.ts';
import { freePort } from '../../support/free-port.ts';
import { type MailServer, type ReceivedMail, startMailServer } from '../../support/mail-server.ts';

const publicUrl = 'https://panel.example.org';
const from = { name: 'Castdeck', address: 'panel@example.org' };
const minute = 60_000;

const because: Explanation = {
  sentence: 'The caption looks like spam to Fake.',
  who: 'you',
  nextStep: 'Change it & make a new post.',
  code: 'spam',
};

const texts = loadTexts({
  folders: [`${projectRoot}/core/locales`],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
});

describe('Mails about what happened', () => {
  let db: Database;
  let server: MailServer;
  let world: EngineWorld;

  before(async () => {
    server = await startMailServer();
  });
  after(() => server.close());
  beforeEach(async () => {
    db = await openTestDatabase();
    world = await createEngineWorld(db);
    server.mails.length = 0;
    server.refuses = () => undefined;
    server.onMail = () => undefined;
    world.network.advance = () => ({ kind: 'failed', because });
  });
  afterEach(() => db.close());

  const smtp = (port: number): Mailer =>
    createSmtpMailer({ host: '127.0.0.1', port, isTls: false, needsTls: false, from });

  const workWith = (mailer: Mailer | undefined) =>
    sendingMails({
      ...{ db, clock: world.clock, timings: world.timings, log: world.log.log, mailer, publicUrl },
      ...{ texts, siteLanguage: () => 'en' as const },
      ...{ pages: createMailPages(), networkName: () => 'Fake', siteName: () => 'Castdeck' },
      errorHref: (code) => (code === because.code ? `/help/errors/${code}` : undefined),
    });

  const send = (mailer = smtp(server.port)) => workWith(mailer).run(new AbortController().signal);

  const join = (role: Role, name: string) => {
    const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.org`;
    return createMember(db, { team: { id: world.teamId }, role, name, email });
  };

  async function fail(caption?: string): Promise<void> {
    await schedule(world, caption === undefined ? {} : { postId: await addPost(world, caption) });
    await runDue(world);
  }

  const onlyMail = (): ReceivedMail => {
    const [mail, ...more] = server.mails;
    if (mail === undefined || more.length > 0) throw new Error(`${server.mails.length} mails came instead of one.`);
    return mail;
  };

  it('are in the language of each who gets one, as is why it happened', async () => {
    await join('editor', 'Maja Lind');
    const malee = await join('editor', 'Malee Srisuk');
    await db.knex('users').where({ id: malee.id }).update({ language: 'th' });
    const sentence = texts.deferring('channels:failed.no_code.sentence', { network: 'Fake' });
    world.network.advance = () => ({ kind: 'failed', because: { ...because, sentence } });
    await fail('Rye');
    world.clock.advance(2 * minute);
    await send();
    const mailTo = (name: string) => server.mails.find(({ to }) => to[0]?.startsWith(name));
    const [english, thai] = [mailTo('maja'), mailTo('malee')];
    expect(english?.text).to.contain('Hello Maja Lind,').and.to.contain('Fake sent no answer that could be used.');
    expect(thai?.text).to.contain('สวัสดีคุณ Malee Srisuk').and.to.contain('Fake ไม่ได้ส่งคำตอบที่ใช้ได้');
    expect(thai?.html).to.contain('<html lang="th">').and.to.contain('Fake ไม่ได้ส่งคำตอบที่ใช้ได้');
    expect(JSON.stringify(server.mails)).to.not.match(/[\uFDD0-\uFDD4]/);
  });

  it('say what happened, who can fix it, and link to the page where it is fixed', async () => {
    await join('editor', 'Maja Lind');
    await fail('Blåbær & rye <b>now</b>');
    world.clock.advance(2 * minute);
    await send();
    const { to, headers, text, html } = onlyMail();
    expect(to).to.deep.equal(['maja.lind@example.org']);
    expect(headers.find((line) => line.startsWith('Subject:'))).to.match(/=\?UTF-8\?/);
    const [post] = await db.knex('posts').pluck<number[]>('id');
    const link = `${publicUrl}/team/${world.teamId}/posts/${post ?? 0}`;
    for (const words of [
      ...['Hello Maja Lind,', '“Blåbær & rye <b>now</b>” failed on North Roast', because.sentence],
      ...['You can fix this.', because.nextStep, link, `${publicUrl}/account`],
      `spam: ${publicUrl}/help/errors/spam`,
    ]) {
      expect(text, words).to.contain(words);
    }
    expect(html).to.contain(`<a href="${publicUrl}/help/errors/spam">spam</a>`);
    expect(html).to.contain(`<a href="${link}">`).and.to.contain('Blåbær &amp; rye &lt;b&gt;now&lt;/b&gt;');
    expect(`${text}${html}`).to.not.match(/notifications:|posts:|undefined/);
  });

  it('gather what happens to one team within two minutes: forty failures are one mail to each person', async () => {
    await join('owner', 'Ida Holm');
    await join('editor', 'Maja Lind');
    await join('viewer', 'Only Looks');
    for (let n = 0; n < 40; n += 1) await fail(`Batch ${n}`);
    await send();
    expect(server.mails, 'before the two minutes are over').to.deep.equal([]);
    world.clock.advance(2 * minute);
    await send();
    expect(server.mails.map(({ to }) => to.join()).sort()).to.deep.equal([
      'ida.holm@example.org',
      'maja.lind@example.org',
    ]);
    const [{ headers, text } = onlyMail()] = server.mails;
    expect(headers).to.include('Subject: 40 things need you in North');
    expect(text).to.contain('“Batch 0”').and.to.contain('“Batch 19”').and.not.contain('“Batch 20”');
    expect(text).to.contain('And 20 more').and.to.contain(`${publicUrl}/team/${world.teamId}/notifications`);
    world.clock.advance(60 * minute);
    await send();
    expect(server.mails).to.have.length(2);
  });

  it('come once, also when the worker died between the end of the delivery and the mail, or before the server', async () => {
    await join('owner', 'Ida Holm');
    await fail();
    // The worker that stored the end is gone; another one begins, claims the mail, and dies before it reaches the server.
    world.clock.advance(2 * minute);
    const dying: Mailer = { send: () => new Promise(() => undefined) };
    void send(dying);
    await send();
    expect(server.mails, 'while the claim holds nobody else sends it').to.deep.equal([]);
    world.clock.advance(2 * minute);
    await Promise.all([send(), send(), send()]);
    expect(onlyMail().to).to.deep.equal(['ida.holm@example.org']);
    world.clock.advance(60 * minute);
    await send();
    expect(server.mails).to.have.length(1);
  });

  it('come twice only where the worker dies between the server’s answer and storing it, with the same id', async () => {
    await join('owner', 'Ida Holm');
    await fail();
    world.clock.advance(2 * minute);
    const dying: Mailer = {
      send: async (mail, signal) => {
        await smtp(server.port).send(mail, signal);
        await new Promise(() => undefined);
      },
    };
    void send(dying);
    await new Promise<void>((resolve) => {
      server.onMail = () => resolve();
    });
    server.onMail = () => undefined;
    world.clock.advance(2 * minute);
    await send();
    const ids = server.mails.map(({ headers }) => headers.find((line) => line.startsWith('Message-ID:')));
    expect(ids).to.have.length(2);
    expect(ids[0]).to.equal(ids[1]);
  });

  it('leave the delivery alone when the server is away, wait, and go when it is back', async () => {
    await join('owner', 'Ida Holm');
    const delivery = await schedule(world);
    await runDue(world);
    const before = JSON.stringify([await jobOf(world, delivery), await db.knex('deliveries')]);
    world.clock.advance(2 * minute);
    const away = smtp(await freePort());
    await send(away).then(
      () => expect.fail('The job must say that no mail goes out.'),
      (error: unknown) => expect(error).to.be.instanceOf(MailError),
    );
    expect(JSON.stringify([await jobOf(world, delivery), await db.knex('deliveries')])).to.equal(before);
    await send();
    expect(server.mails, 'before its next try').to.deep.equal([]);
    world.clock.advance(minute);
    await send();
    expect(onlyMail().to).to.deep.equal(['ida.holm@example.org']);
  });

  it('are given up for an address that is refused for good and after a day, and keep nobody else’s back', async () => {
    await join('owner', 'Gone Away');
    await join('owner', 'Ida Holm');
    server.refuses = (address) => (address.startsWith('gone') ? { code: 550, text: 'No such user' } : undefined);
    await fail();
    world.clock.advance(2 * minute);
    await send();
    expect(onlyMail().to).to.deep.equal(['ida.holm@example.org']);
    server.refuses = () => undefined;
    world.clock.advance(60 * minute);
    await send();
    expect(server.mails).to.have.length(1);
    await fail();
    world.clock.advance(25 * 60 * minute);
    await send();
    expect(server.mails, 'news of yesterday is none').to.have.length(1);
    const states: unknown = await db.knex('notification_recipients').distinct('mail').orderBy('mail').pluck('mail');
    expect(states).to.deep.equal(['given-up', 'sent']);
  });

  it('go only to those who still are in the team, still may act, and still want them', async () => {
    const gone = await join('owner', 'Left Meanwhile');
    const viewer = await join('editor', 'Now Viewer');
    const disabled = await join('owner', 'Switched Off');
    const refuser = await join('owner', 'No Thanks');
    await join('owner', 'Ida Holm');
    const outsider = await createMember(db, { team: await createTeam(db), role: 'owner', email: 'out@example.org' });
    const { mailChoices } = createNotificationService({ db, clock: world.clock, config: { mail: {} } });
    await mailChoices.save(refuser.id, ['reconnect-needed', 'access-ending', 'no such kind']);
    await fail();
    await db.knex('members').where({ user_id: gone.id }).delete();
    await addMember(db, { team: { id: world.teamId }, person: viewer, role: 'viewer' });
    await db.knex('users').where({ id: disabled.id }).update({ disabled_at: 1 });
    world.clock.advance(2 * minute);
    await send();
    expect(onlyMail().to).to.deep.equal(['ida.holm@example.org']);
    expect(await db.knex('notification_recipients').where({ user_id: outsider.id })).to.deep.equal([]);

    const channel = await addChannel(world);
    const lost = { credentialId: channel.credentialId, because: 'network' } as const;
    await db.transaction((sql) => tellReconnectNeeded(sql, world, lost));
    world.clock.advance(2 * minute);
    await send();
    const second = server.mails.slice(1);
    expect(second.flatMap(({ to }) => to).sort()).to.deep.equal(['ida.holm@example.org', 'no.thanks@example.org']);
    expect(second[0]?.headers).to.include('Subject: North Roast must be reconnected');
    expect(second[0]?.text).to.contain(`${publicUrl}/team/${world.teamId}/channels/${channel.id}`);
  });

  it('S33: carry no header that a name or a caption brought along', async () => {
    const evil = 'Late\r\nBcc: eve@evil.example\u0085X-Evil: 1\u0000';
    const person = await join('owner', 'Ida Holm');
    await db.knex('users').where({ id: person.id }).update({ name: evil });
    await db.knex('teams').where({ id: world.teamId }).update({ name: evil });
    await fail(`Rye\rBcc: eve@evil.example`);
    world.clock.advance(2 * minute);
    await send();
    await fail();
    await fail();
    world.clock.advance(2 * minute);
    await send();
    expect(server.mails).to.have.length(2);
    for (const { headers, to } of server.mails) {
      expect(to).to.deep.equal(['ida.holm@example.org']);
      expect(headers.filter((line) => /^(Bcc|X-Evil)/i.test(line))).to.deep.equal([]);
    }
  });

  it('are nobody’s concern where the installation sends none', async () => {
    await join('owner', 'Ida Holm');
    await fail();
    world.clock.advance(2 * minute);
    expect(await workWith(undefined).run(new AbortController().signal)).to.equal(false);
    expect(server.mails).to.deep.equal([]);
  });
});
