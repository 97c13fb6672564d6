import type { Claim, HeldClaim } from './claim-store.ts';
import { deadlyClaims } from './deadly-claims.ts';
import { TimeBudget, type Times, TimeIsUp } from './time-budget.ts';

interface Running {
  readonly claim: Claim;
  readonly controller: AbortController;
  readonly budget: TimeBudget;
  readonly end: Promise<void>;
  /** Its earlier claims died, and this one has stored nothing yet. */
  isSuspect: boolean;
  /** Only its end is being stored: its slot is free. */
  isEnding: boolean;
}

interface Course {
  /** Aborts it. */
  readonly signal: AbortSignal;
  /** See ClaimedJob. */
  pieceDone(): void;
  /** See ClaimedJob. */
  freeSlot(): void;
}

export interface Plan {
  readonly times: Times;
  readonly work: (course: Course) => Promise<void>;
  /** Its slot is free, or it is over and what it has stored may be due. */
  readonly lookAgain: () => void;
  /** Its time was up and it did not end. */
  readonly left: () => void;
}

/** What one worker is doing now. A job may be in it twice for a moment: claimed again while its old run is aborting. */
export class RunningJobs {
  readonly #running = new Set<Running>();
  readonly #slots: number;

  /** @param slots how many may work at once; as many again may be storing their end */
  constructor(slots: number) {
    this.#slots = slots;
  }

  get size(): number {
    return this.#running.size;
  }

  get freeSlots(): number {
    return this.#slots - this.#working.length;
  }

  get #working(): readonly Running[] {
    return [...this.#running].filter((entry) => !entry.isEnding);
  }

  get ids(): readonly number[] {
    return [...this.#running].map((entry) => entry.claim.id);
  }

  /** How many work for each channel; 0 = for none. */
  get lanes(): ReadonlyMap<number, number> {
    const lanes = new Map<number, number>();
    for (const { claim } of this.#working) lanes.set(claim.lane, (lanes.get(claim.lane) ?? 0) + 1);
    return lanes;
  }

  /** Whether one runs that may be what killed its workers. */
  get hasSuspect(): boolean {
    return [...this.#running].some((entry) => entry.isSuspect);
  }

  start(claim: Claim, { times, work, lookAgain, left }: Plan): void {
    const controller = new AbortController();
    const remove = (): boolean => {
      const wasThere = this.#running.delete(entry);
      if (wasThere) lookAgain();
      return wasThere;
    };
    const budget = new TimeBudget(times, {
      isUp: () => controller.abort(new TimeIsUp()),
      isOver: () => {
        if (remove()) left();
      },
    });
    const pieceDone = (): void => {
      entry.isSuspect = false;
      budget.restart();
    };
    const freeSlot = (): void => {
      if (entry.isEnding || this.#running.size - this.#working.length >= this.#slots) return;
      entry.isEnding = true;
      lookAgain();
    };
    const end = Promise.resolve().then(() => work({ signal: controller.signal, pieceDone, freeSlot }));
    const entry: Running = {
      ...{ claim, controller, budget, isSuspect: claim.deaths >= deadlyClaims, isEnding: false },
      end: end.finally(() => {
        budget.end();
        remove();
      }),
    };
    this.#running.add(entry);
  }

  abortAll(reason: string): void {
    for (const entry of this.#running) entry.controller.abort(new Error(reason));
  }

  /** Aborts what this worker does not hold any more. */
  abortLost(held: readonly HeldClaim[]): void {
    const fences = new Map(held.map((claim) => [claim.id, claim.fence]));
    for (const { claim, controller } of this.#running) {
      if (fences.get(claim.id) !== claim.fence) controller.abort(new Error('The claim was lost.'));
    }
  }

  /** Resolves when nothing runs, or after the given time. */
  async settled(withinMs: number): Promise<void> {
    const all = Promise.allSettled([...this.#running].map((entry) => entry.end));
    await Promise.race([all, afterMs(withinMs)]);
  }
}

function afterMs(waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, waitMs).unref();
  });
}
