import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Lock, Locker, RequestRelease } from '@tus/server';
import type { Clock, Log } from '#plugin-api';
import type { UploadLease, UploadStore } from './upload-store.ts';
import type { Uploader } from './upload.ts';

interface LockParts {
  /** Who asks: what belongs to anybody else is neither held nor wanted, and looks like nothing. */
  readonly owner: Uploader;
  readonly store: UploadStore;
  /** The database's: processes on several hosts share the lock. */
  readonly clock: Clock;
  readonly log: Log;
}

/** After the death of a process its uploads are free again after so long. */
const leaseMs = 10_000;
/** How often a holder looks whether it is wanted; every third look makes its time longer. */
const lookMs = 1_000;
const looksForRenewal = 3;
/** How often, and how many times, a request asks for an upload that another one holds: twenty seconds. */
const askMs = 250;
const mostAsks = 80;

/** An answer in the words of tus, which knows an error by these two properties. */
export class TusRefusal extends Error {
  readonly status_code: number;
  readonly body: string;

  constructor({ status_code: status, body }: { readonly status_code: number; readonly body: string }) {
    super(body);
    this.status_code = status;
    this.body = body;
  }
}

/** Another request holds the upload, or took it over. tus-js-client asks again after a while. */
export const locked = { status_code: 423, body: 'Another request works on this upload\n' };

/**
 * The lock of one request, in the upload's row: processes on one disk share it. Whoever waits has the holder told, which
 * is most often a dead connection of the same browser that this process has not noticed yet.
 */
export class RequestLock implements Locker {
  readonly #parts: LockParts;
  readonly #token = randomBytes(16).toString('hex');
  #heldUntil = 0;
  #watching: NodeJS.Timeout | undefined;

  constructor(parts: LockParts) {
    this.#parts = parts;
  }

  /** Asked before every byte that is written: a process that stood still must not write under another's lock. */
  isHeld(): boolean {
    return this.#parts.clock.now() < this.#heldUntil;
  }

  leaseOf(id: string): UploadLease {
    return { id, token: this.#token, owner: this.#parts.owner };
  }

  newLock(id: string): Lock {
    return { lock: (signal, release) => this.#lock(id, { signal, release }), unlock: () => this.#unlock(id) };
  }

  async #lock(id: string, request: { signal: AbortSignal; release: RequestRelease }): Promise<void> {
    const { store, owner } = this.#parts;
    for (let asked = 0; asked < mostAsks; asked += 1) {
      if (request.signal.aborted) throw new TusRefusal(locked);
      if (await this.#take(id)) {
        this.#watch(id, request.release);
        return;
      }
      // An upload that is just being made has no row yet; an unknown one, or somebody else's, never will.
      if ((await store.find(owner, id)) === undefined) return;
      if (asked % 4 === 0) await store.want(owner, id);
      await pause(askMs);
    }
    throw new TusRefusal(locked);
  }

  async #take(id: string): Promise<boolean> {
    const times = this.#times();
    const isTaken = await this.#parts.store.takeLock(this.leaseOf(id), times);
    if (isTaken) this.#heldUntil = times.until;
    return isTaken;
  }

  #watch(id: string, release: RequestRelease): void {
    let looks = 0;
    const look = async (): Promise<void> => {
      looks += 1;
      const isWanted = await this.#look(id, looks % looksForRenewal === 0);
      if (isWanted !== false) await release();
      if (this.#watching !== undefined && isWanted !== undefined) again();
    };
    const again = (): void => {
      this.#watching = setTimeout(() => void look(), lookMs).unref();
    };
    again();
  }

  /** @returns undefined when the upload is lost: somebody discarded it, or took it over */
  async #look(id: string, isRenewal: boolean): Promise<boolean | undefined> {
    const { store, log } = this.#parts;
    try {
      if (isRenewal) await this.#renew(id);
      const isWanted = await store.isWanted(this.leaseOf(id));
      if (isWanted === undefined) this.#heldUntil = 0;
      return isWanted;
    } catch (error) {
      log.warn({ err: error, upload: id }, 'the lock of an upload could not be looked at; it ends unless it can soon');
      return false;
    }
  }

  async #renew(id: string): Promise<void> {
    const times = this.#times();
    this.#heldUntil = (await this.#parts.store.renewLock(this.leaseOf(id), times)) ? times.until : 0;
  }

  async #unlock(id: string): Promise<void> {
    clearTimeout(this.#watching);
    this.#watching = undefined;
    if (this.#heldUntil === 0) return;
    this.#heldUntil = 0;
    const { store, clock, log } = this.#parts;
    await store
      .releaseLock(this.leaseOf(id), clock.now())
      .catch((error: unknown) => log.warn({ err: error, upload: id }, 'the lock of an upload ends by itself'));
  }

  #times() {
    const now = this.#parts.clock.now();
    return { now, until: now + leaseMs };
  }
}
