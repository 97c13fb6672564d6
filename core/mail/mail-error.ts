import { z } from 'zod';

/**
 * server = nobody's mail goes out now: the server is away, or refuses us;
 * later = this mail was put off, the next one may go;
 * refused = this mail to this address will never be taken.
 */
type MailErrorKind = 'server' | 'later' | 'refused';

interface MailErrorParts {
  readonly kind: MailErrorKind;
  readonly reason: string;
  readonly code?: string | undefined;
}

/** Why a mail was not taken. It replaces the library's error, and holds neither password nor what was sent. */
export class MailError extends Error {
  readonly kind: MailErrorKind;
  /** The library's, e.g. EAUTH, ETIMEDOUT. */
  readonly code: string | undefined;
  readonly reason: string;

  constructor({ kind, reason, code }: MailErrorParts) {
    super(`The mail was not sent: ${reason}`);
    this.name = 'MailError';
    this.kind = kind;
    this.code = code;
    this.reason = reason;
  }

  static of(error: unknown, login?: { readonly user: string; readonly password: string }): MailError {
    const { code, command, responseCode, message } = facts.parse(error);
    const reason = withoutLogin(message, login).replaceAll(/\s+/g, ' ').slice(0, longestReason);
    return new MailError({ kind: kindOf({ code, command, responseCode }), reason, code });
  }
}

const longestReason = 300;

const facts = z
  .object({
    message: z.string().catch('no reason was given'),
    code: z.string().optional().catch(undefined),
    command: z.string().optional().catch(undefined),
    responseCode: z.number().optional().catch(undefined),
  })
  .catch({ message: 'no reason was given' });

type Facts = Omit<z.output<typeof facts>, 'message'>;

/** What the server says about the recipient or the text is about this mail; all else is about the server and us. */
function kindOf({ code, command, responseCode }: Facts): MailErrorKind {
  const isAboutMail = code === 'EMESSAGE' || (code === 'EENVELOPE' && command !== 'MAIL FROM');
  if (!isAboutMail || responseCode === undefined) return 'server';
  return responseCode >= 500 ? 'refused' : 'later';
}

/** Servers quote what they were sent: the password goes, plain and as it travels. */
function withoutLogin(text: string, login: { readonly user: string; readonly password: string } | undefined): string {
  if (login === undefined) return text;
  const { user, password } = login;
  const secrets = [password, `\0${user}\0${password}`].flatMap((one) => [one, Buffer.from(one).toString('base64')]);
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}
