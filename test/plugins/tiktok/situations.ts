import { RemoteError } from '#plugin-api';
import type { Step } from '#plugin-api';
import { chunkAt, planChunks } from '../../../plugins/tiktok/api/chunks.ts';
import type { Failure, PublishStatus, Reply } from '../../../plugins/tiktok/api/replies.ts';
import { nextStep } from '../../../plugins/tiktok/next-step.ts';
import type { Answer } from '../../../plugins/tiktok/next-step.ts';
import type { Processing, Uploading } from '../../../plugins/tiktok/progress.ts';
import type { Situation } from '../../../plugins/tiktok/situation.ts';
import { standardTimings } from '../../../plugins/tiktok/timings.ts';
import { allScopes, errors, t } from './support.ts';

export const rules = { errors, t, timings: standardTimings };
export const now = Date.UTC(2026, 10, 20, 9);
export const minute = 60_000;
export const size = 30_000_001;

export function uploading(facts: Partial<Uploading> = {}): Uploading {
  return {
    stage: 'uploading',
    lookedAt: now,
    plan: planChunks(size),
    sha256: 'x',
    username: 'hazelandrye',
    uploadUrl: 'https://open-upload.tiktokapis.com/x',
    urlAt: now,
    offset: 0,
    tries: 0,
    uncertain: false,
    writer: 'me',
    bytesPerMs: null,
    ...facts,
  };
}

export function processing(facts: Partial<Processing> = {}): Processing {
  return {
    ...uploading({ offset: 20_000_000 }),
    stage: 'processing',
    complete: true,
    looks: 1,
    missing: null,
    ...facts,
  };
}

export function situation(facts: Partial<Situation> = {}): Situation {
  return {
    progress: uploading(),
    reference: 'v_pub_file~v2-1.1',
    pointOfNoReturnAt: null,
    attemptStartedAt: now,
    earlier: [],
    privacy: 'PUBLIC_TO_EVERYONE',
    scopes: allScopes,
    now,
    jitter: 0.5,
    writer: 'me',
    ...facts,
  };
}

export const past = { pointOfNoReturnAt: now, progress: processing() };

export function failure(code: string, status: number | null = 400): Failure {
  return { ok: false, place: 'api', call: 'x', code, status, logId: 'L1' };
}

export function status(facts: Partial<PublishStatus>): Reply<PublishStatus> {
  const value = { status: 'PROCESSING_UPLOAD', failReason: '', postIds: [], uploadedBytes: null, ...facts };
  return { ok: true, value, logId: 'L1' };
}

export function put(upload: Uploading, http: number | Failure, reported: number | null = null): Answer {
  const chunk = chunkAt(upload.plan, upload.offset);
  if (chunk === undefined) throw new Error('No piece begins there.');
  const reply = typeof http === 'number' ? ({ ok: true, value: { status: http, reported } } as const) : http;
  return { call: 'put', upload, chunk, reply, tookMs: 1000 };
}

/** A step or an error in one word, for tables. */
export function word(step: () => Step): string {
  try {
    const made = step();
    if (made.kind === 'continue') return `${made.stage}${made.pointOfNoReturn === true ? ' !' : ''}`;
    if (made.kind === 'start-over') return `start-over ${made.reason}`;
    if (made.kind === 'needs-attention') return `attention ${made.because.code}${made.mayBePosted ? ' maybe' : ''}`;
    if (made.kind === 'failed') return `failed ${made.because.code}`;
    return made.kind;
  } catch (error) {
    if (error instanceof RemoteError) return `throw ${error.kind}`;
    throw error;
  }
}

export function afterStatus(facts: Partial<Situation>, reply: Reply<PublishStatus>): Step {
  const s = situation(facts);
  if (typeof s.progress === 'string' || !('uploadUrl' in s.progress)) throw new Error('Nothing to ask about.');
  return nextStep(rules, s, { call: 'status', upload: s.progress, reply });
}
