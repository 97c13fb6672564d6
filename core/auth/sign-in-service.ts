import type { Log } from '#plugin-api';
import type { Standing } from '../web/route.ts';
import type { AttemptLimit, AttemptStore } from './attempt-store.ts';
import type { Passwords } from './passwords.ts';
import { normalEmail, type PersonStore } from './person-store.ts';
import { findStanding } from './standing.ts';

interface Credentials {
  readonly email: string;
  readonly password: string;
  /** The address the request came from, as far as trusted proxies tell. */
  readonly address: string;
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
  readonly sessions: { forgetExpired(): Promise<void> };
  readonly log: Log;
}

const windowMs = 15 * 60_000;
const perPersonAndAddress: AttemptLimit = { what: 'sign-in/person', most: 10, windowMs };
const perAddress: AttemptLimit = { what: 'sign-in/address', most: 60, windowMs };
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

async function signIn(parts: SignInParts, { email, password, address }: Credentials): Promise<SignInResult> {
  const { people, passwords, attempts, log } = parts;
  const personHere = `${normalEmail(email)} ${address}`;
  const ms = Math.max(await attempts.take(perAddress, address), await attempts.take(perPersonAndAddress, personHere));
  if (ms > 0) {
    log.warn({ address }, 'Sign-in refused: too many attempts');
    return { kind: 'wait', ms };
  }
  const account = await people.findByEmail(email);
  const isRight = await passwords.matches(password, account?.passwordHash ?? null);
  const standing = isRight && account !== undefined ? await findStanding(people, account.id) : undefined;
  if (standing === undefined) {
    log.warn({ address, userId: account?.id ?? null }, 'Sign-in failed');
    return { kind: 'wrong' };
  }
  await attempts.forget(perPersonAndAddress, personHere);
  await attempts.giveBack(perAddress, address);
  // Swept here, so that nothing else has to run for it.
  await Promise.all([attempts.forgetExpired(), parts.sessions.forgetExpired()]);
  log.info({ address, userId: standing.person.id }, 'Signed in');
  return { kind: 'in', standing };
}
