import { deadlyClaims } from '../queue/deadly-claims.ts';
import type { ClaimedJob } from '../queue/job-queue.ts';
import type { Timings } from '../timings.ts';
import { budgetEndsAt, type CoreReason } from './decide-retry.ts';
import type { PublishPayload } from './publish-payload.ts';
import type { PublishingWork } from './publishing-store.ts';

/** What may be done with a claimed delivery now. */
export type Passage =
  | { readonly pass: 'publish'; readonly dueAt: number }
  | { readonly pass: 'look-for-link' }
  /** It waits for a person, and the network has called: one look. */
  | { readonly pass: 'late-look' }
  /** Nothing is left to do. */
  | { readonly pass: 'done' }
  | { readonly pass: 'later'; readonly at: number }
  | { readonly pass: 'failed'; readonly because: CoreReason }
  | { readonly pass: 'needs-attention'; readonly because: CoreReason; readonly mayBePosted: boolean };

interface Standing {
  readonly work: PublishingWork;
  readonly job: Pick<ClaimedJob, 'deaths'>;
  /** What people did about it since it was scheduled. */
  readonly since: Pick<PublishPayload, 'retriedAt' | 'attemptsBefore' | 'askedAgainAt' | 'isLateLook'>;
  readonly now: number;
  readonly timings: Timings;
}

/** Plugins end their looks themselves; this catches what never came to its end. */
const unresolvedMarginMs = 3_600_000;
/** Since it was scheduled, or a person had it tried again. */
const mostAttempts = 100;

/** Asked before each step, under the claim. Pure. */
export function passGate(standing: Standing): Passage {
  const { work, job } = standing;
  if (work.state === 'published') return { pass: work.linkPending ? 'look-for-link' : 'done' };
  const committedAt = work.attempt?.pointOfNoReturnAt ?? null;
  if (work.state === 'needs-attention') return { pass: mayLookLate(standing, committedAt) ? 'late-look' : 'done' };
  if (work.state !== 'scheduled' && work.state !== 'publishing' && work.state !== 'processing') return { pass: 'done' };
  if (job.deaths > deadlyClaims) {
    return { pass: 'needs-attention', because: 'poison', mayBePosted: committedAt !== null };
  }
  return committedAt === null ? beforeCommitment(standing) : afterCommitment(standing, committedAt);
}

function mayLookLate({ since, job }: Standing, committedAt: number | null): boolean {
  return since.isLateLook && committedAt !== null && job.deaths <= deadlyClaims;
}

function beforeCommitment({ work, since, now, timings }: Standing): Passage {
  // Never early, whoever woke it.
  if (work.dueAt === null) return { pass: 'done' };
  if (now < work.dueAt) return { pass: 'later', at: work.dueAt };
  const dueAt = Math.max(work.dueAt, since.retriedAt);
  const endsAt = budgetEndsAt({ dueAt, graceMs: work.graceMs, pointOfNoReturnAt: null, timings });
  if (now > endsAt) {
    const because = work.needsApproval ? 'not_approved' : 'missed_window';
    return { pass: 'needs-attention', because, mayBePosted: false };
  }
  if (work.isDisconnected) return { pass: 'failed', because: 'channel_disconnected' };
  // The only door: what nobody has approved is not begun, whoever woke it. Approving brings it forward.
  if (work.needsApproval) return { pass: 'later', at: endsAt + 1 };
  // Resuming wakes it; the grace counts.
  if (work.isPaused) return { pass: 'later', at: endsAt + 1 };
  if (work.lastAttemptN - since.attemptsBefore > mostAttempts) return { pass: 'failed', because: 'too_many_attempts' };
  return { pass: 'publish', dueAt };
}

function afterCommitment({ work, since, now, timings }: Standing, committedAt: number): Passage {
  const lookedForSince = Math.max(committedAt, since.askedAgainAt);
  if (now > lookedForSince + timings.unresolvedMs + unresolvedMarginMs) {
    return { pass: 'needs-attention', because: 'status_unresolved', mayBePosted: true };
  }
  return { pass: 'publish', dueAt: work.dueAt ?? committedAt };
}
