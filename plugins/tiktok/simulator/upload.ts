import { createWriteStream } from 'node:fs';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { Call } from './call.ts';
import { chunkRange } from './chunk-plan.ts';
import { finishUpload } from './processing.ts';
import type { Publish } from './publishes.ts';
import { empty, type Reply } from './replies.ts';
import type { World } from './world.ts';

const TYPES = new Set(['video/mp4', 'video/quicktime', 'video/webm']);

/** PUT {upload_url}: one chunk, streamed to disk (content-posting-api-media-transfer-guide). */
export async function answerUpload(world: World, call: Call): Promise<Reply> {
  const publish = findPublish(world, call.query);
  if (publish === undefined) return empty(404);
  call.noted.publish_id = publish.publishId;
  call.noted.account = world.accounts.get(publish.accountId).username;
  call.noted.client_key = publish.clientKey;
  const reply = await takeChunk(world, call, publish);
  publish.chunkRequests.push({
    at: world.clock.now(),
    range: call.headers['content-range'] ?? '',
    status: reply.status,
  });
  return reply;
}

export function findPublish(world: World, query: URLSearchParams): Publish | undefined {
  const publish = world.publishes.findUpload(query.get('upload_id') ?? '', query.get('upload_token') ?? '');
  return publish?.status === 'FAILED' ? undefined : publish;
}

export interface Range {
  readonly first: number;
  readonly last: number;
  readonly total: number;
}

export function readRange(headers: IncomingHttpHeaders): Range | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
  return match === null ? undefined : { first: Number(match[1]), last: Number(match[2]), total: Number(match[3]) };
}

async function takeChunk(world: World, call: Call, publish: Publish): Promise<Reply> {
  const { plan } = publish;
  const range = readRange(call.headers);
  const length = Number(call.headers['content-length']);
  if (publish.arrivedAt === undefined && publish.uploadEndsAt <= world.clock.now()) return empty(403);
  if (!TYPES.has(call.headers['content-type'] ?? '') || range === undefined) return empty(400);
  if (range.total !== plan.videoSize || length !== range.last - range.first + 1) return empty(400);
  if (range.first !== publish.received || publish.isReceiving) return progress(world, publish, 416);
  const expected = chunkRange(plan, Math.floor(publish.received / plan.chunkSize));
  if (range.last !== expected.last) return empty(400);
  publish.isReceiving = true;
  try {
    await store(call, publish, range);
  } finally {
    publish.isReceiving = false;
  }
  if (publish.received < plan.videoSize) return progress(world, publish, 206);
  await finishUpload(world, publish);
  return progress(world, publish, 201);
}

/** A chunk counts only when it is whole: a cut connection throws here and leaves progress where it was. */
async function store(call: Call, publish: Publish, range: Range): Promise<void> {
  const hash = publish.hash.copy();
  let bytes = 0;
  const measure = new Transform({
    transform(part: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      hash.update(part);
      bytes += part.length;
      done(null, part);
    },
  });
  await pipeline(call.stream, measure, createWriteStream(publish.file, { flags: 'r+', start: range.first }));
  if (bytes !== range.last - range.first + 1) throw new Error('The body ended before its announced length.');
  publish.hash = hash;
  publish.received = range.last + 1;
}

/** The documentation prints `bytes 0-{uploaded}/{total}` and leaves open whether that counts or points. */
function progress(world: World, publish: Publish, status: number): Reply {
  const isCount = world.switches.values.upload_progress === 'count';
  const uploaded = isCount ? publish.received : Math.max(0, publish.received - 1);
  return empty(status, { 'content-range': `bytes 0-${uploaded}/${publish.plan.videoSize}` });
}
