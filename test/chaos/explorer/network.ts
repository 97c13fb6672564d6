import type { Failure, PublishStatus, Reply } from '../../../plugins/tiktok/api/replies.ts';
import type { Answer, NextCall } from '../../../plugins/tiktok/next-step.ts';
import type { Put, State, UploadModel } from './model.ts';
import { longest, plans, timings } from './protocol.ts';

// TikTok as far as it matters: an opening gives an address that lives an hour, pieces count in order, the last byte
// makes the post, the status tells the truth. docs: content-posting-api-media-transfer-guide, …-get-video-status.

type Pieces = keyof typeof plans;

function planOf(pieces: Pieces): (typeof plans)[Pieces] {
  return plans[pieces];
}

export function lostReply(call: NextCall['call']): Failure {
  const place = call === 'put' ? 'upload' : 'api';
  return { ok: false, place, call, code: 'no_answer', status: null };
}

export function lookAnswer(pieces: Pieces): Answer {
  const value = {
    ...{ username: 'northroast', nickname: 'North Roast', privacyOptions: ['SELF_ONLY'] },
    ...{ commentDisabled: false, duetDisabled: false, stitchDisabled: false, maxDurationSeconds: null },
  };
  return {
    call: 'look',
    reply: { ok: true, value },
    ...{ file: 'right', problems: [], plan: planOf(pieces), sha256: 'x' },
  };
}

export function lostLook(pieces: Pieces): Answer {
  return {
    call: 'look',
    reply: lostReply('look'),
    ...{ file: 'right', problems: [], plan: planOf(pieces), sha256: 'x' },
  };
}

/** A new publish; its place in the list is its id and its address. */
export function opened(state: State): { readonly state: State; readonly id: string } {
  const upload: UploadModel = { createdAt: state.now, pieces: 0, arrivedAt: null, status: 'PROCESSING_UPLOAD' };
  return { state: { ...state, uploads: [...state.uploads, upload] }, id: String(state.uploads.length) };
}

export function isAlive(upload: UploadModel | undefined, now: number): boolean {
  return upload !== undefined && now < upload.createdAt + timings.network.linkLife;
}

/** A whole piece has come in. Out of order it changes nothing: 416. */
export function landed(state: State, put: Put, pieces: Pieces): { readonly state: State; readonly status: number } {
  const upload = state.uploads[put.upload];
  if (upload === undefined || upload.status === 'FAILED') return { state, status: 404 };
  if (put.piece !== upload.pieces) return { state, status: 416 };
  const isLast = put.piece === pieces - 1;
  const change = { pieces: upload.pieces + 1, ...(isLast ? { arrivedAt: state.now } : {}) };
  return { state: withUpload(state, put.upload, change), status: isLast ? 201 : 206 };
}

/** In bytes, as the answers of the binary upload and of the status count. */
export function uploadedBytes(upload: UploadModel | undefined, pieces: Pieces): number {
  const plan = planOf(pieces);
  const count = upload?.pieces ?? 0;
  return count === plan.count ? plan.size : count * plan.chunkSize;
}

export function statusReply(state: State, reference: string, pieces: Pieces): Reply<PublishStatus> {
  const upload = state.uploads[Number(reference)];
  if (upload === undefined) return { ...lostReply('status'), code: 'invalid_publish_id', status: 400 };
  const isUploading = upload.status === 'PROCESSING_UPLOAD';
  const value = {
    status: upload.status,
    failReason: upload.status === 'FAILED' ? 'internal' : '',
    postIds: upload.status === 'PUBLISH_COMPLETE' ? ['1'] : [],
    uploadedBytes: isUploading ? uploadedBytes(upload, pieces) : null,
  };
  return { ok: true, value };
}

export function withUpload(state: State, index: number, change: Partial<UploadModel>): State {
  const uploads = state.uploads.map((upload, at) => (at === index ? { ...upload, ...change } : upload));
  return { ...state, uploads };
}

/** Complete uploads that TikTok is still working on: it may end now, and must before long. */
export function processingUploads(state: State): readonly { readonly index: number; readonly endsBy: number }[] {
  return state.uploads.flatMap(({ arrivedAt, status }, index) =>
    arrivedAt === null || status !== 'PROCESSING_UPLOAD' ? [] : [{ index, endsBy: arrivedAt + longest.processingMs }],
  );
}

/** Posts there are: the last byte has come in and TikTok has not failed it. */
export function postsOf(state: State): number {
  return state.uploads.filter(({ arrivedAt, status }) => arrivedAt !== null && status !== 'FAILED').length;
}

/** Where photos may be posted, and they are what was uploaded. */
export function photoLookAnswer(ticket: string): Answer {
  const looked = lookAnswer(1);
  if (looked.call !== 'look') throw new Error('A look is a look.');
  const { reply, file, problems } = looked;
  return { call: 'look-at-photos', reply, file, problems, address: 'ready', ticket };
}
