import type { Attempt, Explanation, Step, TimelineEntry, Translate } from '#plugin-api';
import type { ChunkPlan } from './api/chunks.ts';
import type { Failure } from './api/replies.ts';
import type { ErrorBook, OwnCode } from './errors.ts';
import type { PrivacyLevel } from './post-options.ts';
import type { Progress, Uploading } from './progress.ts';
import type { Timings } from './timings.ts';

/** All that a decision depends on besides TikTok's answer. */
export interface Situation {
  readonly progress: Progress | 'none';
  /** TikTok's publish_id. */
  readonly reference: string | null;
  readonly pointOfNoReturnAt: number | null;
  readonly attemptStartedAt: number;
  readonly earlier: Attempt['earlier'];
  readonly privacy: PrivacyLevel | null;
  readonly scopes: readonly string[];
  readonly now: number;
  /** From 0 to 1: spreads repeats. */
  readonly jitter: number;
  /** This process. */
  readonly writer: string;
}

/** What decisions are made with; all of it pure. */
export interface Rules {
  readonly errors: ErrorBook;
  readonly t: Translate;
  readonly timings: Timings;
}

export function line(rules: Rules, key: string, facts: Omit<TimelineEntry, 'sentence'> = {}): readonly TimelineEntry[] {
  return [{ sentence: rules.t(`tiktok:timeline.${key}`), ...facts }];
}

/** The small print of a failed call. */
export function printOf(failure: Failure): Omit<TimelineEntry, 'sentence'> {
  return {
    call: failure.call,
    code: failure.code,
    ...(failure.logId === undefined ? {} : { logId: failure.logId }),
  };
}

export function logIdOf(reply: { readonly logId?: string | undefined }): { readonly logId?: string } {
  return reply.logId === undefined ? {} : { logId: reply.logId };
}

/** TikTok refused before anything was posted. @throws RemoteError where the call may be made again or the team must reconnect */
export function actOnRefusal(rules: Rules, s: Situation, failure: Failure): Step {
  const { errors, timings } = rules;
  const { code, kind } = errors.meaning(failure);
  if (code === 'spam_risk_too_many_posts' || code === 'reached_active_user_cap') {
    const because = {
      ...errors.own(code === 'reached_active_user_cap' ? 'quota_users' : 'quota_posts', logIdOf(failure)),
    };
    return { kind: 'wait', hold: 'quota', at: s.now + timings.quotaAgain, because: { ...because, code: failure.code } };
  }
  if (code === 'scope_not_authorized' && s.scopes.includes('video.publish')) {
    const because = errors.explain({ ...failure, code: 'scope_refused' });
    return failed({ ...because, code: failure.code });
  }
  if (code === 'privacy_level_option_mismatch') return attention(errors.explain(failure), false);
  if (kind === 'refused' || kind === 'misconfigured' || kind === 'outcome-unknown')
    return failed(errors.explain(failure));
  throw errors.remoteError(failure, kind === 'rate-limited' ? afterRateLimit(rules, s) : undefined);
}

/** A sliding minute has passed by then; spread, so that not all come back at once. */
export function afterRateLimit(rules: Rules, s: Situation): number {
  return s.now + Math.round(rules.timings.rateLimited * (1 + s.jitter));
}

/** Answers that tell nothing of whether the call was carried out. */
export function saysNothing(rules: Rules, failure: Failure): boolean {
  if (failure.status === null || failure.status >= 500) return true;
  return rules.errors.meaning(failure).code === 'unreadable_answer';
}

/** Full jitter, so that repeats after a common fault spread out. */
export function retryDelay(rules: Rules, s: Situation, tries: number): number {
  const { putRetryBase, putRetryMost } = rules.timings;
  return Math.round(s.jitter * Math.min(putRetryMost, putRetryBase * 2 ** tries));
}

/** Gives a provably dead attempt up. The third within an hour waits: something is wrong for longer, and inits are few. */
export function startOver(rules: Rules, s: Situation, plan: { reason: string; delay: number; key?: string }): Step {
  const { restartLimit, restartWindow, restartRest } = rules.timings;
  const given = s.earlier.filter((a) => a.outcome === 'superseded' && s.now - a.startedAt < restartWindow);
  const starts = [...given.map((attempt) => attempt.startedAt), s.attemptStartedAt];
  const soonest = s.now + plan.delay;
  const at = starts.length < restartLimit ? soonest : Math.max(soonest, Math.min(...starts) + restartRest);
  return { kind: 'start-over', reason: plan.reason, at, timeline: line(rules, plan.key ?? 'expired') };
}

/** The link's hour is over before the last piece was sent: nothing is posted. A third time in a row it never will be. */
export function expired(rules: Rules, s: Situation): Step {
  const before = s.earlier.filter((attempt) => attempt.reason === 'url_expired').length;
  if (before >= 2) return failed(rules.errors.own('upload_too_slow'));
  return startOver(rules, s, { reason: 'url_expired', delay: 0 });
}

export function failed(because: Explanation): Step {
  return { kind: 'failed', because };
}

export function attention(because: Explanation, mayBePosted: boolean): Step {
  return { kind: 'needs-attention', because, mayBePosted };
}

/** A person must look: TikTok's answer is kept as the small print of our own sentence. */
export function attentionAfter(rules: Rules, code: OwnCode, failure: Failure): Step {
  return attention(rules.errors.own(code, logIdOf(failure)), true);
}

/** Notes how far the upload is and when it goes on. */
export function goOn(upload: Uploading, parts: { at: number; timeline?: readonly TimelineEntry[] }): Step {
  return {
    kind: 'continue',
    stage: 'publishing',
    percent: percentOf(upload, upload.offset),
    progress: upload,
    ...parts,
  };
}

export function percentOf(plan: { readonly plan: ChunkPlan }, offset: number): number {
  return Math.floor((offset * 100) / plan.plan.size);
}
