import type { Clock, Translate } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { ConflictError, InputError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import { factorPlace } from '../keys/sealed-places.ts';
import { type SealedPlace, type Vault, VaultError } from '../keys/vault.ts';
import type { SessionStore } from '../web/session-store.ts';
import type { AttemptLimit, AttemptStore } from './attempt-store.ts';
import {
  drawSecret,
  hashRecoveryCode,
  makeRecoveryCodes,
  makeSecret,
  type NewSecret,
  stepOf,
} from './authenticator.ts';
import type { SecondFactorStore } from './second-factor-store.ts';

/** Whose factor it is, and the session that asks. */
export interface FactorOwner {
  readonly id: number;
  readonly email: string;
  readonly sessionHash: string;
}

/** A secret that is not in use yet: the form keeps it sealed until a code proves that the app has it. */
export interface FactorSetup extends NewSecret {
  readonly kept: string;
}

type CodeVerdict =
  | { readonly kind: 'right'; readonly by: 'app' | 'recovery' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly ms: number };

export interface SecondFactorService {
  has(personId: number): Promise<boolean>;
  /** Everybody who has one. */
  having(): Promise<ReadonlySet<number>>;
  stateOf(personId: number): Promise<{ readonly since: number; readonly codesLeft: number } | undefined>;
  begin(owner: FactorOwner): Promise<FactorSetup>;
  /** The same setup again, after a wrong code. Undefined when it is not of this session. */
  resume(owner: FactorOwner, kept: string): Promise<FactorSetup | undefined>;
  /** Ends the person's other sessions. @returns the recovery codes, seen once @throws InputError at `code`, ConflictError */
  enable(owner: FactorOwner, typed: { readonly kept: string; readonly code: string }): Promise<readonly string[]>;
  /** A code of the app, or one of the recovery codes: each once. Guesses are limited. */
  verify(personId: number, code: string): Promise<CodeVerdict>;
  /** The old ones are void. */
  newRecoveryCodes(personId: number): Promise<readonly string[]>;
  /** @param actorId somebody else: an admin helps a person who lost it, and the person is signed out everywhere */
  remove(personId: number, actorId: number): Promise<boolean>;
}

export interface SecondFactorParts {
  readonly db: Database;
  readonly factors: SecondFactorStore;
  readonly attempts: AttemptStore;
  readonly sessions: SessionStore;
  readonly events: EventLog;
  readonly vault: Vault;
  readonly siteName: () => string;
  readonly clock: Clock;
  readonly t: Translate;
}

const guesses: AttemptLimit = { what: 'second-factor', most: 10, windowMs: 15 * 60_000 };

export function createSecondFactorService(parts: SecondFactorParts): SecondFactorService {
  const { factors } = parts;
  return {
    has: async (personId) => (await factors.find(personId)) !== undefined,
    having: () => factors.having(),
    stateOf: async (personId) => {
      const factor = await factors.find(personId);
      return factor && { since: factor.since, codesLeft: await factors.countCodes(personId) };
    },
    begin: async (owner) => {
      const made = await makeSecret(namesOf(parts, owner));
      return { ...made, kept: parts.vault.seal(made.secret, keptPlace(owner)) };
    },
    resume: async (owner, kept) => {
      const secret = openKept(parts, owner, kept);
      return secret === undefined
        ? undefined
        : { secret, kept, picture: await drawSecret(secret, namesOf(parts, owner)) };
    },
    enable: (owner, typed) => enable(parts, owner, typed),
    verify: (personId, code) => verify(parts, personId, code),
    newRecoveryCodes: (personId) => newRecoveryCodes(parts, personId),
    remove: (personId, actorId) => remove(parts, personId, actorId),
  };
}

function namesOf({ siteName }: SecondFactorParts, { email }: FactorOwner) {
  return { issuer: siteName(), label: email };
}

function keptPlace({ id, sessionHash }: FactorOwner): SealedPlace {
  return { table: 'factor_form', column: 'kept', row: `${id}/${sessionHash}` };
}

function openKept({ vault }: SecondFactorParts, owner: FactorOwner, kept: string): string | undefined {
  try {
    return vault.open(kept, keptPlace(owner));
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

async function enable(
  parts: SecondFactorParts,
  owner: FactorOwner,
  { kept, code }: { readonly kept: string; readonly code: string },
): Promise<readonly string[]> {
  const { db, factors, vault, clock, t } = parts;
  const secret = openKept(parts, owner, kept);
  if (secret === undefined) throw new ConflictError(t('account:factor.stale'));
  const at = clock.now();
  const wait = await parts.attempts.take(guesses, String(owner.id));
  const step = wait > 0 ? undefined : await stepOf(secret, digitsOf(code), at);
  if (step === undefined) {
    const message = t(wait > 0 ? 'auth:code.wait' : 'auth:code.wrong', { count: Math.ceil(wait / 60_000) });
    throw new InputError([{ field: 'code', message }]);
  }
  const codes = makeRecoveryCodes();
  await db.transaction(async (sql) => {
    const sealedSecret = vault.seal(secret, factorPlace(owner.id));
    await factors.put({ userId: owner.id, sealedSecret, step, at }, sql);
    await factors.putCodes(owner.id, codes.map(hashRecoveryCode), sql);
    await parts.events.record({ ...about(owner.id, owner.id), kind: 'user.factor-added' }, sql);
  });
  await parts.attempts.forget(guesses, String(owner.id));
  await parts.sessions.endAllOf(owner.id, owner.sessionHash);
  return codes;
}

async function verify(parts: SecondFactorParts, personId: number, typed: string): Promise<CodeVerdict> {
  const { factors, attempts, vault, clock } = parts;
  const ms = await attempts.take(guesses, String(personId));
  if (ms > 0) return { kind: 'wait', ms };
  const factor = await factors.find(personId);
  if (factor === undefined) return { kind: 'wrong' };
  const secret = vault.open(factor.sealedSecret, factorPlace(personId));
  const code = digitsOf(typed);
  const step = /^\d{6}$/.test(code) ? await stepOf(secret, code, clock.now()) : undefined;
  const isOfApp = step !== undefined && (await factors.takeStep(personId, step));
  const isRight = isOfApp || (await factors.takeCode(personId, hashRecoveryCode(typed)));
  if (!isRight) return { kind: 'wrong' };
  await attempts.forget(guesses, String(personId));
  return { kind: 'right', by: isOfApp ? 'app' : 'recovery' };
}

/** People type what their app shows: `123 456`. */
function digitsOf(typed: string): string {
  return typed.replaceAll(/\s/g, '');
}

async function newRecoveryCodes(parts: SecondFactorParts, personId: number): Promise<readonly string[]> {
  const codes = makeRecoveryCodes();
  await parts.db.transaction(async (sql) => {
    if ((await parts.factors.find(personId, sql)) === undefined)
      throw new ConflictError(parts.t('account:factor.none'));
    await parts.factors.putCodes(personId, codes.map(hashRecoveryCode), sql);
    await parts.events.record({ ...about(personId, personId), kind: 'user.recovery-codes-made' }, sql);
  });
  return codes;
}

async function remove(parts: SecondFactorParts, personId: number, actorId: number): Promise<boolean> {
  const isRemoved = await parts.db.transaction(async (sql) => {
    if (!(await parts.factors.remove(personId, sql))) return false;
    const kind = personId === actorId ? 'user.factor-removed' : 'user.factor-reset';
    await parts.events.record({ ...about(actorId, personId), kind }, sql);
    return true;
  });
  if (isRemoved && personId !== actorId) await parts.sessions.endAllOf(personId);
  return isRemoved;
}

function about(actorId: number, personId: number) {
  return { teamId: null, actorId, subject: 'user', subjectId: personId, facts: {} } as const;
}
