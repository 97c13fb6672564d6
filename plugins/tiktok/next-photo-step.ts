import type { Explanation, Step, TimelineEntry } from '#plugin-api';
import type { ContentInit, Failure, PublishStatus, Reply } from './api/replies.ts';
import { capReached, lookProblem, publishedStep, publishFailed, unansweredStatus } from './common-steps.ts';
import type { PhotosReady, PhotosSent } from './progress.ts';
import type { ListedPhotos, NextCall, PhotoAnswer, PhotoLookAnswer, Rules, Situation } from './situation.ts';
import {
  attention,
  attentionAfter,
  failed,
  line,
  logIdOf,
  postUrl,
  printOf,
  saysNothing,
  startOver,
} from './step-parts.ts';
import * as times from './step-times.ts';

// Photos are posted by their `content/init` itself, and a lost answer to it cannot be asked for: the point of no return
// is committed before that call, it is made once, and never again. docs/PUBLISHING.md has the table.

/** Before any call about photos. Pure. */
export function nextPhotoCall(rules: Rules, s: Situation, noted: PhotosReady | PhotosSent | 'none'): NextCall | Step {
  if (noted === 'none') return { call: 'look-at-photos' };
  if (noted.stage === 'photos-sent') return { call: 'photo-status', sent: noted };
  if (s.pointOfNoReturnAt === null) return { call: 'look-at-photos' };
  // Another process, or this one, may have sent it and not heard: nobody knows.
  if (s.askedAgainAt !== undefined) return askList(rules, s, noted);
  if (s.photos?.holdsTicket !== true) return attention(rules.errors.own('outcome_unknown'), true);
  // Nothing was sent: the ticket is still here. What was looked at so long ago may not hold any more.
  if (s.now - noted.lookedAt >= rules.timings.lookIsFresh) return startOver(rules, s, { reason: 'not_sent' });
  return { call: 'content-init', ready: noted };
}

/** After a call about photos: what its answer means. Pure. @throws RemoteError before the call that posts, and after it for status */
export function nextPhotoStep(rules: Rules, s: Situation, answer: PhotoAnswer): Step {
  switch (answer.call) {
    case 'look-at-photos':
      return afterLook(rules, s, answer);
    case 'content-init':
      return answer.reply.ok
        ? afterPost(rules, s, { ready: answer.ready, value: answer.reply.value, logId: answer.reply.logId })
        : afterNoPost(rules, s, answer.reply);
    case 'photo-status':
      return afterStatus(rules, s, answer);
    case 'photo-list':
      return afterList(rules, answer);
  }
}

/** There is no name to ask for: the list of public posts is all that TikTok can say, where it may be read at all. */
function askList(rules: Rules, s: Situation, ready: PhotosReady): NextCall | Step {
  if (s.privacy !== null && s.privacy !== 'PUBLIC_TO_EVERYONE')
    return attention(rules.errors.own('never_listed'), true);
  if (!s.scopes.includes('video.list')) return attention(rules.errors.own('list_not_allowed'), true);
  return { call: 'photo-list', ready };
}

/** A post in the list may confirm; that there is none proves nothing. docs: tiktok-api-v2-video-list */
function afterList(
  rules: Rules,
  { ready, reply }: { readonly ready: PhotosReady; readonly reply: Reply<ListedPhotos> },
): Step {
  if (!reply.ok) throw rules.errors.remoteError(reply);
  const { seen, alike, id } = reply.value;
  if (id === null) {
    const told = { detail: String(alike > 0 ? alike : seen), ...logIdOf(reply) };
    return attention(rules.errors.own(alike > 0 ? 'list_unclear' : 'not_listed', told), true);
  }
  const url = photoUrl(ready.username, id);
  const timeline = line(rules, 'foundInList', { call: 'video/list', ...logIdOf(reply) });
  return { kind: 'published', remoteIds: [id], timeline, ...(url === undefined ? {} : { url }) };
}

const addressCodes = { 'not-public': 'address_not_public', unverified: 'address_unverified' } as const;

/** The only door to `content/init`: it is made in the call after the point of no return was stored. */
function afterLook(rules: Rules, s: Situation, looked: PhotoLookAnswer): Step {
  if (looked.address !== 'ready') return failed(rules.errors.own(addressCodes[looked.address]));
  const problem = lookProblem(rules, s, looked);
  if (problem !== undefined) return problem;
  const { reply, ticket } = looked;
  const username = reply.ok ? reply.value.username : '';
  const progress: PhotosReady = { stage: 'photos-ready', lookedAt: s.now, username, ticket };
  const timeline = [
    ...line(rules, 'looked', { call: 'creator_info/query', ...logIdOf(reply) }),
    ...line(rules, 'photosNext'),
  ];
  return { kind: 'continue', stage: 'publishing', progress, at: s.now, pointOfNoReturn: true, timeline };
}

interface Posted {
  readonly ready: PhotosReady;
  readonly value: ContentInit;
  readonly logId: string | undefined;
}

function afterPost(rules: Rules, s: Situation, { ready, value, logId }: Posted): Step {
  const reference = value.publishId;
  const timeline = line(rules, 'photosSent', { call: 'content/init', reference, ...logIdOf({ logId }) });
  const sent: PhotosSent = { stage: 'photos-sent', username: ready.username, looks: 1 };
  return { ...watch(sent, { at: times.nextLookAt(rules, s, 0) ?? s.now, timeline }), reference };
}

/**
 * Without a clear refusal it may be posted, and nobody can ask. A clear one proves that nothing is: what may pass begins
 * again with a new attempt, which looks first and says what it waits for.
 */
function afterNoPost(rules: Rules, s: Situation, reply: Failure): Step {
  const { code, kind } = rules.errors.meaning(reply);
  if (code === 'not_sent')
    return startOver(rules, s, { reason: 'not_sent', delay: waitOf(s, reply), print: printOf(reply) });
  if (saysNothing(rules, reply) || reply.isNameless === true || code === 'stopped' || code === 'gateway_404') {
    return attention(rules.errors.own('outcome_unknown', logIdOf(reply)), true);
  }
  const again = againAfter(rules, s, reply);
  const wasOnce = s.earlier.some((attempt) => attempt.reason === 'init_refused');
  if (again !== undefined && !(again.once && wasOnce)) {
    return startOver(rules, s, {
      reason: again.once ? 'init_refused' : 'init_postponed',
      ...again,
      print: printOf(reply),
    });
  }
  const isUnknown = code === 'unknown' || kind === 'outcome-unknown' || kind === 'temporary';
  return isUnknown ? attention(rules.errors.explain(reply), true) : failed(rules.errors.explain(reply));
}

function waitOf(s: Situation, { retryAt }: Failure): number {
  return Math.max(0, (retryAt ?? s.now) - s.now);
}

/** Refusals that may pass: counted calls and caps with time, an access or a choice that the look before did not tell once. */
function againAfter(
  rules: Rules,
  s: Situation,
  reply: Failure,
): { readonly delay: number; readonly once: boolean; readonly because?: Explanation } | undefined {
  const { code, kind } = rules.errors.meaning(reply);
  if (code === 'spam_risk_too_many_posts' || code === 'reached_active_user_cap') {
    return { delay: times.afterCap(rules, s) - s.now, once: false, because: capReached(rules, reply) };
  }
  if (kind === 'rate-limited') return { delay: times.afterRateLimit(rules, s) - s.now, once: false };
  if (kind === 'reconnect' || code === 'privacy_level_option_mismatch') return { delay: 0, once: true };
  return undefined;
}

/** There is one way to `published` by itself, and it is TikTok's status. docs: content-posting-api-reference-get-video-status */
function afterStatus(
  rules: Rules,
  s: Situation,
  { sent, reply }: { readonly sent: PhotosSent; readonly reply: Reply<PublishStatus> },
): Step {
  if (!reply.ok) {
    const step = unansweredStatus(rules, s, reply);
    if (step.kind !== 'ask-again') return step;
    return lookAgain(rules, s, { sent, notBefore: step.at, timeline: line(rules, 'statusUnanswered', printOf(reply)) });
  }
  switch (reply.value.status) {
    case 'PUBLISH_COMPLETE':
      return publishedStep(rules, s, { reply, urlOf: (id) => photoUrl(sent.username, id) });
    case 'FAILED':
      return publishFailed(rules, s, reply);
    case 'SEND_TO_USER_INBOX':
      return attentionAfter(rules, 'sent_to_inbox', reply);
    default:
      // PROCESSING_DOWNLOAD, and whatever else TikTok may call it: still at work.
      return lookAgain(rules, s, { sent, notBefore: 0 });
  }
}

interface Again {
  readonly sent: PhotosSent;
  readonly notBefore: number;
  readonly timeline?: readonly TimelineEntry[];
}

function lookAgain(rules: Rules, s: Situation, { sent, notBefore, timeline }: Again): Step {
  const at = times.nextLookAt(rules, s, sent.looks);
  if (at === undefined) return attention(rules.errors.own('status_unresolved'), true);
  const told = timeline === undefined ? {} : { timeline };
  return watch({ ...sent, looks: sent.looks + 1 }, { at: Math.max(at, notBefore), ...told });
}

function watch(progress: PhotosSent, more: { readonly at: number; readonly timeline?: readonly TimelineEntry[] }) {
  return { kind: 'continue', stage: 'processing', percent: 100, progress, ...more } as const;
}

function photoUrl(username: string, id: string): string | undefined {
  return username === '' ? undefined : postUrl(username, id, 'photo');
}
