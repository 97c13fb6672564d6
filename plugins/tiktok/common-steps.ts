import type { Explanation, Step } from '#plugin-api';
import { presentable } from './api/read-answer.ts';
import type { Failure, PublishStatus, Success } from './api/replies.ts';
import type { LookAnswer, NoRoom, PhotoLookAnswer } from './situation.ts';
import type { Rules, Situation } from './situation.ts';
import * as parts from './step-parts.ts';
import { attention, attentionAfter, failed, isForeign, logIdOf, saysNothing, startOver } from './step-parts.ts';
import * as times from './step-times.ts';

// Decisions that videos and photos share; pure, as all of them.

export function afterUnreadable(rules: Rules, s: Situation): Step {
  if (s.pointOfNoReturnAt === null) return startOver(rules, s, { reason: 'progress_unreadable' });
  return attention(rules.errors.own('progress_unreadable'), true);
}

export function afterNoRoom(rules: Rules, s: Situation, { at, because }: NoRoom): Step {
  return parts.waitFor(rules, s, { at, because: rules.errors.own(`room_${because}`) });
}

/** What keeps it from being posted now; undefined where nothing does. @throws RemoteError */
export function lookProblem(rules: Rules, s: Situation, looked: LookAnswer | PhotoLookAnswer): Step | undefined {
  const { reply, problems, file } = looked;
  if (!reply.ok) return refused(rules, s, reply);
  if (file !== 'right') return failed(rules.errors.own(file === 'missing' ? 'media_missing' : 'media_changed'));
  const about = (kind: 'content' | 'options'): string =>
    problems.flatMap((problem) => (problem.about === kind ? [problem.message] : [])).join(' ');
  if (about('content') !== '') return failed(rules.errors.own('media_unfit', { detail: about('content') }));
  if (about('options') === '') return undefined;
  return attention(rules.errors.own('options_changed', { detail: about('options'), ...logIdOf(reply) }), false);
}

/** The profile's or the app's cap, in our words with TikTok's code. */
export function capReached({ errors }: Rules, failure: Failure): Explanation {
  const isOfApp = errors.meaning(failure).code === 'reached_active_user_cap';
  return { ...errors.own(isOfApp ? 'quota_users' : 'quota_posts', logIdOf(failure)), code: failure.code };
}

/** TikTok refused before anything was posted. @throws RemoteError where the call may be made again or the team must reconnect */
export function refused(rules: Rules, s: Situation, failure: Failure): Step {
  const { errors } = rules;
  const { code, kind } = errors.meaning(failure);
  if (code === 'spam_risk_too_many_posts' || code === 'reached_active_user_cap') {
    return parts.waitFor(rules, s, { at: times.afterCap(rules, s), because: capReached(rules, failure) });
  }
  if (code === 'scope_not_authorized' && s.scopes.includes('video.publish')) {
    return failed({ ...errors.explain({ ...failure, code: 'scope_refused' }), code: failure.code });
  }
  if (code === 'privacy_level_option_mismatch') return attention(errors.explain(failure), false);
  if (kind === 'refused' || kind === 'misconfigured' || kind === 'outcome-unknown')
    return failed(errors.explain(failure));
  throw errors.remoteError(failure, kind === 'rate-limited' ? times.afterRateLimit(rules, s) : undefined);
}

/**
 * Past the point of no return a status that was not told says nothing of the post.
 * @returns the end where the question can have no answer any more; else `ask-again`, not before `at` @throws RemoteError
 */
export function unansweredStatus(
  rules: Rules,
  s: Situation,
  reply: Failure,
): Step | { readonly kind: 'ask-again'; readonly at: number } {
  const { code, kind } = rules.errors.meaning(reply);
  if (isForeign(rules, reply)) {
    return attentionAfter(rules, code === 'invalid_publish_id' ? 'status_unknown' : 'account_switched', reply);
  }
  const grantsStatus = ['video.publish', 'video.upload'].some((scope) => s.scopes.includes(scope));
  if (kind === 'reconnect' && !(code === 'scope_not_authorized' && grantsStatus)) throw rules.errors.remoteError(reply);
  // A code that nobody knows may mean anything; TikTok's own "internal_error" and a gateway's 404 say no more than a 500.
  const isPassing = (kind === 'temporary' && code !== 'unknown') || code === 'unsupported_path';
  const passes = saysNothing(rules, reply) || isPassing || kind === 'rate-limited' || kind === 'reconnect';
  if (!passes) return attention(rules.errors.explain(reply), true);
  return { kind: 'ask-again', at: kind === 'rate-limited' ? times.afterRateLimit(rules, s) : 0 };
}

/** What is worth one more try of each kind: TikTok's own fault, and photos that it could not fetch. */
const worthOnceMore = { video: ['internal'], photos: ['internal', 'photo_pull_failed'] } as const;

/** FAILED proves that nothing was posted. */
export function publishFailed(rules: Rules, s: Situation, reply: Success<PublishStatus>): Step {
  const code = presentable(reply.value.failReason) || 'unknown';
  const reason = worthOnceMore[s.photos === undefined ? 'video' : 'photos'].find((one) => one === code);
  const wasOnce = s.earlier.some((attempt) => attempt.reason === code);
  if (reason !== undefined && !wasOnce && s.askedAgainAt === undefined) {
    const print = { call: 'status/fetch', code, ...logIdOf(reply) };
    return startOver(rules, s, { reason, delay: times.internalDelay(rules, s), print });
  }
  // The host tells of the end in the timeline, with TikTok's reason: a line of our own would say it twice.
  return failed(rules.errors.explain({ place: 'fail', code, ...logIdOf(reply) }));
}

/** Only posts that everybody may see ever get a public id, minutes to hours later. */
export function publishedStep(
  rules: Rules,
  s: Situation,
  told: { readonly reply: Success<PublishStatus>; readonly urlOf: (id: string) => string | undefined },
): Step & { readonly kind: 'published' } {
  const step = parts.publishedStep(rules, told.reply);
  const [first] = step.remoteIds;
  const url = first === undefined ? undefined : told.urlOf(first);
  if (url !== undefined) return { ...step, url };
  if (s.privacy === 'PUBLIC_TO_EVERYONE' || s.privacy === null) return { ...step, linkPending: true };
  return { ...step, noLinkBecause: rules.t('tiktok:published.noPublicLink') };
}
