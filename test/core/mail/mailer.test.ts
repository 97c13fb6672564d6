import { expect } from 'chai';
import type { SendingSettings } from '../../../core/config/mail-settings.ts';
import { MailError } from '../../../core/mail/mail-error.ts';
import { createSmtpMailer, type Mail } from '../../../core/mail/mailer.ts';
import { freePort } from '../../support/free-port.ts';
import { recordingLog } from '../../support/log.ts';
import { type MailServer, startMailServer } from '../../support/mail-server.ts';

const from = { name: 'Castdeck', address: 'panel@example.org' };
const login = { user: 'castdeck', password: 'canary: p@ss word' };
const never = new AbortController().signal;

const mail = (facts: Partial<Mail> = {}): Mail => ({
  ...{ to: { name: 'Maja Lindqvist', address: 'maja@example.org' }, subject: 'A post failed' },
  ...{ text: 'Plain words', html: '<p>Plain words</p>', id: 'a.1' },
  ...facts,
});

const settings = (port: number, more: Partial<SendingSettings> = {}): SendingSettings => ({
  ...{ host: '127.0.0.1', port, isTls: false, needsTls: false, from },
  ...more,
});

async function errorOf(sending: Promise<void>): Promise<MailError> {
  try {
    await sending;
  } catch (error) {
    if (error instanceof MailError) return error;
    throw error;
  }
  throw new Error('The mail was sent.');
}

describe('A mail', () => {
  let server: MailServer;
  before(async () => {
    server = await startMailServer();
  });
  after(() => server.close());
  beforeEach(() => {
    server.mails.length = 0;
    server.refuses = () => undefined;
  });

  it('reaches the server with sender, recipient, both texts and an id of its own', async () => {
    await createSmtpMailer(settings(server.port)).send(mail({ subject: 'Blåbær “først”' }), never);
    const [received] = server.mails;
    expect(received).to.include({ from: 'panel@example.org' });
    expect(received?.to).to.deep.equal(['maja@example.org']);
    expect([received?.text.trim(), received?.html.trim()]).to.deep.equal(['Plain words', '<p>Plain words</p>']);
    expect(received?.headers).to.include.members([
      'From: Castdeck <panel@example.org>',
      'To: Maja Lindqvist <maja@example.org>',
      'Message-ID: <a.1@example.org>',
      'Auto-Submitted: auto-generated',
    ]);
  });

  it('names the page that ends it, where it comes again and again', async () => {
    const unsubscribeUrl = 'https://panel.example.org/account/weekly/1';
    await createSmtpMailer(settings(server.port)).send(mail({ unsubscribeUrl }), never);
    expect(server.mails[0]?.headers).to.include(`List-Unsubscribe: <${unsubscribeUrl}>`);
  });

  it('S33: gets no further header and no further recipient from what people typed', async () => {
    const line = 'Late\r\nBcc: eve@evil.example\n.\r\nX-Evil: 1\u0085\u2028\u0000\u001b[31m\u202eend';
    const sender = createSmtpMailer(settings(server.port));
    await sender.send(
      mail({ subject: line, to: { name: `${line}, <eve@evil.example>`, address: 'm@example.org' } }),
      never,
    );
    const [received] = server.mails;
    const names = received?.headers.map((header) => header.slice(0, header.indexOf(':')));
    expect(names).to.have.members([
      ...['Auto-Submitted', 'From', 'To', 'Subject', 'Message-ID', 'Date', 'MIME-Version', 'Content-Type'],
    ]);
    expect(received?.to).to.deep.equal(['m@example.org']);
    expect(received?.headers.join('')).to.not.match(/[\p{Cc}\u2028\u202e]/u);
  });

  it('S33: is not sent to what is no plain address', async () => {
    const sender = createSmtpMailer(settings(server.port));
    for (const address of [
      'a@example.org\r\nRCPT TO:<eve@evil.example>',
      'a@example.org, eve@evil.example',
      'x',
      '<a@b>',
    ]) {
      expect((await errorOf(sender.send(mail({ to: { name: '', address } }), never))).kind, address).to.equal(
        'refused',
      );
    }
    expect(server.mails).to.deep.equal([]);
  });

  it('tells a refused address, a mail that was put off and a server that is away apart', async () => {
    const sender = createSmtpMailer(settings(server.port));
    server.refuses = () => ({ code: 550, text: 'No such user here' });
    expect(await errorOf(sender.send(mail(), never))).to.include({ kind: 'refused' });
    server.refuses = () => ({ code: 450, text: 'Greylisted' });
    expect(await errorOf(sender.send(mail(), never))).to.include({ kind: 'later' });
    const away = createSmtpMailer(settings(await freePort()));
    expect(await errorOf(away.send(mail(), never))).to.include({ kind: 'server', code: 'ESOCKET' });
  });

  it('is not sent in the clear where there is a password for another machine', async () => {
    const careful = createSmtpMailer(settings(server.port, { needsTls: true, login }));
    expect((await errorOf(careful.send(mail(), never))).kind).to.equal('server');
    expect(server.mails).to.deep.equal([]);
  });

  it('signs in, and tells nobody the password when that is refused', async () => {
    const guarded = await startMailServer({ login });
    try {
      await createSmtpMailer(settings(guarded.port, { login })).send(mail(), never);
      expect(guarded.mails).to.have.length(1);
      const wrong = { user: login.user, password: 'canary, but wrong' };
      const refused = await errorOf(createSmtpMailer(settings(guarded.port, { login: wrong })).send(mail(), never));
      expect(refused).to.include({ kind: 'server', code: 'EAUTH' });
      const { log, text } = recordingLog();
      log.error({ err: refused, smtp_url: 'smtp://u:canary@h', auth: { pass: 'canary' } }, refused.message);
      expect(text()).to.contain('EAUTH').and.not.contain('canary');
    } finally {
      await guarded.close();
    }
  });
});
