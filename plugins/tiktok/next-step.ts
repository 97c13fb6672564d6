import type { Step } from '#plugin-api';
import { borderNear, chunkAt } from './api/chunks.ts';
import type { Chunk, ChunkPlan } from './api/chunks.ts';
import type { CreatorInfo, PublishStatus, PutReply, Reply, VideoInit } from './api/replies.ts';
import type { RuleProblem } from './draft-rules.ts';
import type { Processing, Ready, Uploading } from './progress.ts';
import { afterStatus } from './status-step.ts';
import {
  actOnRefusal,
  attention,
  expired,
  failed,
  goOn,
  line,
  logIdOf,
  percentOf,
  printOf,
  retryDelay,
  saysNothing,
  startOver,
} from './step-parts.ts';
import type { Rules, Situation } from './step-parts.ts';

/** The one call that the situation asks for next. */
export type NextCall =
  | { readonly call: 'look' }
  | { readonly call: 'init'; readonly ready: Ready }
  | { readonly call: 'put'; readonly upload: Uploading; readonly chunk: Chunk }
  | { readonly call: 'status'; readonly upload: Uploading | Processing };

export type Answer =
  | {
      readonly call: 'look';
      readonly reply: Reply<CreatorInfo>;
      readonly file: 'right' | 'missing' | 'changed';
      readonly problems: readonly RuleProblem[];
      readonly plan: ChunkPlan;
      readonly sha256: string;
    }
  | {
      readonly call: 'init';
      readonly ready: Ready;
      /** Before the call: the link's hour cannot have begun earlier. */
      readonly askedAt: number;
      readonly reply: Reply<VideoInit>;
      /** Whether the upload address is one of TikTok's hosts. */
      readonly hostIsTrusted: boolean;
    }
  | {
      readonly call: 'put';
      readonly upload: Uploading;
      readonly chunk: Chunk;
      readonly reply: Reply<PutReply>;
      readonly tookMs: number;
    }
  | { readonly call: 'status'; readonly upload: Uploading | Processing; readonly reply: Reply<PublishStatus> };

/** Before any call: what to ask TikTok, or a step that needs no asking. Pure. */
export function nextCall(rules: Rules, s: Situation): NextCall | Step {
  const { progress } = s;
  if (progress === 'none') return { call: 'look' };
  if (progress.stage === 'ready') {
    const isFresh = s.now - progress.lookedAt < rules.timings.lookIsFresh;
    return isFresh ? { call: 'init', ready: progress } : { call: 'look' };
  }
  if (progress.stage === 'processing') return { call: 'status', upload: progress };
  return nextPiece(rules, s, progress);
}

/** After a call: what its answer means. Pure. @throws RemoteError where nothing was decided and the host shall come again */
export function nextStep(rules: Rules, s: Situation, answer: Answer): Step {
  switch (answer.call) {
    case 'look':
      return afterLook(rules, s, answer);
    case 'init':
      return afterInit(rules, s, answer);
    case 'put':
      return afterPut(rules, s, answer);
    case 'status':
      return afterStatus(rules, s, answer);
  }
}

/** The only door to the last piece: it is sent in the call after the point of no return was stored. */
function nextPiece(rules: Rules, s: Situation, upload: Uploading): NextCall | Step {
  const chunk = chunkAt(upload.plan, upload.offset);
  if (upload.uncertain || upload.writer !== s.writer || chunk === undefined) return { call: 'status', upload };
  if (s.pointOfNoReturnAt !== null) {
    const isResumable = s.now - upload.urlAt < rules.timings.linkResumable;
    return isResumable ? { call: 'put', upload, chunk } : { call: 'status', upload };
  }
  if (!fitsIntoTheHour(rules, s, { upload, chunk })) return expired(rules, s);
  if (!chunk.isLast) return { call: 'put', upload, chunk };
  const timeline = line(rules, 'pointOfNoReturn');
  return {
    kind: 'continue',
    stage: 'publishing',
    percent: percentOf(upload, upload.offset),
    progress: upload,
    at: s.now,
    pointOfNoReturn: true,
    timeline,
  };
}

function fitsIntoTheHour(rules: Rules, s: Situation, piece: { upload: Uploading; chunk: Chunk }): boolean {
  const { linkLife, linkReserve, slowestRate } = rules.timings;
  const estimate = piece.chunk.bytes / (piece.upload.bytesPerMs ?? slowestRate);
  return s.now - piece.upload.urlAt + estimate + linkReserve < linkLife;
}

function afterLook(rules: Rules, s: Situation, answer: Extract<Answer, { call: 'look' }>): Step {
  const { reply, problems } = answer;
  if (!reply.ok) return actOnRefusal(rules, s, reply);
  if (answer.file !== 'right')
    return failed(rules.errors.own(answer.file === 'missing' ? 'media_missing' : 'media_changed'));
  const about = (kind: RuleProblem['about']): string =>
    problems
      .filter((problem) => problem.about === kind)
      .map((problem) => problem.message)
      .join(' ');
  if (about('content') !== '') return failed(rules.errors.own('media_unfit', { detail: about('content') }));
  if (about('options') !== '') {
    return attention(rules.errors.own('options_changed', { detail: about('options'), ...logIdOf(reply) }), false);
  }
  const progress: Ready = {
    stage: 'ready',
    lookedAt: s.now,
    plan: answer.plan,
    sha256: answer.sha256,
    username: reply.value.username,
  };
  const timeline = line(rules, 'looked', { call: 'creator_info/query', ...logIdOf(reply) });
  return { kind: 'continue', stage: 'publishing', percent: 0, progress, at: s.now, timeline };
}

/** Without its publish_id nobody can send bytes, so nothing can be posted: beginning again is always safe. */
function afterInit(rules: Rules, s: Situation, answer: Extract<Answer, { call: 'init' }>): Step {
  const { reply, ready } = answer;
  if (!reply.ok) {
    if (reply.code === 'stopped') throw rules.errors.remoteError(reply);
    if (!saysNothing(rules, reply)) return actOnRefusal(rules, s, reply);
    const { least, most } = rules.timings.initAgain;
    const delay = Math.round(least + s.jitter * (most - least));
    const step = startOver(rules, s, { reason: 'init_lost', delay, key: 'initLost' });
    return { ...step, timeline: line(rules, 'initLost', printOf(reply)) };
  }
  if (!answer.hostIsTrusted) return failed(rules.errors.own('upload_host_refused', logIdOf(reply)));
  const progress: Uploading = {
    ...ready,
    stage: 'uploading',
    uploadUrl: reply.value.uploadUrl,
    urlAt: answer.askedAt,
    offset: 0,
    tries: 0,
    uncertain: false,
    writer: s.writer,
    bytesPerMs: null,
  };
  const reference = reply.value.publishId;
  const timeline = line(rules, 'begun', { call: 'video/init', reference, ...logIdOf(reply) });
  return { kind: 'continue', stage: 'publishing', percent: 0, progress, at: s.now, reference, timeline };
}

type Put = Extract<Answer, { call: 'put' }>;

/** docs: content-posting-api-media-transfer-guide, answers of the binary upload. */
function afterPut(rules: Rules, s: Situation, put: Put): Step {
  const { reply } = put;
  if (!reply.ok) {
    if (reply.code === 'stopped') throw rules.errors.remoteError(reply);
    return askHowFar(rules, s, put);
  }
  const { status } = reply.value;
  if (status === 201) return afterWholeFile(rules, s, put);
  if (status === 206 && !put.chunk.isLast) return afterPiece(rules, s, put);
  if (status === 416) return resync(rules, s, put);
  if (status >= 500 && put.upload.tries < 4) return sendAgain(rules, s, put);
  if (s.pointOfNoReturnAt === null) {
    if (status === 403 || status === 404) return expired(rules, s);
    if (status === 400) return failed(rules.errors.explain({ place: 'upload', code: 'put_400', ...logIdOf(reply) }));
  }
  return askHowFar(rules, s, put);
}

function afterPiece(rules: Rules, s: Situation, put: Put): Step {
  const { chunk, upload } = put;
  const end = chunk.last + 1;
  const reported = put.reply.ok ? put.reply.value.reported : null;
  if (reported !== null && borderNear(upload.plan, reported) !== end) return askHowFar(rules, s, put);
  const bytesPerMs = chunk.bytes / Math.max(1, put.tookMs);
  const timeline = piece(rules, 'chunk', put);
  return goOn({ ...known(s, upload), offset: end, tries: 0, bytesPerMs }, { at: s.now, timeline });
}

/** Every byte is there. Before the last piece was sent TikTok cannot say so; if it does, only its status is believed. */
function afterWholeFile(rules: Rules, s: Situation, put: Put): Step {
  const progress: Processing = { ...known(s, put.upload), stage: 'processing', complete: put.chunk.isLast, looks: 1 };
  return {
    kind: 'continue',
    stage: 'processing',
    percent: 100,
    progress,
    at: s.now + (rules.timings.firstLooks[0] ?? 0),
    ...(s.pointOfNoReturnAt === null ? { pointOfNoReturn: true as const } : {}),
    timeline: line(rules, 'complete', { call: 'PUT', code: '201', ...logIdOf(put.reply) }),
  };
}

/** TikTok expects another piece and says which. */
function resync(rules: Rules, s: Situation, put: Put): Step {
  const { upload } = put;
  const reported = put.reply.ok ? put.reply.value.reported : null;
  const border = reported === null ? undefined : borderNear(upload.plan, reported);
  if (border === undefined && reported !== null && s.pointOfNoReturnAt === null) {
    return startOver(rules, s, { reason: 'offset_unclear', delay: 0 });
  }
  if (border === undefined || border === upload.offset || border === upload.plan.size) return askHowFar(rules, s, put);
  const timeline = piece(rules, 'resync', put);
  return goOn({ ...known(s, upload), offset: border, tries: upload.tries + 1 }, { at: s.now, timeline });
}

function sendAgain(rules: Rules, s: Situation, put: Put): Step {
  const at = s.now + retryDelay(rules, s, put.upload.tries);
  return goOn(
    { ...known(s, put.upload), tries: put.upload.tries + 1 },
    { at, timeline: piece(rules, 'chunkAgain', put) },
  );
}

/** The piece may or may not be there: TikTok's status tells. After the last piece that is the first look. */
function askHowFar(rules: Rules, s: Situation, put: Put): Step {
  const tries = put.upload.tries + 1;
  const { firstLooks } = rules.timings;
  const firstLook = firstLooks[Math.min(tries, firstLooks.length) - 1] ?? 0;
  const delay = put.chunk.isLast ? firstLook : retryDelay(rules, s, tries);
  const timeline = piece(rules, put.chunk.isLast ? 'finishUnknown' : 'chunkAgain', put);
  return goOn({ ...known(s, put.upload), tries, uncertain: true }, { at: s.now + delay, timeline });
}

function known(s: Situation, upload: Uploading): Uploading {
  return { ...upload, uncertain: false, writer: s.writer };
}

function piece(rules: Rules, key: string, put: Put): ReturnType<typeof line> {
  const values = { part: put.chunk.index + 1, parts: put.upload.plan.count };
  const code = put.reply.ok ? String(put.reply.value.status) : put.reply.code;
  return [{ sentence: rules.t(`tiktok:timeline.${key}`, values), call: 'PUT', code, ...logIdOf(put.reply) }];
}
