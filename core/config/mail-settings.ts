import type { Complaints } from './complaints.ts';
import type { Reader } from './environment.ts';
import { isLoopbackHost } from './public-url.ts';

/** The mail server of the installation, and who its mails come from where the environment says it. */
export interface MailSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (smtps); otherwise STARTTLS where the server offers it. */
  readonly isTls: boolean;
  /** Nothing is sent in the clear: a password must not leave this machine readably. */
  readonly needsTls: boolean;
  readonly login?: { readonly user: string; readonly password: string };
  /** Absent: what an admin chose under Site. */
  readonly from?: MailAddress;
}

/** Read for each mail: an admin may choose another sender meanwhile. */
export interface SendingSettings extends MailSettings {
  readonly from: MailAddress;
}

export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

const forms = 'Use smtp://user:password@host:587, or smtps:// for TLS from the first byte.';
const fromForms = 'Use panel@example.org or Castdeck <panel@example.org>.';

/** A sender alone would send nothing. What was typed into SMTP_URL is never repeated: it holds a password. */
export function readMailSettings(read: Reader, complaints: Complaints): MailSettings | undefined {
  const url = read('SMTP_URL');
  const sender = read('MAIL_FROM');
  if (url === undefined && sender === undefined) return undefined;
  if (url === undefined)
    complaints.add('SMTP_URL', `is missing: MAIL_FROM is set. Set both, or SMTP_URL alone. ${forms}`);
  const server = url === undefined ? undefined : readServer(url);
  if (typeof server === 'string') complaints.add('SMTP_URL', server);
  const from = sender === undefined ? undefined : readMailAddress(sender);
  if (sender !== undefined && from === undefined) complaints.add('MAIL_FROM', `is no sender. ${fromForms}`);
  if (server === undefined || typeof server === 'string') return undefined;
  return from === undefined ? server : { ...server, from };
}

function readServer(typed: string): Omit<MailSettings, 'from'> | string {
  if (!URL.canParse(typed)) return `is not an address. ${forms}`;
  const url = new URL(typed);
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') return `"${url.protocol}" is not supported. ${forms}`;
  if (url.hostname === '') return `names no host. ${forms}`;
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') {
    return `has something after the host. Remove it. ${forms}`;
  }
  if ((url.username === '') !== (url.password === '')) return `has a user or a password alone. ${forms}`;
  const isTls = url.protocol === 'smtps:';
  const place = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: portOf(url, isTls), isTls };
  if (url.username === '') return { ...place, needsTls: isTls };
  try {
    const login = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
    return { ...place, needsTls: isTls || !isLoopbackHost(url.hostname), login };
  } catch {
    return 'has a % in user or password that is not %-encoded. Write it as %25.';
  }
}

function portOf(url: URL, isTls: boolean): number {
  if (url.port !== '') return Number(url.port);
  return isTls ? 465 : 587;
}

/** `address` or `Name <address>`. Undefined for anything else, above all for what would be two headers. */
function readMailAddress(typed: string): MailAddress | undefined {
  const [, quoted = '', bracketed] = /^([^<>]*)<([^<>]+)>$/.exec(typed) ?? [];
  const address = bracketed ?? typed;
  const name = quoted.trim().replace(/^"(.*)"$/, '$1');
  return isMailAddress(address) && !/\p{Cc}/u.test(name) ? { name, address } : undefined;
}

/** One plain address: no list, no name, nothing that could end a line. */
export function isMailAddress(address: string): boolean {
  return address.length <= 254 && /^[^\s@<>()[\]\\,;:"\p{C}]+@[^\s@<>()[\]\\,;:"\p{C}]+$/u.test(address);
}
