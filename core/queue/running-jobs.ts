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
}

interface Course {
  /** Aborts it. */
  readonly signal: AbortSignal;
  /** See ClaimedJob. */
  pieceDone(): void;
}

export interface Plan {
  readonly times: Times;
  readonly work: (course: Course) => Promise<void>;
  /** Its slot is free: it is over, or its time was up and it did not end. */
  readonly freed: (how: 'ended' | 'left') => void;
}

/** What one worker is doing now. A job may be in it twice for a moment: claimed again while its old run is aborting. */
export class RunningJobs {
  readonly #running = new Set<Running>();

  get size(): number {
    return this.#running.size;
  }

  get ids(): readonly number[] {
    return [...this.#running].map((entry) => entry.claim.id);
  }

  /** How many run for each channel; 0 = for none. */
  get lanes(): ReadonlyMap<number, number> {
    const lanes = new Map<number, number>();
    for (const { claim } of this.#running) lanes.set(claim.lane, (lanes.get(claim.lane) ?? 0) + 1);
    return lanes;
  }

  /** Whether one runs that may be what killed its workers. */
  get hasSuspect(): boolean {
    return [...this.#running].some((entry) => entry.isSuspect);
  }

  start(claim: Claim, { times, work, freed }: Plan): void {
    const controller = new AbortController();
    const free = (how: 'ended' | 'left'): void => {
      if (this.#running.delete(entry)) freed(how);
    };
    const budget = new TimeBudget(times, {
      isUp: () => controller.abort(new TimeIsUp()),
      isOver: () => free('left'),
    });
    const pieceDone = (): void => {
      entry.isSuspect = false;
      budget.restart();
    };
    const end = Promise.resolve().then(() => work({ signal: controller.signal, pieceDone }));
    const entry: Running = {
      ...{ claim, controller, budget, isSuspect: claim.deaths >= deadlyClaims },
      end: end.finally(() => {
        budget.end();
        free('ended');
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
