import type { Log } from '#plugin-api';
import type { EventLog } from '../events/event-log.ts';
import type { Standing } from '../web/route.ts';
import type { AttemptLimit, AttemptStore } from './attempt-store.ts';
import type { DeviceStore } from './device-store.ts';
import type { Passwords } from './passwords.ts';
import { normalEmail, type PersonStore } from './person-store.ts';
import { findStanding } from './standing.ts';

interface Credentials {
  readonly email: string;
  readonly password: string;
  /** The address the request came from, as far as trusted proxies tell. */
  readonly address: string;
  /** What the browser says it was given at an earlier sign-in; empty for none. */
  readonly device: string;
}

export type SignInResult =
  | { readonly kind: 'in'; readonly standing: Standing }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly ms: number };

export interface SignInService {
  /** One answer for a wrong password, an unknown person and a disabled one, and one hash computed for each. */
  signIn(credentials: Credentials): Promise<SignInResult>;
  /** Whether this is the person's password, for steps that ask for it again. Wrong guesses are limited too. */
  confirm(personId: number, password: string): Promise<'right' | 'wrong' | 'wait'>;
}

interface SignInParts {
  readonly people: PersonStore;
  readonly passwords: Passwords;
  readonly attempts: AttemptStore;
  readonly devices: DeviceStore;
  readonly events: EventLog;
  readonly sessions: { forgetExpired(): Promise<void> };
  readonly log: Log;
}

const windowMs = 15 * 60_000;
const perPersonAndAddress: AttemptLimit = { what: 'sign-in/person', most: 10, windowMs };
const perAddress: AttemptLimit = { what: 'sign-in/address', most: 40, windowMs };
const perPerson: AttemptLimit = { what: 'sign-in/everywhere', most: 40, windowMs };
const perDevice: AttemptLimit = { what: 'sign-in/device', most: 10, windowMs };
const perConfirmation: AttemptLimit = { what: 'confirm', most: 10, windowMs };

export function createSignInService(parts: SignInParts): SignInService {
  return {
    signIn: (credentials) => signIn(parts, credentials),
    confirm: async (personId, password) => {
      const whom = String(personId);
      if ((await parts.attempts.take(perConfirmation, whom)) > 0) return 'wait';
      const account = await parts.people.find(personId);
      if (!(await parts.passwords.matches(password, account?.passwordHash ?? null))) return 'wrong';
      await parts.attempts.forget(perConfirmation, whom);
      return 'right';
    },
  };
}

/** A limit and whom it counts. */
interface Counter {
  readonly limit: AttemptLimit;
  readonly whom: string;
  /** A right password forgets the wrong ones before it, or gives back only its own attempt. */
  readonly isForgiving: boolean;
}

async function signIn(parts: SignInParts, credentials: Credentials): Promise<SignInResult> {
  const { people, passwords, log } = parts;
  const { email, password, address, device } = credentials;
  const account = await people.findByEmail(email);
  const isKnownDevice = await parts.devices.isKnown(account?.id ?? 0, device);
  const counters = countersOf(credentials, isKnownDevice);
  const ms = await takeAll(parts, counters);
  if (ms > 0) {
    log.warn({ address }, 'Sign-in refused: too many attempts');
    return { kind: 'wait', ms };
  }
  const isRight = await passwords.matches(password, account?.passwordHash ?? null);
  const standing = isRight && account !== undefined ? await findStanding(people, account.id) : undefined;
  if (standing === undefined) {
    log.warn({ address, userId: account?.id ?? null }, 'Sign-in failed');
    const about = { teamId: null, actorId: account?.id ?? null, subject: 'user', subjectId: account?.id ?? 0 } as const;
    await parts.events.record({ ...about, kind: 'user.sign-in-failed', facts: { factor: 'password' } });
    return { kind: 'wrong' };
  }
  await forgive(parts, counters);
  log.info({ address, userId: standing.person.id }, 'Signed in');
  return { kind: 'in', standing };
}

/** Strangers' guesses are counted apart from those made with a browser that this person knows: they lock nobody out. */
function countersOf({ email, address, device }: Credentials, isKnownDevice: boolean): readonly Counter[] {
  const whom = normalEmail(email);
  if (isKnownDevice) return [{ limit: perDevice, whom: `${whom} ${device}`, isForgiving: true }];
  return [
    { limit: perAddress, whom: address, isForgiving: false },
    { limit: perPersonAndAddress, whom: `${whom} ${address}`, isForgiving: true },
    { limit: perPerson, whom, isForgiving: false },
  ];
}

async function takeAll({ attempts }: SignInParts, counters: readonly Counter[]): Promise<number> {
  for (const { limit, whom } of counters) {
    const ms = await attempts.take(limit, whom);
    if (ms > 0) return ms;
  }
  return 0;
}

async function forgive({ attempts, sessions }: SignInParts, counters: readonly Counter[]): Promise<void> {
  for (const { limit, whom, isForgiving } of counters) {
    await (isForgiving ? attempts.forget(limit, whom) : attempts.giveBack(limit, whom));
  }
  // Swept here, so that nothing else has to run for it.
  await Promise.all([attempts.forgetExpired(), sessions.forgetExpired()]);
}
