import { createHash } from 'node:crypto';
import axios from 'axios';
import sharp from 'sharp';
import { finishFetching } from './processing.ts';
import { isAtWork, type FetchedPhoto, type Publish } from './publishes.ts';
import type { World } from './world.ts';

const MOST_BYTES = 20_000_000;
const SHORT_SIDE = 1080;
const LONG_SIDE = 1920;
const TYPES: Readonly<Record<string, string>> = { jpeg: 'image/jpeg', webp: 'image/webp' };
/** A real one gives a download an hour. */
const PATIENCE_MS = 20_000;

/** Fetches every photo over HTTP, in order, as TikTok does after the call was answered; says what came of it. */
export async function fetchPhotos(world: World, publish: Publish): Promise<void> {
  const { photo_fetch: how } = world.switches.values;
  const addresses = how === 'none' ? [] : (publish.photos?.addresses ?? []);
  let failReason: string | undefined;
  for (const address of addresses) {
    failReason ??= await fetchOne(publish, address);
    if (failReason !== undefined) break;
  }
  if (!isAtWork(publish)) return;
  const joined = publish.fetched.map(({ sha256 }) => sha256).join(' ');
  publish.sha256 = createHash('sha256').update(joined).digest('hex');
  finishFetching(world, publish, failReason);
}

/** @returns the fail_reason, if any. Redirects are not followed (content-posting-api-media-transfer-guide). */
async function fetchOne(publish: Publish, address: string): Promise<string | undefined> {
  const answer = await get(address);
  if (answer?.status !== 200) return 'photo_pull_failed';
  const photo = await look(answer);
  publish.fetched.push(photo);
  publish.received += photo.bytes;
  // What the server says it is, and what it is.
  if (!Object.values(TYPES).includes(photo.type) || answer.type !== photo.type) return 'file_format_check_failed';
  if (photo.bytes > MOST_BYTES) return 'file_format_check_failed';
  const isLarge = Math.min(photo.width, photo.height) > SHORT_SIDE || Math.max(photo.width, photo.height) > LONG_SIDE;
  return isLarge ? 'picture_size_check_failed' : undefined;
}

interface Fetched {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** Undefined where nothing came. */
async function get(address: string): Promise<Fetched | undefined> {
  try {
    const answer = await axios.get<ArrayBuffer>(address, {
      ...{ responseType: 'arraybuffer', maxRedirects: 0, proxy: false, validateStatus: () => true },
      ...{ timeout: PATIENCE_MS, maxContentLength: 2 * MOST_BYTES },
    });
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? '';
    return { status: answer.status, type, body: Buffer.from(answer.data) };
  } catch {
    // A host that is away, or takes too long, is the sender's fault: photo_pull_failed.
    return undefined;
  }
}

async function look({ status, body }: Fetched): Promise<FetchedPhoto> {
  const sha256 = createHash('sha256').update(body).digest('hex');
  const facts = { status, bytes: body.byteLength, sha256 };
  try {
    const { format, width, height } = await sharp(body, { limitInputPixels: 100_000_000 }).metadata();
    return { ...facts, type: TYPES[format] ?? `image/${format}`, width, height };
  } catch {
    // Not a picture.
    return { ...facts, type: '', width: 0, height: 0 };
  }
}
