import { type Explanation, RemoteError } from '#plugin-api';
import { equalJitter, fullJitter, type Random } from '../queue/backoff.ts';
import type { Timings } from '../timings.ts';

/** Ends and waits that core itself explains; see `core/locales/en/deliveries.json`. */
export type CoreReason =
  | 'software_error'
  | 'status_unresolved'
  | 'missed_window'
  | 'not_approved'
  | 'poison'
  | 'channel_disconnected'
  | 'too_many_attempts'
  | 'account_switched'
  | 'unreadable';

export interface RetrySituation {
  readonly now: number;
  readonly dueAt: number;
  readonly graceMs: number;
  readonly pointOfNoReturnAt: number | null;
  /** Past it: when a person last asked to look again. */
  readonly askedAgainAt?: number;
  /** The channel has another access since the attempt began: nobody will connect that one again. */
  readonly isAccessReplaced?: boolean;
  /** Errors in a row before this one. */
  readonly failures: number;
  /** Those of them that nobody explains. */
  readonly unexplained?: number;
  readonly timings: Timings;
  readonly random: Random;
}

export type RetryDecision =
  | {
      readonly next: 'again';
      readonly at: number;
      readonly failures: number;
      readonly unexplained?: number;
      readonly hold: 'reconnect' | 'quota' | null;
      readonly because: Explanation | CoreReason;
    }
  | { readonly next: 'failed'; readonly because: Explanation | CoreReason }
  | {
      readonly next: 'needs-attention';
      readonly because: Explanation | CoreReason;
      readonly mayBePosted: boolean;
    };

/** An error that no plugin explains is a bug, or a disk that does not read: it gets this many tries. */
export const unexplainedTries = 10;
/** Waiting longer than this for a limit is shown as a hold. */
const shownWaitMs = 10 * 60_000;

/**
 * What follows from an error of `advance`. Before the point of no return nothing has been published, so the post may
 * be tried again within its budget of time; after it every try only looks, and nothing may be called failed unless the
 * plugin returned that as a step.
 */
export function decideRetry(error: unknown, situation: RetrySituation): RetryDecision {
  if (!(error instanceof RemoteError)) return afterUnexplained(situation);
  if (error.notSent) return again(error, situation, { wait: 0, failures: situation.failures });
  switch (error.kind) {
    case 'temporary':
      return again(error, situation, {
        wait: fullJitter(situation.failures + 1, situation.timings, situation.random),
        failures: situation.failures + 1,
      });
    case 'rate-limited':
      return again(error, situation, {
        wait: equalJitter(situation.timings.rateLimitMs, situation.random),
        failures: situation.failures,
      });
    case 'reconnect':
      return untilReconnected(error, situation);
    case 'misconfigured':
      return afterMisconfigured(error, situation);
    case 'refused':
      return isCommitted(situation) ? unknown(error.explanation) : { next: 'failed', because: error.explanation };
    case 'outcome-unknown':
      return unknown(error.explanation);
  }
}

/** When the machine stops trying: due time and grace, or once committed the time in which an outcome is looked for. */
export function budgetEndsAt(situation: {
  readonly dueAt: number;
  readonly graceMs: number;
  readonly pointOfNoReturnAt: number | null;
  readonly askedAgainAt?: number;
  readonly timings: Timings;
}): number {
  const { dueAt, graceMs, pointOfNoReturnAt, askedAgainAt = 0, timings } = situation;
  if (pointOfNoReturnAt === null) return dueAt + graceMs;
  return Math.max(pointOfNoReturnAt, askedAgainAt) + timings.unresolvedMs;
}

function isCommitted(situation: RetrySituation): boolean {
  return situation.pointOfNoReturnAt !== null;
}

function unknown(because: Explanation | CoreReason): RetryDecision {
  return { next: 'needs-attention', because, mayBePosted: true };
}

function again(
  error: RemoteError,
  situation: RetrySituation,
  { wait, failures }: { readonly wait: number; readonly failures: number },
): RetryDecision {
  const soonest = Math.max(error.retryAt ?? 0, situation.now + wait);
  const isOver = soonest > budgetEndsAt(situation);
  if (isOver && isCommitted(situation)) return unknown('status_unresolved');
  // Too late to be tried once more: when the grace ends, a person is asked whether it should still go out.
  const at = isOver ? afterBudget(situation) : soonest;
  const isLong = error.kind === 'rate-limited' && at - situation.now > shownWaitMs;
  return { next: 'again', at, failures, hold: isLong ? 'quota' : null, because: error.explanation };
}

function afterBudget(situation: RetrySituation): number {
  return Math.max(budgetEndsAt(situation), situation.now) + 1;
}

/**
 * Parked, not failed: reconnecting wakes it, the end of the budget ends it. It is looked at in between all the same: a
 * network may refuse an access that is good, and nobody connects anew what works again.
 */
function untilReconnected(error: RemoteError, situation: RetrySituation): RetryDecision {
  if (isCommitted(situation) && situation.isAccessReplaced === true) return unknown('account_switched');
  if (isCommitted(situation) && situation.now > budgetEndsAt(situation)) return unknown(error.explanation);
  return {
    next: 'again',
    at: Math.min(afterBudget(situation), situation.now + situation.timings.refusedLookMs),
    failures: situation.failures,
    hold: 'reconnect',
    because: error.explanation,
  };
}

/** The app was refused, which says nothing about a post that is already with the network. */
function afterMisconfigured(error: RemoteError, situation: RetrySituation): RetryDecision {
  if (!isCommitted(situation)) return { next: 'failed', because: error.explanation };
  return again(error, situation, { wait: situation.timings.backoffCapMs, failures: situation.failures + 1 });
}

function afterUnexplained(situation: RetrySituation): RetryDecision {
  const failures = situation.failures + 1;
  // What was noted before the delivery last got on is over.
  const unexplained = Math.min(situation.unexplained ?? 0, situation.failures) + 1;
  const at = situation.now + fullJitter(failures, situation.timings, situation.random);
  if (unexplained >= unexplainedTries || at > budgetEndsAt(situation)) {
    return isCommitted(situation) ? unknown('software_error') : { next: 'failed', because: 'software_error' };
  }
  return { next: 'again', at, failures, unexplained, hold: null, because: 'software_error' };
}
