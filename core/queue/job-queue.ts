import type { Clock, Json } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { bringForward, closeJob, insertIfAbsent, upsertJob } from './job-store.ts';

export interface NewJob {
  readonly kind: string;
  /** What the job is about, e.g. a delivery's number. The same kind and key exists once. */
  readonly key: string;
  readonly payload: Json;
  /** UTC milliseconds. */
  readonly runAt: number;
}

export interface JobQueue {
  /**
   * A new or finished job waits from now on; a waiting one takes the new payload and the earlier of the two times; a
   * running one is left to its worker.
   */
  enqueue(job: NewJob, sql?: Sql): Promise<void>;
  /** Only if no job of this kind and key exists in any state. */
  seed(job: NewJob, sql?: Sql): Promise<void>;
  /** Brings a waiting job forward to now. */
  wake(kind: string, key: string, sql?: Sql): Promise<void>;
  /** Nobody runs it from now on: a worker that still holds it has lost it. */
  remove(kind: string, key: string, sql?: Sql): Promise<void>;
  /** Told in this process after each enqueue and wake, once the transaction is committed. @returns stops telling */
  onEnqueue(listener: () => void): () => void;
  /** To be called by whoever changes `run_at` in a transaction of its own. */
  signal(sql?: Sql): void;
}

/** What a worker hands to a handler. */
export interface ClaimedJob {
  readonly id: number;
  readonly kind: string;
  readonly key: string;
  readonly payload: Json;
  readonly runAt: number;
  /** Whoever holds an older number has lost: every save asks for this one. */
  readonly fence: number;
  /** This claim included: claims in a row whose process may have died. */
  readonly deaths: number;
  /** Errors in a row that were decided on. */
  readonly failures: number;
  readonly worker: string;
  /** Aborted when the process must stop now or the claim is lost. */
  readonly signal: AbortSignal;
  /** Asked to stop soon: hand back at the next border of a step. */
  isStopping(): boolean;
}

export type JobOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly at: number; readonly payload?: Json }
  /** The handler has stored under the fence what becomes of the job, or has found out that it lost it. */
  | { readonly kind: 'stored' };

export interface JobHandler {
  readonly kind: string;
  /** A thrown error is counted and tried again after a growing wait. */
  run(job: ClaimedJob): Promise<JobOutcome>;
}

export function createJobQueue(deps: { readonly db: Database; readonly clock: Clock }): JobQueue {
  const { db, clock } = deps;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const signal = (sql?: Sql): void => afterCommit(sql, tell);
  return {
    async enqueue(job, sql = db.knex) {
      await upsertJob(sql, job, clock.now());
      signal(sql);
    },
    async seed(job, sql = db.knex) {
      await insertIfAbsent(sql, job, clock.now());
      signal(sql);
    },
    async wake(kind, key, sql = db.knex) {
      await bringForward(sql, { kind, keys: [key] }, clock.now());
      signal(sql);
    },
    remove: (kind, key, sql = db.knex) => closeJob(sql, { kind, key }, clock.now()),
    onEnqueue(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signal,
  };
}

function afterCommit(sql: Sql | undefined, tell: () => void): void {
  const committed = sql !== undefined && sql.isTransaction === true ? executionOf(sql) : undefined;
  if (committed === undefined) {
    tell();
    return;
  }
  // A transaction that is rolled back has nothing to tell.
  committed.then(tell, () => undefined);
}

function executionOf(sql: Sql): Promise<unknown> | undefined {
  const found: unknown = Reflect.get(sql, 'executionPromise');
  return found instanceof Promise ? found : undefined;
}
