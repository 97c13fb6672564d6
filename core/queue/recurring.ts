import type { Clock } from '#plugin-api';
import { type Random, systemRandom } from './backoff.ts';
import type { JobHandler, JobQueue } from './job-queue.ts';

/** Work of the installation that comes back by itself: one job in the queue, so one worker at a time does it. */
export interface RecurringWork {
  readonly kind: string;
  readonly everyMs: number;
  /** @returns true when more is waiting: it runs again at once */
  run(signal: AbortSignal): Promise<boolean>;
}

/** Nothing else has this key: it is about no record. */
export const recurringKey = 'all';

/** The handler of recurring work. An error is tried again sooner, like that of any job. */
export function recurringHandler(work: RecurringWork, deps: { clock: Clock; random?: Random }): JobHandler {
  return {
    kind: work.kind,
    whenItKeepsFailing: 'rests',
    async run(job) {
      const hasMore = await work.run(job.signal);
      const at = deps.clock.now() + (hasMore ? 0 : spread(work.everyMs, deps.random));
      return { kind: 'again', at };
    },
  };
}

/** Puts the work into the queue where it is not yet; to be called at each start of a worker. */
export async function seedRecurring(queue: JobQueue, work: readonly RecurringWork[], now: number): Promise<void> {
  for (const { kind } of work) await queue.seed({ kind, key: recurringKey, payload: {}, runAt: now });
}

/** Nine to eleven tenths of the interval: what started together drifts apart. */
export function spread(everyMs: number, random: Random = systemRandom): number {
  return Math.round(everyMs * (0.9 + 0.2 * random()));
}
