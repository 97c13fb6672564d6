import type { Step } from '#plugin-api';
import { borderNear, chunkAt } from './api/chunks.ts';
import type { Failure, PublishStatus, Success } from './api/replies.ts';
import { afterNoRoom, afterUnreadable, lookProblem, publishedStep } from './common-steps.ts';
import { publishFailed, refused, unansweredStatus } from './common-steps.ts';
import { nextPhotoCall, nextPhotoStep } from './next-photo-step.ts';
import type { Processing, Ready, Uploading } from './progress.ts';
import type { Answer, InitAnswer, LookAnswer, NextCall, PutAnswer } from './situation.ts';
import type { Rules, Situation, StatusAnswer } from './situation.ts';
import * as parts from './step-parts.ts';
import { attention, attentionAfter, failed, goOn, isForeign, line, logIdOf, pieceLine } from './step-parts.ts';
import { postUrl, printOf, saysNothing, startOver, uploadingOf, wasComplete } from './step-parts.ts';
import * as times from './step-times.ts';

// The whole decision of publishing to TikTok: which call a situation asks for, and what its answer means. Its diagram
// and table are in docs/PUBLISHING.md; wording is in `step-parts.ts`, durations in `step-times.ts`.

type Upload = Uploading | Processing;
type Told = { readonly upload: Upload; readonly reply: Success<PublishStatus> };

/** A piece is sent this often on its own; then TikTok is asked how far the upload is. */
const sendsInARow = 5;
/** Where TikTok does not tell how far it is, the last piece is sent no more often than this. */
const blindSends = 10;

/** Before any call: what to ask TikTok, or a step that needs no asking. Pure. */
export function nextCall(rules: Rules, s: Situation): NextCall | Step {
  const { progress } = s;
  if (s.pointOfNoReturnAt === null && s.privacy === null) return failed(rules.errors.own('options_unreadable'));
  if (progress === 'none') return s.photos === undefined ? { call: 'look' } : nextPhotoCall(rules, s, progress);
  if (progress === 'unreadable') return afterUnreadable(rules, s);
  if (progress.stage === 'photos-ready' || progress.stage === 'photos-sent') return nextPhotoCall(rules, s, progress);
  if (progress.stage === 'processing') return { call: 'status', upload: progress };
  if (progress.stage === 'uploading') return nextPiece(rules, s, progress);
  return s.now - progress.lookedAt < rules.timings.lookIsFresh ? { call: 'init', ready: progress } : { call: 'look' };
}

/** After a call: what its answer means. Pure. @throws RemoteError where nothing was decided and the host shall come again */
export function nextStep(rules: Rules, s: Situation, answer: Answer): Step {
  if (answer.call === 'no-room') return afterNoRoom(rules, s, answer);
  // Of the one call that posts photos it matters whether it was sent.
  if (answer.call === 'content-init') return nextPhotoStep(rules, s, answer);
  // This process is stopping, or nothing was sent because TikTok does not answer: whoever comes next finds out.
  if (!answer.reply.ok && ['stopped', 'not_sent'].includes(answer.reply.code))
    throw rules.errors.remoteError(answer.reply);
  switch (answer.call) {
    case 'look':
      return afterLook(rules, s, answer);
    case 'init':
      return afterInit(rules, s, answer);
    case 'put':
      return afterPut(rules, s, answer);
    case 'look-at-photos':
    case 'photo-status':
    case 'photo-list':
      return nextPhotoStep(rules, s, answer);
    case 'status':
      return s.pointOfNoReturnAt === null ? statusBefore(rules, s, answer) : statusAfter(rules, s, answer);
  }
}

/** The only door to the last piece: it is sent in the call after the point of no return was stored. */
function nextPiece(rules: Rules, s: Situation, upload: Uploading): NextCall | Step {
  const chunk = chunkAt(upload.plan, upload.offset);
  if (upload.uncertain || upload.writer !== s.writer || chunk === undefined) return { call: 'status', upload };
  if (s.pointOfNoReturnAt !== null) {
    return times.isResumable(rules, s, upload) ? { call: 'put', upload, chunk } : { call: 'status', upload };
  }
  if (!times.fitsIntoTheHour(rules, s, { upload, chunk })) return afterTheHour(rules, s, upload);
  if (!chunk.isLast) return { call: 'put', upload, chunk };
  return goOn(upload, { at: s.now, pointOfNoReturn: true, timeline: line(rules, 'pointOfNoReturn') });
}

function afterLook(rules: Rules, s: Situation, looked: LookAnswer): Step {
  const problem = lookProblem(rules, s, looked);
  if (problem !== undefined) return problem;
  const { reply, plan, sha256 } = looked;
  const username = reply.ok ? reply.value.username : '';
  const progress: Ready = { stage: 'ready', lookedAt: s.now, plan, sha256, username };
  const timeline = line(rules, 'looked', { call: 'creator_info/query', ...logIdOf(reply) });
  return { kind: 'continue', stage: 'publishing', percent: 0, progress, at: s.now, timeline };
}

/** Without its publish_id nobody can send bytes, so nothing can be posted: beginning again is always safe. */
function afterInit(rules: Rules, s: Situation, { reply, ready, askedAt, hostIsTrusted }: InitAnswer): Step {
  if (!reply.ok) {
    if (!saysNothing(rules, reply)) return refused(rules, s, reply);
    return startOver(rules, s, { reason: 'init_lost', delay: times.initDelay(rules, s), print: printOf(reply) });
  }
  if (!hostIsTrusted) return failed(rules.errors.own('upload_host_refused', logIdOf(reply)));
  const { publishId: reference, uploadUrl } = reply.value;
  const sent = { offset: 0, tries: 0, uncertain: false, writer: s.writer, bytesPerMs: null };
  const timeline = line(rules, 'begun', { call: 'video/init', reference, ...logIdOf(reply) });
  return goOn({ ...ready, stage: 'uploading', uploadUrl, urlAt: askedAt, ...sent }, { at: s.now, reference, timeline });
}

/** docs: content-posting-api-media-transfer-guide, answers of the binary upload. */
function afterPut(rules: Rules, s: Situation, put: PutAnswer): Step {
  const { reply, chunk, upload } = put;
  const isPast = s.pointOfNoReturnAt !== null;
  if (!reply.ok && reply.code === 'media_changed' && !isPast) return failed(rules.errors.own('media_changed'));
  if (!reply.ok) return askHowFar(rules, s, put);
  const { status } = reply.value;
  const maySendAgain = upload.tries + 1 < sendsInARow;
  if (status === 201) return afterWholeFile(rules, s, put);
  if (status === 206 && !chunk.isLast) return afterPiece(rules, s, put);
  if (status === 416 && maySendAgain) return resync(rules, s, put);
  if (status >= 500 && maySendAgain) return sendAgain(rules, s, put);
  if (!isPast && (status === 403 || status === 404)) return afterClosedAddress(rules, s, upload);
  if (!isPast && status === 400)
    return failed(rules.errors.explain({ place: 'upload', code: 'put_400', ...logIdOf(reply) }));
  return askHowFar(rules, s, put);
}

function afterPiece(rules: Rules, s: Situation, put: PutAnswer): Step {
  const { chunk, upload } = put;
  const end = chunk.last + 1;
  const reported = put.reply.ok ? put.reply.value.reported : null;
  if (reported !== null && borderNear(upload.plan, reported) !== end) return askHowFar(rules, s, put);
  const bytesPerMs = chunk.bytes / Math.max(1, put.tookMs);
  const progress = { ...uploadingOf(upload, s), offset: end, tries: 0, bytesPerMs };
  return goOn(progress, { at: s.now, timeline: pieceLine(rules, 'chunk', put) });
}

/** Every byte is there. Before the last piece was sent TikTok cannot say so; if it does, only its status is believed. */
function afterWholeFile(rules: Rules, s: Situation, { upload, chunk, reply }: PutAnswer): Step {
  const notes = { stage: 'processing', complete: chunk.isLast, looks: 1, missing: null } as const;
  return parts.watch(
    { ...uploadingOf(upload, s), ...notes },
    {
      at: times.nextLookAt(rules, s, 0) ?? s.now,
      ...(s.pointOfNoReturnAt === null ? { pointOfNoReturn: true } : {}),
      timeline: line(rules, 'complete', { call: 'PUT', code: '201', ...logIdOf(reply) }),
    },
  );
}

/** TikTok expects another piece and says which. */
function resync(rules: Rules, s: Situation, put: PutAnswer): Step {
  const { upload } = put;
  const reported = put.reply.ok ? put.reply.value.reported : null;
  const border = reported === null ? undefined : borderNear(upload.plan, reported);
  if (border === undefined && reported !== null && s.pointOfNoReturnAt === null) {
    return startOver(rules, s, { reason: 'offset_unclear' });
  }
  if (border === undefined || border === upload.offset || border === upload.plan.size) return askHowFar(rules, s, put);
  const progress = { ...uploadingOf(upload, s), offset: border, tries: upload.tries + 1 };
  return goOn(progress, { at: s.now, timeline: pieceLine(rules, 'resync', put) });
}

function sendAgain(rules: Rules, s: Situation, put: PutAnswer): Step {
  const at = s.now + times.retryDelay(rules, s, put.upload.tries);
  const progress = { ...uploadingOf(put.upload, s), tries: put.upload.tries + 1 };
  return goOn(progress, { at, timeline: pieceLine(rules, 'chunkAgain', put) });
}

/** The piece may or may not be there: TikTok's status tells. Past the point of no return that is a look like any other. */
function askHowFar(rules: Rules, s: Situation, put: PutAnswer): Step {
  const { tries } = put.upload;
  const look = s.pointOfNoReturnAt === null ? undefined : times.nextLookAt(rules, s, tries);
  const progress = { ...uploadingOf(put.upload, s), tries: tries + 1, uncertain: true };
  const timeline = pieceLine(rules, put.chunk.isLast ? 'finishUnknown' : 'chunkAgain', put);
  return goOn(progress, { at: look ?? s.now + times.retryDelay(rules, s, tries + 1), timeline });
}

/** Where TikTok took nothing lately, the connection is not slow: only the budget of time ends that. */
function afterTheHour(rules: Rules, s: Situation, upload: Uploading): Step {
  const hasStalled = upload.tries > 0 || upload.offset === 0;
  return hasStalled ? startOver(rules, s, { reason: 'upload_stalled' }) : upToThreeTimes(rules, s, 'url_expired');
}

/** TikTok takes nothing at this address: its hour is over, or it refuses it although it lives. */
function afterClosedAddress(rules: Rules, s: Situation, upload: Uploading): Step {
  return upToThreeTimes(rules, s, times.isLinkEnding(rules, s, upload) ? 'url_expired' : 'upload_refused');
}

/** The last piece was not sent: nothing is posted. What ends three attempts ends the next one, too. */
function upToThreeTimes(rules: Rules, s: Situation, reason: 'url_expired' | 'upload_refused'): Step {
  const before = s.earlier.filter((attempt) => attempt.reason === reason).length;
  if (before < 2) return startOver(rules, s, { reason });
  return failed(rules.errors.own(reason === 'url_expired' ? 'upload_too_slow' : 'upload_refused'));
}

/** Nothing is posted yet: the upload goes on where TikTok says, or is given up. */
function statusBefore(rules: Rules, s: Situation, { upload, reply }: StatusAnswer): Step {
  if (!reply.ok) {
    // TikTok forgot it, or another account is connected now: without its last piece it cannot become a post.
    return isForeign(rules, reply) ? startOver(rules, s, { reason: 'upload_lost' }) : refused(rules, s, reply);
  }
  const end = ended(rules, s, { upload, reply });
  if (end !== undefined) return end;
  const reported = reply.value.uploadedBytes;
  const border = reported === null ? upload.offset : borderNear(upload.plan, reported);
  if (border === undefined) return startOver(rules, s, { reason: 'offset_unclear' });
  if (border < upload.plan.size) return parts.resume(rules, s, { upload, border });
  // Nobody sends the last piece before the point of no return; should TikTok hold it all the same, it is passed.
  const step = lookAgain(rules, s, { upload, known: { complete: true, missing: null } });
  return step.kind === 'continue' ? { ...step, pointOfNoReturn: true } : step;
}

/** It may be posted: only this upload is watched or resumed, until TikTok says its end or it provably can have none. */
function statusAfter(rules: Rules, s: Situation, { upload, reply }: StatusAnswer): Step {
  if (!reply.ok) return unanswered(rules, s, { upload, reply });
  const end = ended(rules, s, { upload, reply });
  if (end !== undefined) return end;
  const reported = reply.value.uploadedBytes;
  const border = reported === null ? undefined : borderNear(upload.plan, reported);
  const isComplete = reported === null ? wasComplete(upload) : border === upload.plan.size;
  if (isComplete) return lookAgain(rules, s, { upload, known: { complete: true, missing: null } });
  if (times.isResumable(rules, s, upload)) {
    // Sending the last piece of this very upload once more cannot make a second post.
    const last = upload.plan.chunkSize * (upload.plan.count - 1);
    const next = reported === null && upload.tries < blindSends ? last : border;
    if (next !== undefined) return parts.resume(rules, s, { upload, border: next });
  }
  const isOver = reported !== null && times.isDrained(rules, s, upload);
  if (!isOver) return lookAgain(rules, s, { upload, known: { complete: false, missing: null } });
  return afterExpiry(rules, s, { upload, bytes: reported });
}

/** The link is dead and every slow piece has come to its end: what is missing now, twice the same, never arrives. */
function afterExpiry(rules: Rules, s: Situation, seen: { upload: Upload; bytes: number }): Step {
  const { upload, bytes } = seen;
  const first = upload.stage === 'processing' ? upload.missing : null;
  const agrees = first?.bytes === bytes;
  if (agrees && s.now - first.at >= rules.timings.agreeAfter) {
    // A person who looks after it may have posted the video in the meantime.
    if (s.askedAgainAt !== undefined) return failed(rules.errors.own('expired_unposted'));
    return startOver(rules, s, { reason: 'expired_unposted' });
  }
  const missing = agrees ? first : { bytes, at: s.now };
  return lookAgain(rules, s, { upload, known: { complete: false, missing } });
}

/** docs: content-posting-api-reference-get-video-status. There is one way to `published`, and it is this answer. */
function ended(rules: Rules, s: Situation, told: Told) {
  switch (told.reply.value.status) {
    case 'PUBLISH_COMPLETE':
      return published(rules, s, told);
    case 'FAILED':
      return publishFailed(rules, s, told.reply);
    case 'SEND_TO_USER_INBOX':
      return attentionAfter(rules, 'sent_to_inbox', told.reply);
    default:
      // PROCESSING_UPLOAD, and whatever else TikTok may call it: still at work.
      return undefined;
  }
}

function published(rules: Rules, s: Situation, { upload, reply }: Told): Step {
  const { username } = upload;
  return publishedStep(rules, s, {
    reply,
    urlOf: (id) => (username === '' ? undefined : postUrl(username, id, 'video')),
  });
}

type Known = Pick<Processing, 'complete' | 'missing'>;

function lookAgain(rules: Rules, s: Situation, { upload, known }: { upload: Upload; known: Known }): Step {
  const looks = upload.stage === 'processing' ? upload.looks : 1;
  const at = times.nextLookAt(rules, s, looks);
  if (at === undefined) return attention(rules.errors.own('status_unresolved'), true);
  return parts.watch({ ...uploadingOf(upload, s), stage: 'processing', looks: looks + 1, ...known }, { at });
}

/** After the point of no return a missing answer says nothing of the post: only the status call is repeated. */
function unanswered(rules: Rules, s: Situation, answer: { upload: Upload; reply: Failure }): Step {
  const { upload, reply } = answer;
  const told = unansweredStatus(rules, s, reply);
  if (told.kind !== 'ask-again') return told;
  const step = askAgain(rules, s, upload);
  if (step.kind !== 'continue') return step;
  return { ...step, at: Math.max(step.at, told.at), timeline: line(rules, 'statusUnanswered', printOf(reply)) };
}

/** The same question later; what was known stays known. */
function askAgain(rules: Rules, s: Situation, upload: Upload): Step {
  if (upload.stage === 'processing') return lookAgain(rules, s, { upload, known: upload });
  const at = times.nextLookAt(rules, s, upload.tries);
  if (at === undefined) return attention(rules.errors.own('status_unresolved'), true);
  return goOn({ ...uploadingOf(upload, s), uncertain: true, tries: upload.tries + 1 }, { at });
}

export type { Answer, NextCall, Rules, Situation };
