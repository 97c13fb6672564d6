import { type MailAddress, isMailAddress, type MailSettings, type SendingSettings } from '../config/mail-settings.ts';
import { MailError } from './mail-error.ts';

export interface Mail {
  readonly to: MailAddress;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Equal for the same mail sent twice, so that a mailbox may know it again. Letters, digits and dots. */
  readonly id: string;
  /** Of mails that come again and again: a page of ours on which whoever gets them ends that. */
  readonly unsubscribeUrl?: string;
}

export interface Mailer {
  /** Returns when the server has taken the mail. @throws MailError */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
}

const connectMs = 10_000;
const silentMs = 30_000;
/** All of it; shorter than a mail counts as being sent. */
const sendWithinMs = 60_000;

/** Sends by SMTP, a connection for each mail. */
export function createSmtpMailer(settings: SendingSettings): Mailer {
  const { login } = settings;
  const options = connectionOf(settings);
  // Loaded for the first mail.
  const openTransport = async () => (await import('nodemailer')).createTransport(options);
  let transport: ReturnType<typeof openTransport> | undefined;
  return {
    async send({ to, subject, text, html, id, unsubscribeUrl }, signal) {
      if (!isMailAddress(to.address)) {
        throw new MailError({ kind: 'refused', reason: 'The address is none that mail can be sent to.' });
      }
      try {
        const { from } = settings;
        transport ??= openTransport();
        await (
          await transport
        ).sendMail({
          from: { name: oneLine(from.name), address: from.address },
          to: { name: oneLine(to.name), address: to.address },
          subject: oneLine(subject),
          ...{ text, html, signal: AbortSignal.any([signal, AbortSignal.timeout(sendWithinMs)]) },
          messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
          headers: {
            'Auto-Submitted': 'auto-generated',
            ...(unsubscribeUrl === undefined ? {} : { 'List-Unsubscribe': `<${unsubscribeUrl}>` }),
          },
        });
      } catch (error) {
        throw MailError.of(error, login);
      }
    },
  };
}

/**
 * Connects and signs in, as for a mail, and sends none.
 * @throws MailError
 */
export async function greetMailServer(settings: MailSettings, signal: AbortSignal): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport(connectionOf(settings));
  const close = (): void => transport.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await transport.verify();
  } catch (error) {
    throw MailError.of(error, settings.login);
  } finally {
    signal.removeEventListener('abort', close);
    transport.close();
  }
}

function connectionOf({ host, port, isTls, needsTls, login }: MailSettings) {
  return {
    ...{ host, port, secure: isTls, requireTLS: needsTls && !isTls },
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
    ...{ connectionTimeout: connectMs, greetingTimeout: connectMs, dnsTimeout: connectMs, socketTimeout: silentMs },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  };
}

const longestLine = 200;

/** For a header: nothing that ends a line, moves a terminal or turns the direction of writing. */
export function oneLine(text: string): string {
  const plain = text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  const letters = Array.from(plain);
  return letters.length <= longestLine ? plain : `${letters.slice(0, longestLine).join('').trimEnd()}…`;
}
