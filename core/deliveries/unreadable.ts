import { z } from 'zod';
import type { ClaimedJob, JobOutcome } from '../queue/job-queue.ts';
import { unexplainedTries } from './decide-retry.ts';
import type { PublishRoom } from './publishing-context.ts';
import { loadReadableWork, type ReadableWork } from './readable-work-store.ts';
import { type Verdict, verdictOfDecision } from './verdict.ts';

/** A row's text that is not what was written there: trying again does not help, but somebody may put it right. */
export function staysUnreadable(error: unknown, { failures }: Pick<ClaimedJob, 'failures'>): boolean {
  return error instanceof z.ZodError && failures + 1 >= unexplainedTries;
}

/** Ends what cannot be read, so that people see it; whatever has its end already keeps it. */
export async function endUnreadable(deps: PublishRoom, job: ClaimedJob): Promise<JobOutcome> {
  const work = await loadReadableWork(deps.db.knex, Number(job.key));
  if (work === undefined) return { kind: 'done' };
  await deps.together.store({ job, work, attemptN: work.attempt?.n ?? null, verdict: verdictOf(deps, work) });
  return { kind: 'stored' };
}

const nothing: Verdict = { job: { kind: 'finish' }, delivery: {}, attempt: {}, events: [] };

function verdictOf(deps: PublishRoom, { state, hold, attempt }: ReadableWork): Verdict {
  if (state === 'published') return { ...nothing, delivery: { linkPending: false } };
  if (state !== 'scheduled' && state !== 'publishing' && state !== 'processing') return nothing;
  const pointOfNoReturnAt = attempt?.pointOfNoReturnAt ?? null;
  const now = deps.clock.now();
  const times = { now, budgetEndsAt: now, firstLinkLookMs: 0 };
  const because = 'unreadable';
  return verdictOfDecision(
    pointOfNoReturnAt === null ? { next: 'failed', because } : { next: 'needs-attention', because, mayBePosted: true },
    { ...times, state, hold, pointOfNoReturnAt, t: deps.t },
  );
}
