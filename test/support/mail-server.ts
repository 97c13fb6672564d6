import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as it came over the wire. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  /** The lines before the first empty one, unfolded. */
  readonly headers: readonly string[];
  /** Both parts, decoded. */
  readonly text: string;
  readonly html: string;
}

export interface MailServer {
  readonly url: string;
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** Answers RCPT TO: a code and a text to refuse with, nothing to take it. */
  refuses: (address: string) => { readonly code: number; readonly text: string } | undefined;
  /** Called after a mail was read and before it is answered. */
  onMail: (mail: ReceivedMail) => Promise<void> | void;
  close(): Promise<void>;
}

interface MailServerOptions {
  readonly login?: { readonly user: string; readonly password: string };
  /** 0, a free one, unless said. */
  readonly port?: number;
}

/** A real SMTP server on this machine that keeps what it is sent. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { login, port = 0 } = options;
  const mails: ReceivedMail[] = [];
  const smtp = new SMTPServer({
    authOptional: login === undefined,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) => {
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(refusal({ code: 535, text: `Authentication failed for ${password ?? ''}` }));
    },
    onRcptTo: ({ address }, _session, done) => {
      const refused = server.refuses(address);
      done(refused === undefined ? null : refusal(refused));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const mail = readMail(Buffer.concat(chunks).toString('utf8'), {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
        });
        mails.push(mail);
        Promise.resolve(server.onMail(mail)).then(() => done(), done);
      });
    },
  });
  await new Promise<void>((resolve, reject) => {
    smtp.once('error', reject);
    smtp.listen(port, '127.0.0.1', () => resolve());
  });
  // A client that goes away in the middle of a mail is what some tests are about.
  smtp.on('error', () => undefined);
  const at = portOf(smtp.server.address());
  const server: MailServer = {
    url: `smtp://127.0.0.1:${at}`,
    port: at,
    mails,
    refuses: () => undefined,
    onMail: () => undefined,
    close: () => new Promise((resolve) => smtp.close(() => resolve())),
  };
  return server;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The mail server listens at no port.');
  return address.port;
}

function refusal({ code, text }: { readonly code: number; readonly text: string }): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

function readMail(raw: string, envelope: Pick<ReceivedMail, 'from' | 'to'>): ReceivedMail {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  const headers = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return { ...envelope, raw, headers, text: partOf(raw, 'text/plain'), html: partOf(raw, 'text/html') };
}

function partOf(raw: string, type: string): string {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1] ?? '';
  const part = raw.split(`\r\n--${boundary}`).find((one) => one.includes(`Content-Type: ${type}`)) ?? '';
  const [head = '', ...body] = part.replace(/^\r\n/, '').split('\r\n\r\n');
  const content = body.join('\r\n\r\n');
  if (/base64/i.test(head)) return Buffer.from(content, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(head)) return content;
  const bytes = content
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
