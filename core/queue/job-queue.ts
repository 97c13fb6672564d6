import type { Clock } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { bringForward, closeJob, finishIdleJob, isLive, restartIdleJob, upsertJob } from './job-store.ts';
import type { NewJob } from './job.ts';

export type * from './job.ts';

export interface JobQueue {
  /**
   * A new or finished job waits from now on; a waiting one takes the new payload and the earlier of the two times; a
   * running one is left to its worker.
   */
  enqueue(job: NewJob, sql?: Sql): Promise<void>;
  /** Unless a job of this kind and key waits or runs already. Looks first, and writes only then. */
  seed(job: NewJob, sql?: Sql): Promise<void>;
  /** Brings a waiting job forward to now; a running one comes back at once when its worker would let it wait. */
  wake(kind: string, key: string, sql?: Sql): Promise<void>;
  /** Nobody runs it from now on: a worker that still holds it has lost it. */
  remove(kind: string, key: string, sql?: Sql): Promise<void>;
  /**
   * Runs a job that failed or waits now, from its beginning. Not for deliveries: theirs are decided at their post.
   * @returns false when it is running or finished
   */
  retryJob(id: number, sql?: Sql): Promise<boolean>;
  /** Lets a job that failed or waits be; its row goes with those of finished jobs. @returns false as retryJob */
  discardJob(id: number, sql?: Sql): Promise<boolean>;
  /** Told in this process after each enqueue and wake, once the transaction is committed. @returns stops telling */
  onEnqueue(listener: () => void): () => void;
  /** To be called by whoever changes `run_at` in a transaction of its own. */
  signal(sql?: Sql): void;
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
      if (await isLive(sql, job)) return;
      await upsertJob(sql, job, clock.now());
      signal(sql);
    },
    async wake(kind, key, sql = db.knex) {
      await bringForward(sql, { kind, keys: [key] }, clock.now());
      signal(sql);
    },
    remove: (kind, key, sql = db.knex) => closeJob(sql, { kind, key }, clock.now()),
    async retryJob(id, sql = db.knex) {
      const isRestarted = await restartIdleJob(sql, id, clock.now());
      signal(sql);
      return isRestarted;
    },
    discardJob: (id, sql = db.knex) => finishIdleJob(sql, id, clock.now()),
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
