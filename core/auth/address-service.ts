import type { Translate } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { ConflictError, InputError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Letters } from '../letters/letter-jobs.ts';
import type { SessionStore } from '../web/session-store.ts';
import { type LinkStore, resetMs } from './link-store.ts';
import { checkEmail, valuesOf } from './person-form.ts';
import type { Account, PersonStore } from './person-store.ts';

/** Who changes whose e-mail address. */
interface AddressChange {
  readonly actorId: number;
  readonly personId: number;
  /** The session that goes on; every other one of the person ends. */
  readonly keepSession: string;
}

/** The e-mail address that a person signs in with. */
export interface AddressService {
  /** Whether a new address is proved by a mail to it; without mail an admin changes it. */
  readonly provesByMail: boolean;
  /**
   * Sends a link to the new address; the old one counts until it is followed. For an address that somebody has the answer
   * and the work are the same; the letter finds that out, and is not sent. @returns the address as it will be @throws InputError at email
   */
  ask(personId: number, typed: string | undefined): Promise<string>;
  /** The address that a link of this person would set. @throws NotFoundError for a link of somebody else as for none */
  read(token: string, personId: number): Promise<string>;
  /** Uses the link up. @throws NotFoundError, ConflictError when somebody took the address meanwhile */
  follow(token: string, who: Omit<AddressChange, 'actorId'>): Promise<void>;
  /** By an admin. @throws NotFoundError, InputError at email */
  change(change: AddressChange, typed: string | undefined): Promise<Account>;
}

interface AddressParts {
  readonly db: Database;
  readonly people: PersonStore;
  readonly links: LinkStore;
  readonly letters: Letters;
  readonly sessions: Pick<SessionStore, 'endAllOf'>;
  readonly events: EventLog;
  readonly t: Translate;
}

export function createAddressService(parts: AddressParts): AddressService {
  return {
    provesByMail: parts.letters.isOn,
    ask: (personId, typed) => ask(parts, personId, typed),
    read: async (token, personId) => (await openLink(parts, token, personId)).email,
    follow: (token, who) => follow(parts, token, who),
    change: (change, typed) => changeFor(parts, change, typed),
  };
}

async function ask(parts: AddressParts, personId: number, typed: string | undefined): Promise<string> {
  const { db, links, letters } = parts;
  if (!letters.isOn) throw new ConflictError(parts.t('account:email.byAdmin'));
  const email = newAddress(parts, await find(parts, personId), typed);
  await db.transaction(async (sql) => {
    const link = { purpose: 'address', userId: personId, createdBy: personId, lastsMs: resetMs, email } as const;
    await letters.proveAddress((await links.makeNamed(link, sql)).id, sql);
  });
  return email;
}

async function find({ people }: AddressParts, personId: number): Promise<Account> {
  const account = await people.find(personId);
  if (account === undefined) throw new NotFoundError('There is no such person.');
  return account;
}

function newAddress({ t }: AddressParts, account: Account, typed: string | undefined): string {
  const { email } = valuesOf({ email: checkEmail(typed, t) });
  if (email === account.email) throw new InputError([{ field: 'email', message: t('account:email.same') }]);
  return email;
}

/** Whoever reads the mails of a wrongly typed address must not get the account: the link is only for who asked. */
async function openLink({ links }: AddressParts, token: string, personId: number): Promise<{ readonly email: string }> {
  const link = await links.find('address', token);
  if (link?.userId !== personId || link.email === null) throw new NotFoundError('This link is not open.');
  return { email: link.email };
}

async function follow(parts: AddressParts, token: string, who: Omit<AddressChange, 'actorId'>): Promise<void> {
  const { email } = await openLink(parts, token, who.personId);
  const change = { ...who, actorId: who.personId };
  await unlessTaken(parts, { email, personId: who.personId }, async (sql) => {
    if ((await parts.links.take('address', token, sql)) === undefined) {
      throw new NotFoundError('This link was used just now.');
    }
    await store(parts, change, email, sql);
  });
  await parts.sessions.endAllOf(who.personId, who.keepSession);
}

async function changeFor(parts: AddressParts, change: AddressChange, typed: string | undefined): Promise<Account> {
  const account = await find(parts, change.personId);
  const email = newAddress(parts, account, typed);
  if ((await parts.people.findByEmail(email)) !== undefined) {
    throw new InputError([{ field: 'email', message: parts.t('account:email.taken', { email }) }]);
  }
  await unlessTaken(parts, { email, personId: account.id }, (sql) => store(parts, change, email, sql));
  await parts.sessions.endAllOf(account.id, change.keepSession);
  return account;
}

/** Of two who take one address at once the database lets one. */
async function unlessTaken(
  { db, people, t }: AddressParts,
  { email, personId }: { readonly email: string; readonly personId: number },
  work: (sql: Sql) => Promise<void>,
): Promise<void> {
  try {
    await db.transaction(work);
  } catch (error) {
    const other = await people.findByEmail(email);
    if (other === undefined || other.id === personId) throw error;
    throw new ConflictError(t('account:email.taken', { email }), { cause: error });
  }
}

/** The old address is told, and no link that went to it works any more. */
async function store(
  { people, links, letters, events }: AddressParts,
  ...[{ actorId, personId }, email, sql]: [AddressChange, string, Sql]
): Promise<void> {
  const before = await people.find(personId, sql);
  if (before === undefined) throw new NotFoundError('There is no such person.');
  await people.setEmail(personId, email, sql);
  await links.voidAllOf(personId, sql);
  const about = { teamId: null, actorId, subject: 'user', subjectId: personId } as const;
  await events.record({ ...about, kind: 'user.email-changed', facts: { from: before.email, to: email } }, sql);
  await letters.tellOldAddress({ userId: personId, from: before.email, to: email }, sql);
}
