import type { Database } from '../db/database.ts';
import type { Random } from './backoff.ts';
import { type Claim, takeJobs } from './claim-store.ts';
import { selectCrowd, selectFirstWaiting, type WaitingJob } from './due-store.ts';
import { FairTurns } from './fair-turns.ts';

export interface Demand {
  readonly owner: string;
  /** Only as many as there are free slots: a claimed job that waits is late. */
  readonly free: number;
  /** Running jobs by lane. */
  readonly held: ReadonlyMap<number, number>;
  /** See Hand. */
  readonly mostSuspects: number;
  readonly now: number;
  readonly leaseUntil: number;
}

export interface Supply {
  readonly claims: readonly Claim[];
  /** When the next job is due; undefined when none is known. */
  readonly nextDueAt: number | undefined;
  /** Something is due, but another worker is taking it at this moment. */
  readonly wasTaken: boolean;
  /** Nothing else can be claimed before `nextDueAt` or the end of a running job. */
  readonly isAll: boolean;
}

/** How many rows a look at a crowd reads of each part. */
const oldestPerSlot = 4;
const newest = 10;
const channels = 250;
/** At most this often one look walks over channels as well: that is its dear part. */
const walkEveryMs = 50;

/**
 * What one worker claims. While everything that is due fits into the free slots it is simply taken; when it does not,
 * channels take turns. The cost of a claim does not grow with what waits or what is due.
 */
export class DueJobs {
  readonly #db: Database;
  readonly #slots: number;
  readonly #random: Random;
  readonly #turns: FairTurns;
  /** Due jobs that an earlier walk met: each channel's first. */
  readonly #heads = new Map<number, WaitingJob>();
  #isCrowded = false;
  #afterChannel = 0;
  #walkedAt = Number.NEGATIVE_INFINITY;
  #wasTaken = false;

  constructor(db: Database, { slots, random }: { readonly slots: number; readonly random: Random }) {
    this.#db = db;
    this.#slots = slots;
    this.#random = random;
    this.#turns = new FairTurns(slots);
  }

  async claim(demand: Demand): Promise<Supply> {
    return this.#isCrowded ? this.#claimFromCrowd(demand) : this.#claimAll(demand);
  }

  async #claimAll(demand: Demand): Promise<Supply> {
    const waiting = await selectFirstWaiting(this.#db, demand.free + 1);
    const due = waiting.filter((job) => job.runAt <= demand.now);
    if (due.length > demand.free) {
      this.#isCrowded = true;
      return this.#claimFromCrowd(demand);
    }
    return this.#take(demand, { due, nextDueAt: waiting.find((job) => job.runAt > demand.now)?.runAt });
  }

  async #claimFromCrowd(demand: Demand): Promise<Supply> {
    const { now } = demand;
    const walks = now - this.#walkedAt >= walkEveryMs || now < this.#walkedAt;
    const afterChannel = walks ? this.#afterChannel : undefined;
    const crowd = await selectCrowd(this.#db, {
      now,
      oldest: this.#slots * oldestPerSlot,
      newest,
      channels,
      afterChannel,
    });
    if (walks) {
      this.#walkedAt = now;
      this.#afterChannel = crowd.nextChannel;
      for (const job of crowd.heads) this.#heads.set(job.lane, job);
    }
    const oldest = crowd.oldest.filter((job) => job.runAt <= now);
    if (oldest.length <= demand.free) this.#disperse();
    const due = [...oldest, ...crowd.newest, ...this.#heads.values()];
    return this.#take(demand, { due, nextDueAt: crowd.nextDueAt });
  }

  async #take(
    demand: Demand,
    { due, nextDueAt }: { readonly due: readonly WaitingJob[]; readonly nextDueAt: number | undefined },
  ): Promise<Supply> {
    const { free, held, mostSuspects } = demand;
    const hand = { free, held, mostSuspects };
    const chosen = this.#turns.choose(due, { ...hand, ...(this.#wasTaken ? { shuffle: this.#random } : {}) });
    for (const job of chosen) if (this.#heads.get(job.lane)?.id === job.id) this.#heads.delete(job.lane);
    const claims = await takeJobs(this.#db, { ...demand, ids: chosen.map((job) => job.id) });
    this.#wasTaken = claims.length < chosen.length;
    if (!this.#isCrowded) this.#turns.forget();
    const isAll = claims.length === 0 || (!this.#isCrowded && !this.#wasTaken);
    const wasTaken = this.#wasTaken && claims.length === 0;
    return { claims, nextDueAt: this.#walksOn() ? demand.now + walkEveryMs : nextDueAt, wasTaken, isAll };
  }

  /** There are channels that the walk has not come to yet. */
  #walksOn(): boolean {
    return this.#isCrowded && this.#afterChannel > 0;
  }

  #disperse(): void {
    this.#isCrowded = false;
    this.#heads.clear();
  }
}
