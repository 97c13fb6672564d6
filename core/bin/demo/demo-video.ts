import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { projectRoot } from '../../project-root.ts';

const sample = path.join(projectRoot, 'core/bin/demo/sample.mp4');
const oneMegabyte = 1_000_000;

/**
 * A real six-second MP4, grown to `bytes` by a `free` box at its end, which players skip: large enough that the demo's
 * upload goes chunk by chunk, small enough to ship.
 */
export async function makeDemoVideo(to: string, bytes: number): Promise<void> {
  await copyFile(sample, to);
  const padding = bytes - (await stat(to)).size;
  const head = Buffer.alloc(8);
  head.writeUInt32BE(padding, 0);
  head.write('free', 4, 'latin1');
  const file = await open(to, 'a');
  try {
    await file.write(head);
    for (let left = padding - head.length; left > 0; left -= oneMegabyte) {
      await file.write(Buffer.alloc(Math.min(oneMegabyte, left)));
    }
  } finally {
    await file.close();
  }
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
