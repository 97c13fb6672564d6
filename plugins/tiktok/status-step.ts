import type { Step } from '#plugin-api';
import { borderNear } from './api/chunks.ts';
import type { Failure, PublishStatus, Reply, Success } from './api/replies.ts';
import type { Processing, Uploading } from './progress.ts';
import {
  actOnRefusal,
  afterRateLimit,
  attention,
  attentionAfter,
  failed,
  goOn,
  line,
  logIdOf,
  printOf,
  saysNothing,
  startOver,
} from './step-parts.ts';
import type { Rules, Situation } from './step-parts.ts';

interface StatusAnswer {
  readonly upload: Uploading | Processing;
  readonly reply: Reply<PublishStatus>;
}

interface Told {
  readonly upload: Uploading | Processing;
  readonly reply: Success<PublishStatus>;
}

/** docs: content-posting-api-reference-get-video-status. There is one way to `published`, and it is this answer. */
export function afterStatus(rules: Rules, s: Situation, { upload, reply }: StatusAnswer): Step {
  if (!reply.ok) {
    return s.pointOfNoReturnAt === null
      ? unansweredBefore(rules, s, reply)
      : unansweredAfter(rules, s, { upload, reply });
  }
  const told = { upload, reply };
  switch (reply.value.status) {
    case 'PUBLISH_COMPLETE':
      return published(rules, s, told);
    case 'FAILED':
      return refused(rules, s, told);
    case 'SEND_TO_USER_INBOX':
      return attention(rules.errors.own('sent_to_inbox', logIdOf(reply)), true);
    default:
      // PROCESSING_UPLOAD, and whatever else TikTok may call it: still at work.
      return s.pointOfNoReturnAt === null ? resumeBefore(rules, s, told) : resumeAfter(rules, s, told);
  }
}

/** The address of a post. TikTok gives none; this is the form its own pages use. */
export function postUrl(username: string, id: string): string {
  return `https://www.tiktok.com/@${encodeURIComponent(username)}/video/${id}`;
}

function published(rules: Rules, s: Situation, { upload, reply }: Told): Step {
  const ids = reply.value.postIds;
  const [first] = ids;
  const timeline = line(rules, 'published', { call: 'status/fetch', code: 'PUBLISH_COMPLETE', ...logIdOf(reply) });
  const step = { kind: 'published', remoteIds: ids, timeline } as const;
  if (first !== undefined && upload.username !== '') return { ...step, url: postUrl(upload.username, first) };
  // Only posts that everybody may see ever get a public id, minutes to hours later.
  if (s.privacy === 'PUBLIC_TO_EVERYONE' || s.privacy === null) return { ...step, linkPending: true };
  return { ...step, noLinkBecause: rules.t('tiktok:published.noPublicLink') };
}

/** FAILED proves that nothing was posted. TikTok's own fault is worth one more try. */
function refused(rules: Rules, s: Situation, { reply }: Told): Step {
  const code = reply.value.failReason === '' ? 'unknown' : reply.value.failReason;
  const print = { call: 'status/fetch', code, ...logIdOf(reply) };
  if (code === 'internal' && !s.earlier.some((attempt) => attempt.reason === 'internal')) {
    const delay = Math.round(rules.timings.internalAgain * (1 + s.jitter));
    const step = startOver(rules, s, { reason: 'internal', delay });
    return { ...step, timeline: line(rules, 'startOver', print) };
  }
  // The host tells of the end in the timeline, with TikTok's reason: a line of our own would say it twice.
  return failed(rules.errors.explain({ place: 'fail', code, ...logIdOf(reply) }));
}

/** Nothing is posted yet: the upload goes on where TikTok says, or is given up. */
function resumeBefore(rules: Rules, s: Situation, { upload, reply }: Told): Step {
  const reported = reply.value.uploadedBytes;
  const border = reported === null ? upload.offset : borderNear(upload.plan, reported);
  if (border === undefined) return startOver(rules, s, { reason: 'offset_unclear', delay: 0 });
  if (border === upload.plan.size) {
    // Nobody sends the last piece before the point of no return; should TikTok hold it all the same, it is passed.
    const step = lookAgain(rules, s, { upload, complete: true });
    return step.kind === 'continue' ? { ...step, pointOfNoReturn: true } : step;
  }
  return resumeAt(rules, s, { upload, border });
}

function resumeAfter(rules: Rules, s: Situation, { upload, reply }: Told): Step {
  const reported = reply.value.uploadedBytes;
  const border = reported === null ? undefined : borderNear(upload.plan, reported);
  const complete = border === upload.plan.size || (reported === null && isComplete(upload));
  if (complete) return lookAgain(rules, s, { upload, complete: true });
  if (s.now - upload.urlAt >= rules.timings.linkResumable) {
    return attention(rules.errors.own('upload_expired', logIdOf(reply)), true);
  }
  // Sending the last piece of this very upload once more cannot make a second post.
  const last = upload.plan.chunkSize * (upload.plan.count - 1);
  if (reported === null) return resumeAt(rules, s, { upload, border: last });
  return border === undefined
    ? lookAgain(rules, s, { upload, complete: false })
    : resumeAt(rules, s, { upload, border });
}

function resumeAt(
  rules: Rules,
  s: Situation,
  { upload, border }: { upload: Uploading | Processing; border: number },
): Step {
  const values = { part: Math.floor(border / upload.plan.chunkSize) + 1, parts: upload.plan.count };
  const timeline = [{ sentence: rules.t('tiktok:timeline.resync', values), call: 'status/fetch' }];
  const tries = border > upload.offset ? 0 : upload.tries;
  return goOn(
    { ...uploadOf(upload), offset: border, tries, uncertain: false, writer: s.writer },
    { at: s.now, timeline },
  );
}

function uploadOf(upload: Uploading | Processing): Uploading {
  const { plan, sha256, username, lookedAt, uploadUrl, urlAt, offset, tries, uncertain, writer, bytesPerMs } = upload;
  const shared = { plan, sha256, username, lookedAt, uploadUrl, urlAt, offset, tries, uncertain, writer, bytesPerMs };
  return { stage: 'uploading', ...shared };
}

function isComplete(upload: Uploading | Processing): boolean {
  return upload.stage === 'processing' && upload.complete;
}

function lookAgain(
  rules: Rules,
  s: Situation,
  { upload, complete }: { upload: Uploading | Processing; complete: boolean },
): Step {
  const looks = upload.stage === 'processing' ? upload.looks : 1;
  const progress: Processing = {
    ...uploadOf(upload),
    stage: 'processing',
    complete,
    looks: looks + 1,
    writer: s.writer,
  };
  const at = nextLookAt(rules, s, looks);
  if (at === undefined) return attention(rules.errors.own('status_unresolved'), true);
  return { kind: 'continue', stage: 'processing', percent: 100, progress, at };
}

/** When to look next: close together at first, then by the age of the point of no return; undefined after two days. */
export function nextLookAt(rules: Rules, s: Situation, looks: number): number | undefined {
  const { firstLooks, laterLooks } = rules.timings;
  const early = firstLooks[looks];
  if (early !== undefined) return s.now + early;
  const age = s.now - (s.pointOfNoReturnAt ?? s.now);
  const every = laterLooks.find((phase) => age < phase.until)?.every;
  return every === undefined ? undefined : s.now + every;
}

function unansweredBefore(rules: Rules, s: Situation, failure: Failure): Step {
  const { code } = rules.errors.meaning(failure);
  // TikTok forgot it, or another account is connected now: without its last piece it cannot become a post.
  if (code === 'invalid_publish_id' || code === 'token_not_authorized_for_specified_publish_id') {
    return startOver(rules, s, { reason: 'upload_lost', delay: 0 });
  }
  return actOnRefusal(rules, s, failure);
}

/** After the point of no return a missing answer says nothing of the post: only the status call is repeated. */
function unansweredAfter(rules: Rules, s: Situation, answer: { upload: Uploading | Processing; reply: Failure }): Step {
  const { upload, reply } = answer;
  const { code, kind } = rules.errors.meaning(reply);
  if (code === 'stopped') throw rules.errors.remoteError(reply);
  if (code === 'invalid_publish_id') return attentionAfter(rules, 'status_unknown', reply);
  if (code === 'token_not_authorized_for_specified_publish_id') return attentionAfter(rules, 'account_switched', reply);
  const grantsStatus = ['video.publish', 'video.upload'].some((scope) => s.scopes.includes(scope));
  if (kind === 'reconnect' && !(code === 'scope_not_authorized' && grantsStatus)) throw rules.errors.remoteError(reply);
  if (!saysNothing(rules, reply) && kind !== 'rate-limited' && kind !== 'reconnect') {
    return attention(rules.errors.explain(reply), true);
  }
  const step = askAgain(rules, s, upload);
  if (step.kind !== 'continue') return step;
  const at = kind === 'rate-limited' ? Math.max(step.at, afterRateLimit(rules, s)) : step.at;
  return { ...step, at, timeline: line(rules, 'statusUnanswered', printOf(reply)) };
}

/** The same question later; what was known stays known. */
function askAgain(rules: Rules, s: Situation, upload: Uploading | Processing): Step {
  if (upload.stage === 'processing') return lookAgain(rules, s, { upload, complete: upload.complete });
  const looks = upload.tries;
  const at = nextLookAt(rules, s, looks);
  if (at === undefined) return attention(rules.errors.own('status_unresolved'), true);
  return goOn({ ...upload, uncertain: true, tries: looks + 1, writer: s.writer }, { at });
}
