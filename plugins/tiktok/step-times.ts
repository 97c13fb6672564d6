import type { Chunk } from './api/chunks.ts';
import { putTimeoutMs } from './api/client.ts';
import type { Processing, Uploading } from './progress.ts';
import type { Rules, Situation } from './situation.ts';

/**
 * When to look next: close together at first, then by the age of the point of no return, or of a person's asking again;
 * undefined after two days.
 */
export function nextLookAt(rules: Rules, s: Situation, looks: number): number | undefined {
  const { firstLooks, laterLooks } = rules.timings;
  const early = firstLooks[looks];
  if (early !== undefined) return s.now + early;
  const age = s.now - (s.askedAgainAt ?? s.pointOfNoReturnAt ?? s.now);
  const every = laterLooks.find((phase) => age < phase.until)?.every;
  return every === undefined ? undefined : s.now + every;
}

/** Whether a piece begun now would, with a reserve, be through before the link's hour is over. */
export function fitsIntoTheHour(rules: Rules, s: Situation, piece: { upload: Uploading; chunk: Chunk }): boolean {
  const { linkLife, linkReserve, slowestRate } = rules.timings;
  const estimate = piece.chunk.bytes / (piece.upload.bytesPerMs ?? slowestRate);
  return s.now - piece.upload.urlAt + estimate + linkReserve < linkLife;
}

/** Whether the link's hour is over, or so nearly that nothing more is begun. */
export function isLinkEnding(rules: Rules, s: Situation, upload: Uploading): boolean {
  const { linkLife, linkReserve } = rules.timings;
  return s.now - upload.urlAt + linkReserve >= linkLife;
}

/** Whether an upload past the point of no return may still be sent to; never once a person has taken over. */
export function isResumable(rules: Rules, s: Situation, upload: Uploading | Processing): boolean {
  return s.askedAgainAt === undefined && s.now - upload.urlAt < rules.timings.linkResumable;
}

/** Whether even the slowest piece, begun in the link's last moment, must have come to its end by now. */
export function isDrained(rules: Rules, s: Situation, upload: Uploading | Processing): boolean {
  const { linkLife, drainMargin } = rules.timings;
  const { size, chunkSize, count } = upload.plan;
  return s.now - upload.urlAt > linkLife + putTimeoutMs(size - chunkSize * (count - 1)) + drainMargin;
}

/** A sliding minute has passed by then; spread, so that not all come back at once. */
export function afterRateLimit(rules: Rules, s: Situation): number {
  return s.now + Math.round(rules.timings.rateLimited * (1 + s.jitter));
}

/** TikTok's caps are of 24 hours that slide: a place may be free at any hour. */
export function afterCap(rules: Rules, s: Situation): number {
  return s.now + Math.round(rules.timings.quotaAgain * (1 + s.jitter / 4));
}

/** Full jitter, so that repeats after a common fault spread out. */
export function retryDelay(rules: Rules, s: Situation, tries: number): number {
  const { putRetryBase, putRetryMost } = rules.timings;
  return Math.round(s.jitter * Math.min(putRetryMost, putRetryBase * 2 ** tries));
}

export function initDelay(rules: Rules, s: Situation): number {
  const { least, most } = rules.timings.initAgain;
  return Math.round(least + s.jitter * (most - least));
}

export function internalDelay(rules: Rules, s: Situation): number {
  return Math.round(rules.timings.internalAgain * (1 + s.jitter));
}

/** Attempts given up for something that went wrong; those given up for an edit or a new login count for nothing. */
const faults = [
  ...['init_lost', 'url_expired', 'upload_refused', 'upload_stalled', 'upload_lost', 'offset_unclear'],
  ...['progress_unreadable', 'internal', 'not_sent', 'init_refused', 'photo_pull_failed'],
];

/** The third attempt within an hour waits: something is wrong for longer, and inits are few. */
export function restartAt(rules: Rules, s: Situation, delay: number): number {
  const { restartLimit, restartWindow, restartRest } = rules.timings;
  const lately = s.earlier.filter((attempt) => s.now - attempt.startedAt < restartWindow);
  const given = lately.filter(({ outcome, reason }) => outcome === 'superseded' && faults.includes(reason ?? ''));
  const starts = [...given.map((attempt) => attempt.startedAt), s.attemptStartedAt];
  const soonest = s.now + delay;
  return starts.length < restartLimit ? soonest : Math.max(soonest, Math.min(...starts) + restartRest);
}
