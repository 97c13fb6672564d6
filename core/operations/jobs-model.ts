import type { Translate } from '#plugin-api';
import { redactText } from '../log/redact.ts';
import { recurringKey } from '../queue/recurring.ts';
import { type JobState, jobStates, type ListedJob } from './job-list.ts';
import { countedUpTo, type JobCounts, type WorkerFacts } from './snapshot.ts';

/** Whoever reads the page. */
export interface Reader {
  readonly t: Translate;
  readonly locale: string;
}

interface TabFacts {
  readonly counts: JobCounts;
  readonly state: JobState;
  readonly isOfOneKind: boolean;
  readonly hrefOf: (state: JobState) => string;
}

/** The counts are of all kinds, so a list of one kind is shown without them. */
export function stateTabs(reader: Reader, { counts, state, isOfOneKind, hrefOf }: TabFacts) {
  return jobStates.map((one) => ({
    label: reader.t(`jobs:state.${one}`),
    href: hrefOf(one),
    count: isOfOneKind ? null : countInWords(reader, counts[one]),
    isCurrent: one === state,
  }));
}

/** “214”, “10,000+”. */
export function countInWords({ t, locale }: Reader, count: number): string {
  const numbers = new Intl.NumberFormat(locale);
  return count > countedUpTo ? t('jobs:more', { count: numbers.format(countedUpTo) }) : numbers.format(count);
}

interface RowContext {
  readonly workers: readonly WorkerFacts[];
  /** The teams the reader is in. */
  readonly teamIds: ReadonlySet<number>;
  readonly at: number;
}

export function jobRows(jobs: readonly ListedJob[], { workers, teamIds, at }: RowContext) {
  const byId = new Map(workers.map((worker) => [worker.id, worker]));
  return jobs.map(({ delivery, worker, acts, ...job }) => {
    const runner = worker === null ? undefined : byId.get(worker);
    return {
      ...job,
      // Whoever wrote it took care already; an admin's page is read by more people than a database.
      lastError: job.lastError === null ? null : redactText(job.lastError),
      isUpkeep: job.key === recurringKey,
      isLate: job.state === 'waiting' && job.runAt <= at,
      delivery: delivery && {
        ...delivery,
        href: teamIds.has(delivery.teamId) ? `/team/${delivery.teamId}/posts/${delivery.postId}` : null,
      },
      worker: runner === undefined ? null : `${runner.host} ${runner.pid}`,
      retryAction: acts.includes('retry') ? `/admin/jobs/${job.id}/retry` : null,
      discardAction: acts.includes('discard') ? `/admin/jobs/${job.id}/discarding` : null,
    };
  });
}
