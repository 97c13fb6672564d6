import type { Clock, Log } from '#plugin-api';
import type { Config } from '../config.ts';
import type { MailAddress, MailSettings, SendingSettings } from '../config/mail-settings.ts';
import type { Database } from '../db/database.ts';
import { type Language, readLanguage } from '../language/languages.ts';
import { defaultAccent } from '../web/accent.ts';
import type { Brand, LogoKind } from '../web/brand.ts';
import { IdentityStore, type StoredIdentity } from './identity-store.ts';

/**
 * How this installation calls itself and looks, for every page and mail: from memory, looked at again at most once a
 * second. The process in which an admin saves knows at once, every other one with its next page a second later.
 */
export interface Identity extends Brand {
  /** For people who have not chosen one. */
  readonly language: () => Language;
  /** Whom mails come from. */
  readonly sender: () => MailAddress;
  /** Words of the home page in this language; what is empty has the standing words. */
  readonly homeWords: (language: Language) => { readonly title: string; readonly text: string };
  /** As stored; '' for what is not. */
  readonly stored: (field: string) => string;
  /** Reads everything anew, after a change. */
  readonly reload: () => Promise<void>;
}

interface IdentityDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Pick<Config, 'publicUrl' | 'language' | 'isLanguageSet' | 'mail'>;
}

const defaultSiteName = 'Castdeck';
const lookEveryMs = 1_000;

export async function openIdentity(deps: IdentityDeps): Promise<Identity> {
  const store = new IdentityStore(deps.db);
  const known = createKnown(deps, store);
  await known.reload();
  const stored = (field: string) => known.values().get(field) ?? '';
  const name = () => stored('name') || defaultSiteName;
  return {
    stored,
    name,
    freshen: known.freshen,
    reload: known.reload,
    accent: () => stored('accent') || defaultAccent,
    logo: (kind) => stored(logoField(kind)) || undefined,
    readLogo: (kind) => store.readPicture(kind),
    language: () => languageOf(deps.config, stored('language')),
    sender: () => deps.config.mail?.from ?? senderOf(deps.config, stored, name()),
    homeWords: (language) => ({ title: stored(`home-title.${language}`), text: stored(`home-text.${language}`) }),
  };
}

/** The field that tells every process which logo there is. */
export function logoField(kind: LogoKind): string {
  return `logo.${kind}`;
}

function languageOf({ language, isLanguageSet }: IdentityDeps['config'], chosen: string): Language {
  return isLanguageSet ? language : (readLanguage(chosen) ?? language);
}

function senderOf(
  { publicUrl }: IdentityDeps['config'],
  stored: (field: string) => string,
  siteName: string,
): MailAddress {
  const address = stored('sender-address') || `no-reply@${new URL(publicUrl).hostname}`;
  return { name: stored('sender-name') || siteName, address };
}

/** The sender is asked for whenever it is read: an admin may choose another one while the process runs. */
export function mailWithSender(
  mail: MailSettings | undefined,
  { sender }: Pick<Identity, 'sender'>,
): SendingSettings | undefined {
  if (mail === undefined) return undefined;
  return {
    ...mail,
    get from() {
      return sender();
    },
  };
}

/** The last answer of the database, and when it was asked. */
function createKnown({ clock, log }: IdentityDeps, store: IdentityStore) {
  let values: StoredIdentity = new Map();
  let lookedAt = 0;
  let asked = 0;
  let taken = 0;
  let running: Promise<void> | undefined;
  const reload = async (): Promise<void> => {
    asked += 1;
    const turn = asked;
    lookedAt = clock.now();
    const read = await store.read();
    // A look that began before a change and ends after it would bring the old back.
    if (turn < taken) return;
    taken = turn;
    values = read;
  };
  const look = async (): Promise<void> => {
    try {
      await reload();
    } catch (error) {
      log.warn({ err: error }, 'The looks of the installation could not be read again; what was known goes on.');
    }
  };
  return {
    values: () => values,
    reload,
    freshen: async (): Promise<void> => {
      if (running === undefined && Math.abs(clock.now() - lookedAt) < lookEveryMs) return;
      running ??= look().finally(() => (running = undefined));
      await running;
    },
  };
}
