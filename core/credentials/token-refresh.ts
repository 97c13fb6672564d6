import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, type Log, RemoteError, type TokenSet, type Translate } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { NotFoundError } from '../errors.ts';
import { insertEvents } from '../events/event-store.ts';
import type { Vault } from '../keys/vault.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { type Random, systemRandom } from '../queue/backoff.ts';
import type { Timings } from '../timings.ts';
import {
  markReconnectNeeded,
  passRefreshLease,
  replaceTokens,
  selectChannelsOf,
  selectCredential,
  type StoredCredential,
  takeRefreshLease,
} from './credential-store.ts';
import { openTokens, sealTokens } from './token-box.ts';

export interface RefreshDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly vault: Vault;
  readonly registry: PluginRegistry;
  readonly t: Translate;
  readonly log: Log;
  readonly random?: Random;
}

/** Holds the row's lease after an answer was lost: until it ends nobody uses the refresh token again. */
const answerLost = 'answer-lost';

/**
 * Refresh tokens are single-use: one call at a time per credential over all processes (the row's lease), one promise
 * inside a process, and both new tokens are stored before either is used.
 */
export class TokenRefresh {
  readonly #deps: RefreshDeps;
  readonly #owner: string = randomUUID();
  readonly #inFlight = new Map<number, Promise<StoredCredential>>();
  readonly #storing = new Set<Promise<unknown>>();

  constructor(deps: RefreshDeps) {
    this.#deps = deps;
  }

  /** @returns the credential as soon as its tokens are newer than `stale`. @throws RemoteError */
  refresh(stale: StoredCredential): Promise<StoredCredential> {
    const running = this.#inFlight.get(stale.id);
    if (running !== undefined) return running;
    const begun = this.#refreshOverProcesses(stale).finally(() => this.#inFlight.delete(stale.id));
    this.#inFlight.set(stale.id, begun);
    return begun;
  }

  async settled(): Promise<void> {
    while (this.#storing.size > 0) await Promise.allSettled([...this.#storing]);
  }

  async #refreshOverProcesses(stale: StoredCredential): Promise<StoredCredential> {
    const { db, clock, timings } = this.#deps;
    const looks = Math.ceil(timings.refreshWaitMs / timings.refreshPollMs);
    for (let look = 0; look < looks; look += 1) {
      const row = await readCredential(this.#deps, stale.id);
      if (row.state === 'reconnect-needed') throw reconnectNeeded(this.#deps.t);
      if (row.version !== stale.version) return row;
      const now = clock.now();
      if (row.refreshOwner === answerLost && row.refreshUntil !== null && row.refreshUntil > now) {
        throw this.#later(row.refreshUntil);
      }
      const lease = { id: row.id, version: row.version, owner: this.#owner, now, until: now + timings.refreshLeaseMs };
      // In a transaction, which runs again after a deadlock: with few rows MariaDB finds the row by the index of states,
      // and so locks in the other order than whoever is just storing tokens in it.
      if (await db.transaction((sql) => takeRefreshLease(sql, lease))) return this.#callAndStore(row);
      await pause(timings.refreshPollMs);
    }
    throw this.#later(clock.now() + timings.refreshPollMs);
  }

  async #callAndStore(row: StoredCredential): Promise<StoredCredential> {
    const { registry, timings, vault } = this.#deps;
    let call: Promise<TokenSet> | undefined;
    try {
      const { parts, settings } = registry.get(row.plugin);
      const set = await settings.findByAppKey(row.appKey);
      if (set === undefined) throw appIsGone(this.#deps.t);
      const tokens = openTokens(vault, row);
      call = parts.connector.refresh({ set, tokens });
      return await this.#keep(row, await within(timings.refreshCallMs, call));
    } catch (error) {
      if (call !== undefined && error instanceof LateAnswer) this.#keepWhenItComes(row, call);
      return this.#afterError(row, error);
    }
  }

  /** Both tokens are stored before first use. While the database is away they exist only here: asks until it is back. */
  #keep(row: StoredCredential, tokens: TokenSet): Promise<StoredCredential> {
    const { vault, clock } = this.#deps;
    const sealed = { ...sealTokens(vault, row, tokens), now: clock.now() };
    const stored = this.#untilStored(() => replaceTokens(this.#deps.db.knex, row, sealed), row.id);
    this.#storing.add(stored);
    // Out of the set before anything else is waited for: `settled` would turn around it without end.
    void stored.then(() => this.#storing.delete(stored));
    return stored.then(() => readCredential(this.#deps, row.id));
  }

  async #untilStored(store: () => Promise<boolean>, credential: number): Promise<void> {
    const { timings, log } = this.#deps;
    for (;;) {
      try {
        // Not stored means that the row has newer tokens: somebody reconnected, or a lost commit was none.
        await store();
        return;
      } catch (error) {
        log.error({ err: error, credential }, 'new tokens could not be stored yet; they are kept and stored again');
        await pause(timings.storeAgainMs);
      }
    }
  }

  #keepWhenItComes(row: StoredCredential, call: Promise<TokenSet>): void {
    const late = call
      .then((tokens) => this.#keep(row, tokens))
      .catch((error: unknown) => this.#deps.log.warn({ err: error, credential: row.id }, 'a late refresh failed'));
    this.#storing.add(late);
    void late.finally(() => this.#storing.delete(late));
  }

  async #afterError(row: StoredCredential, error: unknown): Promise<StoredCredential> {
    const { db, clock, timings, log } = this.#deps;
    const held = { id: row.id, version: row.version, owner: this.#owner };
    const kind = error instanceof RemoteError ? error.kind : 'temporary';
    if (kind === 'reconnect') return this.#afterRefusal(row, error);
    if (kind === 'rate-limited' || kind === 'misconfigured' || kind === 'refused') {
      await passRefreshLease(db.knex, held, null);
      throw error;
    }
    log.warn(
      { err: error, credential: row.id },
      'the answer to a refresh did not come; the same token is tried once more',
    );
    const [least, most] = timings.lostAnswerMs;
    const until = clock.now() + Math.round(least + (this.#deps.random ?? systemRandom)() * (most - least));
    await passRefreshLease(db.knex, held, { owner: answerLost, until });
    throw this.#later(until, error);
  }

  /** The grant was refused: if other tokens have come meanwhile it was only the old one that is dead. */
  async #afterRefusal(row: StoredCredential, error: unknown): Promise<StoredCredential> {
    if (await giveUpGrant(this.#deps, row.id, row.version)) throw error;
    const now = await readCredential(this.#deps, row.id);
    if (now.state === 'reconnect-needed') throw error;
    return now;
  }

  #later(retryAt: number, cause?: unknown): RemoteError {
    const explanation = cause instanceof RemoteError ? cause.explanation : waiting(this.#deps.t);
    return new RemoteError({ kind: 'temporary', explanation, retryAt });
  }
}

/** @throws NotFoundError */
export async function readCredential(deps: Pick<RefreshDeps, 'db' | 't'>, id: number): Promise<StoredCredential> {
  const row = await selectCredential(deps.db.knex, id);
  if (row === undefined) throw new NotFoundError(deps.t('credentials:notFound'));
  return row;
}

/** @returns whether the credential went from valid to reconnect-needed by this call */
export async function giveUpGrant(
  { db, clock }: Pick<RefreshDeps, 'db' | 'clock'>,
  id: number,
  version?: number,
): Promise<boolean> {
  return db.transaction(async (sql) => {
    if (!(await markReconnectNeeded(sql, id, version))) return false;
    const channels = await selectChannelsOf(sql, id);
    const events = channels.map((channel) => ({
      ...({ teamId: channel.teamId, actorId: null, subject: 'channel', subjectId: channel.id } as const),
      ...{ kind: 'channel.reconnect-needed', facts: {} },
    }));
    await insertEvents(sql, events, clock.now());
    return true;
  });
}

export function reconnectNeeded(t: Translate): RemoteError {
  return explained(t, { kind: 'reconnect', code: 'reconnect_needed', who: 'team' });
}

function appIsGone(t: Translate): RemoteError {
  return explained(t, { kind: 'misconfigured', code: 'app_replaced', who: 'admin' });
}

function waiting(t: Translate) {
  return explained(t, { kind: 'temporary', code: 'refresh_pending', who: 'network' }).explanation;
}

export function explained(
  t: Translate,
  { kind, code, who }: Pick<RemoteError, 'kind'> & Pick<RemoteError['explanation'], 'code' | 'who'>,
): RemoteError {
  const sentence = t(`credentials:${code}.sentence`);
  return new RemoteError({ kind, explanation: { sentence, who, nextStep: t(`credentials:${code}.nextStep`), code } });
}

class LateAnswer extends Error {}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new LateAnswer('The refresh took too long.')), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
