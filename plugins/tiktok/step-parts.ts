import type { Explanation, Step, TimelineEntry } from '#plugin-api';
import type { Failure, PublishStatus, Reply, Success } from './api/replies.ts';
import type { OwnCode } from './errors.ts';
import type { Processing, Uploading } from './progress.ts';
import type { PutAnswer, Rules, Situation } from './situation.ts';
import { restartAt } from './step-times.ts';

/** How answers are read, and how steps are put into words and notes. Nothing is decided here. */

export function line(rules: Rules, key: string, facts: Omit<TimelineEntry, 'sentence'> = {}): readonly TimelineEntry[] {
  return [{ sentence: rules.t(`tiktok:timeline.${key}`), ...facts }];
}

/** The small print of a failed call. */
export function printOf(failure: Failure): Omit<TimelineEntry, 'sentence'> {
  return { call: failure.call, code: failure.code, ...logIdOf(failure) };
}

export function logIdOf(reply: { readonly logId?: string | undefined }): { readonly logId?: string } {
  return reply.logId === undefined ? {} : { logId: reply.logId };
}

/** A line about one piece of the file. */
export function pieceLine(rules: Rules, key: string, put: PutAnswer): readonly TimelineEntry[] {
  const values = { part: put.chunk.index + 1, parts: put.upload.plan.count };
  const code = put.reply.ok ? String(put.reply.value.status) : put.reply.code;
  return [{ sentence: rules.t(`tiktok:timeline.${key}`, values), call: 'PUT', code, ...logIdOf(put.reply) }];
}

export function failed(because: Explanation): Step {
  return { kind: 'failed', because };
}

export function attention(because: Explanation, mayBePosted: boolean): Step {
  return { kind: 'needs-attention', because, mayBePosted };
}

/** A person must look: TikTok's answer is kept as the small print of our own sentence. */
export function attentionAfter(rules: Rules, code: OwnCode, reply: Reply<PublishStatus>): Step {
  return attention(rules.errors.own(code, logIdOf(reply)), true);
}

type StartOverReason =
  | 'progress_unreadable'
  | 'init_lost'
  | 'url_expired'
  | 'upload_refused'
  | 'upload_stalled'
  | 'upload_lost'
  | 'offset_unclear'
  | 'internal'
  | 'expired_unposted'
  | 'not_sent'
  | 'init_refused'
  | 'init_postponed'
  | 'photo_pull_failed';

interface Restart {
  readonly reason: StartOverReason;
  /** Milliseconds. */
  readonly delay?: number;
  readonly print?: Omit<TimelineEntry, 'sentence'>;
  /** What a delay is for; shown only when it is long. */
  readonly because?: Explanation;
}

/** Gives an attempt up of which is proven that it never becomes a post. */
export function startOver(rules: Rules, s: Situation, { reason, delay = 0, print, because }: Restart): Step {
  const timeline = line(rules, `startOver.${reason}`, print);
  const told = because !== undefined && delay > rules.timings.shownWait ? { hold: 'quota' as const, because } : {};
  return { kind: 'start-over', reason, at: restartAt(rules, s, delay), timeline, ...told };
}

/** Waiting for one of TikTok's numbers, shown as a hold only when it is long. */
export function waitFor(
  rules: Rules,
  s: Situation,
  wait: { readonly at: number; readonly because: Explanation },
): Step {
  const isLong = wait.at - s.now > rules.timings.shownWait;
  return { kind: 'wait', at: wait.at, ...(isLong ? { hold: 'quota', because: wait.because } : {}) };
}

/** Notes how far the upload is and when it goes on. */
export function goOn(
  upload: Uploading,
  parts: {
    readonly at: number;
    readonly timeline?: readonly TimelineEntry[];
    readonly pointOfNoReturn?: true;
    readonly reference?: string;
  },
): Step {
  const percent = Math.floor((upload.offset * 100) / upload.plan.size);
  return { kind: 'continue', stage: 'publishing', percent, progress: upload, ...parts };
}

/** Every byte is there, or nothing more is sent: from now on TikTok is only asked. */
export function watch(
  progress: Processing,
  parts: { readonly at: number; readonly timeline?: readonly TimelineEntry[]; readonly pointOfNoReturn?: true },
): Step {
  return { kind: 'continue', stage: 'processing', percent: 100, progress, ...parts };
}

/** The notes of an upload that goes on, whatever stage they were made in, as this process knows them now. */
export function uploadingOf(upload: Uploading | Processing, s: Situation): Uploading {
  const { plan, sha256, username, lookedAt, uploadUrl, urlAt, offset, tries, bytesPerMs } = upload;
  const known = { plan, sha256, username, lookedAt, uploadUrl, urlAt, offset, tries, bytesPerMs };
  return { stage: 'uploading', ...known, uncertain: false, writer: s.writer };
}

/** The upload goes on at a border that TikTok named. */
export function resume(rules: Rules, s: Situation, at: { upload: Uploading | Processing; border: number }): Step {
  const { upload, border } = at;
  const tries = border > upload.offset ? 0 : upload.tries;
  const values = { part: Math.floor(border / upload.plan.chunkSize) + 1, parts: upload.plan.count };
  const timeline = [{ sentence: rules.t('tiktok:timeline.resync', values), call: 'status/fetch' }];
  return goOn({ ...uploadingOf(upload, s), offset: border, tries }, { at: s.now, timeline });
}

/** The address of a post. TikTok gives none; this is the form its own pages use. */
export function postUrl(username: string, id: string, of: 'video' | 'photo'): string {
  return `https://www.tiktok.com/@${encodeURIComponent(username)}/${of}/${id}`;
}

export function publishedStep(rules: Rules, reply: Success<PublishStatus>): Step & { readonly kind: 'published' } {
  const timeline = line(rules, 'published', { call: 'status/fetch', code: 'PUBLISH_COMPLETE', ...logIdOf(reply) });
  return { kind: 'published', remoteIds: reply.value.postIds, timeline };
}

/** Answers that tell nothing of whether the call was carried out. */
export function saysNothing(rules: Rules, failure: Failure): boolean {
  return failure.status === null || failure.status >= 500 || rules.errors.meaning(failure).code === 'unreadable_answer';
}

/** TikTok does not know this publish, or not as this account's. */
export function isForeign(rules: Rules, failure: Failure): boolean {
  const { code } = rules.errors.meaning(failure);
  return code === 'invalid_publish_id' || code === 'token_not_authorized_for_specified_publish_id';
}

/** TikTok has said once that it holds every byte. */
export function wasComplete(upload: Uploading | Processing): boolean {
  return upload.stage === 'processing' && upload.complete;
}
