import type { Translate } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { InputError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Language } from '../language/languages.ts';
import type { Standing, Theme } from '../web/route.ts';
import type { SessionStore } from '../web/session-store.ts';
import type { LinkStore } from './link-store.ts';
import type { Passwords } from './passwords.ts';
import { checkName, checkPassword, valuesOf } from './person-form.ts';
import type { Account, PersonStore } from './person-store.ts';
import type { SignInService } from './sign-in-service.ts';
import { findStanding } from './standing.ts';

interface PasswordChange {
  readonly current: string | undefined;
  readonly password: string | undefined;
  /** The session that goes on; every other one ends. */
  readonly keepSession: string;
}

/** What people do with their own account. */
export interface AccountService {
  /** Whom a password link is for. @throws NotFoundError when it was used, has run out or never was */
  readLink(token: string): Promise<{ readonly name: string; readonly email: string }>;
  /** Uses the link up and ends every session of the person. @throws InputError at `password`, NotFoundError */
  choosePassword(token: string, password: string | undefined): Promise<Standing>;
  /** @throws InputError at `current` or `password` */
  changePassword(personId: number, change: PasswordChange): Promise<void>;
  /** @throws InputError at `name` */
  rename(personId: number, name: string | undefined): Promise<void>;
  setTheme(personId: number, theme: Theme): Promise<void>;
  /** Null: the installation's. */
  setLanguage(personId: number, language: Language | null): Promise<void>;
}

export interface AccountParts {
  readonly db: Database;
  readonly people: PersonStore;
  readonly passwords: Passwords;
  readonly links: LinkStore;
  readonly sessions: SessionStore;
  readonly signIns: SignInService;
  readonly events: EventLog;
  readonly siteName: () => string;
  readonly t: Translate;
}

export function createAccountService(parts: AccountParts): AccountService {
  return {
    readLink: async (token) => {
      const { name, email } = await accountOfLink(parts, token);
      return { name, email };
    },
    choosePassword: (token, password) => choosePassword(parts, token, password),
    changePassword: (personId, change) => changePassword(parts, personId, change),
    rename: async (personId, typed) => {
      const { name } = valuesOf({ name: checkName(typed, parts.t) });
      await parts.people.rename(personId, name);
    },
    setTheme: (personId, theme) => parts.people.setTheme(personId, theme),
    setLanguage: (personId, language) => parts.people.setLanguage(personId, language),
  };
}

async function accountOfLink({ links, people }: AccountParts, token: string): Promise<Account> {
  const link = await links.find('password', token);
  const account = link === undefined ? undefined : await people.find(link.userId);
  if (account === undefined || account.disabledAt !== null) throw new NotFoundError('This link is not open.');
  return account;
}

async function choosePassword(parts: AccountParts, token: string, typed: string | undefined): Promise<Standing> {
  const account = await accountOfLink(parts, token);
  const { password } = valuesOf({ password: checkFor(parts, account, typed) });
  const passwordHash = await parts.passwords.hash(password);
  await parts.db.transaction(async (sql) => {
    const link = await parts.links.take('password', token, sql);
    if (link === undefined) throw new NotFoundError('This link was used just now.');
    await parts.people.setPassword(account.id, passwordHash, sql);
  });
  await parts.sessions.endAllOf(account.id);
  await recordChange(parts, account.id);
  const standing = await findStanding(parts.people, account.id);
  if (standing === undefined) throw new NotFoundError('This person is gone.');
  return standing;
}

async function changePassword(parts: AccountParts, personId: number, change: PasswordChange): Promise<void> {
  const account = await parts.people.find(personId);
  if (account === undefined) throw new NotFoundError('This person is gone.');
  const { password } = valuesOf({ password: checkFor(parts, account, change.password) });
  const verdict = await parts.signIns.confirm(personId, change.current ?? '');
  if (verdict !== 'right') {
    throw new InputError([{ field: 'current', message: parts.t(`account:current.${verdict}`) }]);
  }
  await parts.people.setPassword(personId, await parts.passwords.hash(password));
  await parts.links.voidAllOf(personId);
  await parts.sessions.endAllOf(personId, change.keepSession);
  await recordChange(parts, personId);
}

function checkFor({ siteName, t }: AccountParts, { email, name }: Account, password: string | undefined) {
  return checkPassword({ password, email, name, siteName: siteName() }, t);
}

function recordChange({ events }: AccountParts, personId: number): Promise<void> {
  const event = { teamId: null, actorId: personId, subject: 'user', subjectId: personId, facts: {} } as const;
  return events.record({ ...event, kind: 'user.password-changed' });
}
