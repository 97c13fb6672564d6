import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock, Json, Log } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { Timings } from '../timings.ts';
import { type Random, systemRandom } from './backoff.ts';
import { type Claim, renewLeases, rescueExpiredJobs, selectHeldClaims } from './claim-store.ts';
import { DueJobs } from './due-jobs.ts';
import type { JobHandler, JobQueue } from './job-queue.ts';
import { claimedJob, runJob } from './job-runner.ts';
import { Neighbours } from './neighbours.ts';
import { type Place, readPlace } from './place.ts';
import { RunningJobs } from './running-jobs.ts';
import { deleteWorker, lookAround, upsertWorker } from './worker-store.ts';

export interface WorkerDeps {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly handlers: readonly JobHandler[];
  readonly clock: Clock;
  readonly timings: Timings;
  readonly log: Log;
  /** How many jobs run at once; 10 unless said. */
  readonly slots?: number;
  readonly random?: Random;
  /** Asked at the start and at each heartbeat: how far this host's clock is from the database's, in ms. */
  readonly measureClock?: () => Promise<number>;
  /** Told with each heartbeat beside the worker's own facts; the admin's page shows them. */
  readonly facts?: () => { readonly [key: string]: Json };
  /** Where this process runs, null = unknown; asked of the system unless said. */
  readonly place?: Place | null;
}

/** Claims what is due, runs it and stores how it ended. Any number of them share one database. */
export interface Worker {
  readonly id: string;
  start(): Promise<void>;
  /** No new claims at once; running jobs end or are handed back at the next border; resolves within `stopMs`. */
  stop(): Promise<void>;
}

export function createWorker(deps: WorkerDeps): Worker {
  return new QueueWorker(deps);
}

const longestTimerMs = 2 ** 31 - 1;

class QueueWorker implements Worker {
  readonly id: string = randomUUID();
  readonly #deps: WorkerDeps;
  readonly #slots: number;
  readonly #handlers: ReadonlyMap<string, JobHandler>;
  readonly #running: RunningJobs;
  readonly #due: DueJobs;
  readonly #place: Place | null;
  readonly #neighbours: Neighbours;
  #phase: 'new' | 'working' | 'stopping' | 'stopped' = 'new';
  #startedAt = 0;
  #lookTimer: NodeJS.Timeout | undefined;
  #beatTimer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #rescuedAt = Number.NEGATIVE_INFINITY;
  /** How long ago the last heartbeat succeeded; 0 until the next one is due. */
  #unrenewedMs = 0;
  #clockIsWrong = false;
  #forgetSignal: () => void = () => undefined;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#slots = deps.slots ?? 10;
    this.#running = new RunningJobs(this.#slots);
    this.#due = new DueJobs(deps.db, { slots: this.#slots, random: deps.random ?? systemRandom });
    this.#handlers = new Map(deps.handlers.map((handler) => [handler.kind, handler]));
    this.#place = deps.place === undefined ? readPlace() : deps.place;
    const whenFreed = (): void => this.#look();
    this.#neighbours = new Neighbours({ ...deps, id: this.id, place: this.#place, whenFreed });
  }

  async start(): Promise<void> {
    if (this.#phase !== 'new') throw new Error('A worker starts once.');
    this.#startedAt = this.#deps.clock.now();
    this.#beating = this.#beat();
    await this.#beating;
    this.#phase = 'working';
    this.#forgetSignal = this.#deps.queue.onEnqueue(() => this.#look());
    this.#look();
  }

  async stop(): Promise<void> {
    const { timings, db, log } = this.#deps;
    if (this.#phase !== 'working') return;
    const endsAt = performance.now() + timings.stopMs;
    this.#phase = 'stopping';
    this.#forgetSignal();
    clearTimeout(this.#lookTimer);
    await this.#looking;
    await this.#neighbours.leave();
    await this.#running.settled(timings.stopAbortMs);
    this.#running.abortAll('The worker is stopping.');
    await this.#running.settled(timings.stopMs - timings.stopAbortMs);
    this.#phase = 'stopped';
    clearTimeout(this.#beatTimer);
    if (this.#running.size > 0)
      log.warn({ jobs: this.#running.ids }, 'jobs were left behind; their leases end by themselves');
    // Its row would come back after it.
    await within(Math.max(0, endsAt - performance.now()), this.#beating).catch((error: unknown) =>
      log.warn({ err: error }, 'the last heartbeat of this worker did not end'),
    );
    await deleteWorker(db.knex, this.id).catch((error: unknown) =>
      log.warn({ err: error }, 'the row of this worker could not be removed'),
    );
  }

  /** Looks for due jobs now; asked while looking, it looks once more afterwards. */
  #look(): void {
    if (this.#phase !== 'working') return;
    if (this.#looking !== undefined) {
      this.#lookAgain = true;
      return;
    }
    clearTimeout(this.#lookTimer);
    this.#looking = this.#claimUntilIdle().then((waitMs) => {
      this.#looking = undefined;
      const again = this.#lookAgain;
      this.#lookAgain = false;
      if (again) this.#look();
      else if (waitMs !== undefined) this.#lookIn(waitMs);
    });
  }

  #lookIn(waitMs: number): void {
    if (this.#phase !== 'working') return;
    // A timer may fire a moment early: the look that follows finds nothing due and sets the rest of the time.
    this.#lookTimer = setTimeout(() => this.#look(), Math.min(Math.max(1, waitMs), longestTimerMs));
  }

  /** @returns how long to wait before the next look; undefined while the end of a running job will bring it */
  async #claimUntilIdle(): Promise<number | undefined> {
    const { timings, log } = this.#deps;
    try {
      if (this.#isCutOff || this.#clockIsWrong) return timings.idlePollMs;
      await this.#rescue();
      return await this.#claimDue();
    } catch (error) {
      log.error({ err: error }, 'looking for due jobs failed');
      return timings.idlePollMs;
    }
  }

  async #claimDue(): Promise<number | undefined> {
    const { clock, timings } = this.#deps;
    for (;;) {
      const free = this.#running.freeSlots;
      if (free <= 0 || this.#phase !== 'working') return undefined;
      const now = clock.now();
      const leaseUntil = now + timings.leaseMs;
      const supply = await this.#due.claim({ owner: this.id, free, ...this.#hand(), now, leaseUntil });
      for (const claim of supply.claims) this.#run(claim);
      if (supply.wasTaken) return timings.contendedMs;
      if (supply.isAll) return Math.min((supply.nextDueAt ?? Infinity) - clock.now(), timings.idlePollMs);
    }
  }

  #hand() {
    return { held: this.#running.lanes, mostSuspects: this.#running.hasSuspect ? 0 : 1 };
  }

  #run(claim: Claim): void {
    const { timings, log } = this.#deps;
    const deps = { ...this.#deps, handlers: this.#handlers, random: this.#deps.random ?? systemRandom };
    const isStopping = (): boolean => this.#phase !== 'working';
    const budgetMs = this.#handlers.get(claim.kind)?.budgetMs ?? timings.jobBudgetMs;
    this.#running.start(claim, {
      times: { budgetMs, graceMs: timings.budgetGraceMs },
      work: (course) => runJob(deps, claimedJob(claim, { worker: this.id, isStopping, ...course })),
      lookAgain: () => this.#look(),
      // Its lease ends by itself; whoever claims it then knows that this claim died.
      left: () => log.error({ job: claim.id, kind: claim.kind }, 'a job did not end when its time was up'),
    });
  }

  /** At the start before anything is claimed, and then from time to time: what others left behind, and who they are. */
  async #rescue(): Promise<void> {
    const { db, clock, timings, log } = this.#deps;
    const now = clock.now();
    if (now - this.#rescuedAt < timings.rescueMs) return;
    this.#rescuedAt = now;
    const { expired, workers } = await lookAround(db.knex, now);
    await this.#neighbours.meet(workers);
    const rescued = await rescueExpiredJobs(db.knex, expired, now);
    if (rescued > 0) log.warn({ jobs: rescued }, 'leases had ended: their jobs wait again');
  }

  /**
   * On its own timer, whatever the jobs do. One that failed is tried again soon; when two in a row are missing, what runs
   * is aborted and nothing new is claimed until one succeeds.
   */
  async #beat(): Promise<void> {
    const { timings, log } = this.#deps;
    const begunAt = performance.now();
    try {
      await within(timings.heartbeatMs, this.#renew());
      this.#unrenewedMs = 0;
    } catch (error) {
      this.#unrenewedMs += performance.now() - begunAt;
      log.error({ err: error }, 'a heartbeat failed');
      if (this.#isCutOff) this.#running.abortAll('Two heartbeats failed.');
    }
    if (this.#phase === 'stopped') return;
    const { heartbeatMs, beatAgainMs } = timings;
    const waitMs = this.#unrenewedMs === 0 ? heartbeatMs : Math.min(heartbeatMs, beatAgainMs);
    this.#beatTimer = setTimeout(() => {
      this.#unrenewedMs += waitMs;
      this.#beating = this.#beat();
    }, waitMs);
  }

  /** Two heartbeats are missing. */
  get #isCutOff(): boolean {
    return this.#unrenewedMs >= 2 * this.#deps.timings.heartbeatMs;
  }

  async #renew(): Promise<void> {
    const { db, clock, timings } = this.#deps;
    await this.#measureClock();
    // Given up while it measured: the row is gone by now.
    if (this.#phase === 'stopped') return;
    const now = clock.now();
    const ids = this.#running.ids;
    await upsertWorker(db.knex, {
      id: this.id,
      host: hostname().slice(0, 120),
      pid: process.pid,
      startedAt: this.#startedAt,
      seenAt: now,
      facts: { ...this.#deps.facts?.(), slots: this.#slots, running: this.#slots - this.#running.freeSlots },
      place: this.#place,
    });
    if (ids.length === 0) return;
    const held = await renewLeases(db.knex, { owner: this.id, ids, until: now + timings.leaseMs });
    if (held < ids.length) this.#running.abortLost(await selectHeldClaims(db.knex, this.id));
  }

  async #measureClock(): Promise<void> {
    const { measureClock, timings, log } = this.#deps;
    if (measureClock === undefined) return;
    const offsetMs = await measureClock();
    this.#clockIsWrong = Math.abs(offsetMs) > timings.clockOffsetMs;
    if (this.#clockIsWrong) {
      log.error(
        { offsetMs },
        "this host's clock differs from the database's by over a minute: set it; nothing is claimed",
      );
    }
  }
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${limitMs} ms.`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
