import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connector, type Log, type PluginSettings, RemoteError, type TokenSet, type Translate } from '#plugin-api';
import { NotFoundError } from '../errors.ts';
import type { Vault } from '../keys/vault.ts';
import { type Random, systemRandom } from '../queue/backoff.ts';
import type { Timings } from '../timings.ts';
import {
  answerLost,
  noteRefreshFailure,
  passRefreshLease,
  replaceTokens,
  selectCredential,
  type StoredCredential,
  takeRefreshLease,
} from './credential-store.ts';
import { type GiveUpDeps, giveUpGrant } from './give-up-grant.ts';
import { answerWasLost, appIsGone, reconnectNeeded, stillRefreshing } from './refresh-errors.ts';
import { openTokens, sealTokens } from './token-box.ts';

interface Network {
  readonly parts: { readonly connector: Connector };
  readonly settings: Pick<PluginSettings, 'findByAppKey'>;
}

export interface RefreshDeps extends GiveUpDeps {
  readonly timings: Timings;
  readonly vault: Vault;
  /** What tokens need of a `PluginRegistry`. */
  readonly registry: { get(plugin: string): Network; find(plugin: string): Network | undefined };
  readonly t: Translate;
  readonly log: Log;
  readonly random?: Random;
}

type Call = () => Promise<TokenSet>;

/**
 * Refresh tokens are single-use: one call at a time per credential over all processes (the row's lease), one promise
 * inside a process, and both new tokens are stored before either is used.
 */
export class TokenRefresh {
  readonly #deps: RefreshDeps;
  readonly #owner: string = randomUUID();
  readonly #inFlight = new Map<number, Promise<StoredCredential>>();
  /** Calls that have begun and are not stored yet. */
  readonly #open = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(deps: RefreshDeps) {
    this.#deps = deps;
  }

  /** @returns the credential as soon as its tokens are newer than `stale`. @throws RemoteError */
  refresh(stale: StoredCredential): Promise<StoredCredential> {
    const running = this.#inFlight.get(stale.id);
    // One that was begun for older tokens may end with the very ones that are stale now.
    if (running !== undefined) return running.then((row) => (row.version > stale.version ? row : this.refresh(stale)));
    const begun = this.#refreshOverProcesses(stale).finally(() => this.#inFlight.delete(stale.id));
    this.#inFlight.set(stale.id, begun);
    return begun;
  }

  /** Begins no call any more. @returns once none is between the network and its row */
  async stop(): Promise<void> {
    this.#isStopping = true;
    while (this.#open.size > 0) await Promise.allSettled([...this.#open]);
  }

  async #refreshOverProcesses(stale: StoredCredential): Promise<StoredCredential> {
    const { clock, timings, t } = this.#deps;
    const looks = Math.ceil(timings.refreshWaitMs / timings.refreshPollMs);
    for (let look = 0; look < looks; look += 1) {
      const row = await readCredential(this.#deps, stale.id);
      if (row.state === 'reconnect-needed') throw reconnectNeeded(t);
      if (row.version !== stale.version) return row;
      if (this.#isStopping) break;
      const isHeld = row.refreshUntil !== null && row.refreshUntil > clock.now();
      if (isHeld && row.refreshOwner === answerLost) throw stillRefreshing(t, row.refreshUntil);
      const fresh = isHeld ? undefined : await this.#tryAlone(row);
      if (fresh !== undefined) return fresh;
      await pause(timings.refreshPollMs);
    }
    throw stillRefreshing(t, clock.now() + timings.refreshPollMs);
  }

  /** @returns undefined when somebody else was faster */
  async #tryAlone(row: StoredCredential): Promise<StoredCredential | undefined> {
    const { db, clock, timings } = this.#deps;
    if (row.refreshOwner !== null && row.refreshOwner !== answerLost) return this.#takeFromTheDead(row);
    // Whatever takes its time comes before the lease, which is for the call and its storing alone.
    const call = await this.#prepare(row);
    const now = clock.now();
    const lease = { id: row.id, version: row.version, owner: this.#owner, now, until: now + timings.refreshLeaseMs };
    // In a transaction, which runs again after a deadlock: with few rows MariaDB finds the row by the index of states,
    // and so locks in the other order than whoever is just storing tokens in it.
    if (!(await db.transaction((sql) => takeRefreshLease(sql, lease)))) return undefined;
    const isTooLate = clock.now() + timings.refreshCallMs > lease.until;
    if (isTooLate || this.#isStopping) {
      await this.#handBack(row);
      return undefined;
    }
    return this.#track(this.#callAndStore(row, call));
  }

  /**
   * A lease ended and neither tokens nor an error were stored: its process died, or is storing what came while the
   * database was away. Whether the network has replaced the tokens is unknown, as after a lost answer.
   */
  async #takeFromTheDead(row: StoredCredential): Promise<undefined> {
    const { t, log } = this.#deps;
    const until = this.#afterLostAnswer();
    if (!(await this.#pass(row, { from: row.refreshOwner, to: { owner: answerLost, until } }))) return undefined;
    log.warn({ credential: row.id }, 'a refresh came to no end; the same token is tried once more');
    throw stillRefreshing(t, until);
  }

  async #prepare(row: StoredCredential): Promise<Call> {
    const { registry, vault, t } = this.#deps;
    const { parts, settings } = registry.get(row.plugin);
    const set = await settings.findByAppKey(row.appKey);
    if (set === undefined) throw appIsGone(t);
    const tokens = openTokens(vault, row);
    return async () => parts.connector.refresh({ set, tokens });
  }

  async #callAndStore(row: StoredCredential, call: Call): Promise<StoredCredential> {
    const answer = call();
    try {
      const tokens = await within(this.#deps.timings.refreshCallMs, answer);
      await this.#store(row, tokens);
    } catch (error) {
      if (error instanceof LateAnswer) this.#storeWhenItComes(row, answer);
      return this.#afterError(row, error);
    }
    return readCredential(this.#deps, row.id);
  }

  /** Both tokens are stored before first use. While the database is away they exist only here: asks until it is back. */
  async #store(row: StoredCredential, tokens: TokenSet): Promise<void> {
    const { db, vault, clock, timings, log } = this.#deps;
    const sealed = { ...sealTokens(vault, row, tokens), now: clock.now() };
    for (;;) {
      try {
        // Not stored means that the row has newer tokens: somebody reconnected, or a lost commit was none.
        await replaceTokens(db.knex, row, sealed);
        return;
      } catch (error) {
        const facts = { err: error, credential: row.id };
        log.error(facts, 'new tokens could not be stored yet; they are kept and stored again');
        await pause(timings.storeAgainMs);
      }
    }
  }

  #storeWhenItComes(row: StoredCredential, answer: Promise<TokenSet>): void {
    const { log } = this.#deps;
    const late = answer.then((tokens) => this.#store(row, tokens));
    void this.#track(late).catch((error: unknown) => {
      log.warn({ err: error, credential: row.id }, 'a late refresh failed');
    });
  }

  async #afterError(row: StoredCredential, error: unknown): Promise<StoredCredential> {
    const { t, log } = this.#deps;
    const kind = error instanceof RemoteError ? error.kind : 'temporary';
    const wasNotSent = error instanceof RemoteError && error.notSent;
    if (!wasNotSent) await this.#noteFailure(row, error);
    if (kind === 'reconnect') return this.#afterRefusal(row, error);
    if (wasNotSent || kind === 'rate-limited' || kind === 'misconfigured' || kind === 'refused') {
      await this.#handBack(row);
      throw error;
    }
    log.warn(
      { err: error, credential: row.id },
      'the answer to a refresh did not come; the same token is tried once more',
    );
    const until = this.#afterLostAnswer();
    await this.#pass(row, { from: this.#owner, to: { owner: answerLost, until } });
    throw stillRefreshing(t, until, error);
  }

  /** For the page of connections; that it cannot be noted changes nothing about the refresh. */
  async #noteFailure(row: StoredCredential, error: unknown): Promise<void> {
    const { db, clock, log } = this.#deps;
    const code = error instanceof RemoteError ? error.explanation.code : 'no_answer';
    try {
      await db.transaction((sql) => noteRefreshFailure(sql, row, { at: clock.now(), code }));
    } catch (failure) {
      log.warn({ err: failure, credential: row.id }, 'a failed refresh could not be noted');
    }
  }

  /** The grant was refused: if other tokens have come meanwhile it was only the old one that is dead. */
  async #afterRefusal(row: StoredCredential, error: unknown): Promise<StoredCredential> {
    const { t, log } = this.#deps;
    const { id, version, plugin } = row;
    const reason = row.refreshOwner === answerLost ? 'answer-lost' : 'refused';
    if (await giveUpGrant(this.#deps, { id, version, reason })) {
      if (reason === 'refused') throw error;
      log.error(
        { credential: id, plugin, reason },
        'an access is lost: the network has very likely renewed it in an answer that never reached us',
      );
      throw answerWasLost(t);
    }
    const now = await readCredential(this.#deps, id);
    if (now.state === 'reconnect-needed') throw error;
    return now;
  }

  /** Nothing was refreshed. That an earlier answer was lost stays written down. */
  async #handBack(row: StoredCredential): Promise<void> {
    const before = row.refreshOwner === answerLost ? { owner: answerLost, until: this.#deps.clock.now() } : null;
    await this.#pass(row, { from: this.#owner, to: before });
  }

  /** In a transaction, which runs again after a deadlock, like the taking. @returns whether it was held by `from` */
  async #pass(
    { id, version }: StoredCredential,
    { from, to }: { readonly from: string | null; readonly to: Parameters<typeof passRefreshLease>[2] },
  ): Promise<boolean> {
    if (from === null) return false;
    return this.#deps.db.transaction((sql) => passRefreshLease(sql, { id, version, owner: from }, to));
  }

  #afterLostAnswer(): number {
    const { clock, timings, random = systemRandom } = this.#deps;
    const [least, most] = timings.lostAnswerMs;
    return clock.now() + Math.round(least + random() * (most - least));
  }

  /** Out of the set before anybody hears of its end: `stop` would turn around it without end. */
  #track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.#open.delete(tracked));
    this.#open.add(tracked);
    return tracked;
  }
}

/** @throws NotFoundError */
export async function readCredential(deps: Pick<RefreshDeps, 'db' | 't'>, id: number): Promise<StoredCredential> {
  const row = await selectCredential(deps.db.knex, id);
  if (row === undefined) throw new NotFoundError(deps.t('credentials:notFound'));
  return row;
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
