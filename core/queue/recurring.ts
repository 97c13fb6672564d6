import type { Clock, Log } from '#plugin-api';
import { type Random, systemRandom } from './backoff.ts';
import type { JobHandler, JobQueue } from './job-queue.ts';

/**
 * Work of the installation that comes back by itself. While there is something to do it is one job in the queue, so one
 * worker at a time does it; otherwise it is nothing but a look from time to time.
 */
export interface RecurringWork {
  readonly kind: string;
  /** How often each worker looks. */
  readonly everyMs: number;
  /** Whether there is something to do. Only reads: an idle installation writes nothing. */
  isDue(): Promise<boolean>;
  /** @returns true when more is waiting: it runs again at once */
  run(signal: AbortSignal): Promise<boolean>;
}

/** Nothing else has this key: it is about no record. */
export const recurringKey = 'all';

/** The handler of recurring work. An error is tried again, like that of any job. */
export function recurringHandler(work: RecurringWork, { clock }: { readonly clock: Clock }): JobHandler {
  return {
    kind: work.kind,
    whenItKeepsFailing: 'rests',
    async run(job) {
      const hasMore = await work.run(job.signal);
      return hasMore ? { kind: 'again', at: clock.now() } : { kind: 'done' };
    },
  };
}

interface WatchDeps {
  readonly queue: Pick<JobQueue, 'seed'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
}

/** Looks at once and then again and again, until it is stopped, and puts into the queue what has something to do. */
export function watchRecurring(works: readonly RecurringWork[], deps: WatchDeps): { stop(): Promise<void> } {
  const watches = works.map((work) => watch(work, deps));
  return {
    stop: async () => {
      await Promise.all(watches.map((end) => end()));
    },
  };
}

function watch(work: RecurringWork, deps: WatchDeps): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let looking = Promise.resolve();
  const look = (): void => {
    looking = seedWhenDue(work, deps).then(() => {
      if (!isStopped) timer = setTimeout(look, spread(work.everyMs, deps.random));
    });
  };
  look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    return looking;
  };
}

/** Never throws: there is a next look. */
export async function seedWhenDue(work: RecurringWork, { queue, clock, log }: WatchDeps): Promise<void> {
  try {
    if (!(await work.isDue())) return;
    await queue.seed({ kind: work.kind, key: recurringKey, payload: {}, runAt: clock.now() });
  } catch (error) {
    log.error({ err: error, kind: work.kind }, 'looking whether recurring work has something to do failed');
  }
}

/** Nine to eleven tenths of the interval: what started together drifts apart. */
export function spread(everyMs: number, random: Random = systemRandom): number {
  return Math.round(everyMs * (0.9 + 0.2 * random()));
}
