import type { Clock, Log } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { Timings } from '../timings.ts';
import { releaseJobsOf } from './claim-store.ts';
import { isOver, type Place, type ProcessMark } from './place.ts';
import { deleteWorker, type WorkerTrace } from './worker-store.ts';

interface NeighbourDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timings: Pick<Timings, 'deathLookMs' | 'beatAgainMs'>;
  readonly log: Log;
  /** The worker whose neighbours they are. */
  readonly id: string;
  /** null = unknown: then it has none. */
  readonly place: Place | null;
  /** Told after jobs were given back. */
  readonly whenFreed: () => void;
}

interface Neighbour extends ProcessMark {
  readonly id: string;
}

/**
 * The workers in other processes of the same place, whose deaths can be seen: what one of them held waits again at once,
 * and not only when its lease has ended. Looking costs no statement.
 */
export class Neighbours {
  readonly #deps: NeighbourDeps;
  #known: readonly Neighbour[] = [];
  /** Dead, and given back once. */
  #buried: readonly Neighbour[] = [];
  #timer: NodeJS.Timeout | undefined;
  #burying: Promise<void> | undefined;
  #restUntil = 0;
  #hasLeft = false;

  constructor(deps: NeighbourDeps) {
    this.#deps = deps;
  }

  /** Takes note of all workers there are, and looks at once whether each of them lives. */
  async meet(workers: readonly WorkerTrace[]): Promise<void> {
    const { place, id, timings } = this.#deps;
    if (place === null || this.#hasLeft) return;
    this.#known = workers.flatMap(({ place: its, ...worker }) =>
      worker.id !== id && its?.name === place.name ? [{ ...worker, began: its.began }] : [],
    );
    if (this.#known.length === 0) this.#rest();
    else this.#timer ??= setInterval(() => void this.#look(), timings.deathLookMs).unref();
    await this.#lookAfterBuried();
    await this.#look();
  }

  /** Looks no more; resolves when what has begun is stored. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    this.#rest();
    await this.#burying;
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Never throws: there is a next look. */
  #look(): Promise<void> {
    if (this.#burying !== undefined) return this.#burying;
    if (performance.now() < this.#restUntil) return Promise.resolve();
    const dead = this.#known.filter(isOver);
    if (dead.length === 0) return Promise.resolve();
    this.#burying = this.#bury(dead).finally(() => (this.#burying = undefined));
    return this.#burying;
  }

  async #bury(dead: readonly Neighbour[]): Promise<void> {
    const { log, timings, whenFreed } = this.#deps;
    try {
      for (const worker of dead) await this.#giveBack(worker);
      this.#known = this.#known.filter((worker) => !dead.includes(worker));
      this.#buried = [...this.#buried, ...dead];
      whenFreed();
    } catch (error) {
      this.#restUntil = performance.now() + timings.beatAgainMs;
      log.warn({ err: error }, 'the jobs of a dead worker could not be given back yet');
    }
  }

  /** Once more: a claim that it had sent may have been committed only after what it held was given back. */
  async #lookAfterBuried(): Promise<void> {
    const buried = this.#buried;
    for (const worker of buried) await this.#giveBack(worker);
    this.#buried = this.#buried.filter((worker) => !buried.includes(worker));
  }

  async #giveBack({ id, pid }: Neighbour): Promise<void> {
    const { db, clock, log } = this.#deps;
    const { jobs, rows } = await db.transaction(async (sql) => {
      const jobs = await releaseJobsOf(sql, { owner: id, now: clock.now() });
      return { jobs, rows: await deleteWorker(sql, id) };
    });
    // Otherwise another neighbour was faster.
    if (jobs + rows > 0) log.warn({ worker: id, pid, jobs }, 'a worker of this machine died: its jobs wait again');
  }
}
