import type { Claim, HeldClaim } from './claim-store.ts';

interface Running {
  readonly claim: Claim;
  readonly controller: AbortController;
  readonly end: Promise<void>;
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

  /** @param work is called at once with the signal that aborts it; `ended` when it is over, however it ended */
  start(claim: Claim, work: (signal: AbortSignal) => Promise<void>, ended: () => void): void {
    const controller = new AbortController();
    const entry: Running = {
      claim,
      controller,
      end: work(controller.signal).finally(() => {
        this.#running.delete(entry);
        ended();
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
