import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MediaView } from '#plugin-api';
import type { Chunk } from './api/chunks.ts';

/** Bytes read at once: all of a file that is in memory while it goes up. */
const highWaterMark = 1024 * 1024;

export async function hasSize(file: Pick<MediaView, 'path' | 'bytes'>): Promise<boolean> {
  return (await sizeOf(file.path)) === file.bytes;
}

/** Whether the file is still the one that was uploaded, byte for byte. */
export async function fileState(
  file: Pick<MediaView, 'path' | 'bytes' | 'sha256'>,
  signal: AbortSignal,
): Promise<'right' | 'missing' | 'changed'> {
  const size = await sizeOf(file.path);
  if (size === undefined) return 'missing';
  if (size !== file.bytes) return 'changed';
  const hash = createHash('sha256');
  await pipeline(createReadStream(file.path, { highWaterMark }), hash, { signal });
  return hash.digest('hex') === file.sha256.toLowerCase() ? 'right' : 'changed';
}

/** The bytes of one piece, streamed from disk. */
export function readPiece(path: string, chunk: Chunk): Readable {
  const stream = createReadStream(path, { start: chunk.first, end: chunk.last, highWaterMark });
  // The upload hears of a read error as well and ends; without any listener the process would end instead.
  stream.on('error', () => undefined);
  return stream;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
