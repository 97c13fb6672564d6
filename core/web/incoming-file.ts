import { createHash, randomBytes } from 'node:crypto';
import disk, { type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StorageEngine } from 'multer';

/** Where the one file of a form goes: under a random name, hashed on its way, written a mebibyte at a time. */
export interface IncomingFile {
  readonly engine: StorageEngine;
  /** SHA-256 of what came in, in hex; '' until all of it is there. */
  sha256(): string;
}

type OpenFile = Pick<Parameters<StorageEngine['_handleFile']>[1], 'stream' | 'path'>;

/** @param onProgress called with the bytes that have come in so far */
export function createIncomingFile(folder: string, onProgress: (bytes: number) => void): IncomingFile {
  let out: WriteStream | undefined;
  let sha256 = '';
  const store = async (file: OpenFile) => {
    const target = path.join(folder, randomBytes(16).toString('hex'));
    const writing = disk.createWriteStream(target, { highWaterMark: 1024 * 1024 });
    out = writing;
    // By this multer knows that there is something to remove when the form breaks off.
    file.path = target;
    const hash = createHash('sha256');
    let bytes = 0;
    const written = pipeline(file.stream, writing);
    file.stream.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
      onProgress(bytes);
    });
    await written;
    sha256 = hash.digest('hex');
    return { path: target, size: writing.bytesWritten };
  };
  return {
    sha256: () => sha256,
    engine: {
      _handleFile: (_req, file, done) => {
        store(file).then(
          (facts) => done(null, facts),
          (error: unknown) => remove(out).then(() => done(error), done),
        );
      },
      _removeFile: (_req, _file, done) => {
        remove(out).then(() => done(null), done);
      },
    },
  };
}

async function remove(out: WriteStream | undefined): Promise<void> {
  if (out === undefined) return;
  // One that is still being opened would come back after its removal.
  if (!out.closed) await new Promise<void>((resolve) => out.once('close', resolve).destroy());
  await rm(out.path, { force: true });
}
