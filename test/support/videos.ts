import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = path.join(tmpdir(), 'castdeck-test-videos');

export interface VideoOrder {
  readonly seconds?: number;
  /** Constant: bytes ≈ seconds × megabits / 8, so that a test knows how many chunks it gets. */
  readonly megabits?: number;
  readonly size?: string;
  readonly frameRate?: number;
  readonly format?: 'mp4' | 'mov' | 'webm';
  /** Degrees written into the file for display. */
  readonly rotation?: 0 | 90;
}

/** A real video made by ffmpeg, kept for the next run: the same order gives the same path. */
export async function makeVideo(order: VideoOrder = {}): Promise<string> {
  const { seconds = 4, megabits = 1, size = '360x640', frameRate = 30, format = 'mp4', rotation = 0 } = order;
  const file = path.join(folder, `${seconds}s-${megabits}m-${size}-${frameRate}fps-${rotation}.${format}`);
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  const plain = `${file}.${process.pid}.${format}`;
  const codec =
    format === 'webm'
      ? ['-c:v', 'libvpx', '-b:v', `${megabits}M`, '-deadline', 'realtime', '-cpu-used', '8']
      : ['-c:v', 'libx264', '-preset', 'ultrafast', ...constantRate(megabits)];
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${frameRate}`, '-t', String(seconds)];
  await run('ffmpeg', ['-v', 'error', '-y', ...source, ...codec, '-pix_fmt', 'yuv420p', plain]);
  const turned = ['-metadata:s:v:0', `rotate=${rotation}`];
  if (rotation === 0) await rename(plain, file);
  else await run('ffmpeg', ['-v', 'error', '-y', '-i', plain, '-c', 'copy', ...turned, file]);
  return file;
}

function constantRate(megabits: number): string[] {
  const rate = `${megabits}M`;
  const hrd = ['-x264-params', 'nal-hrd=cbr:force-cfr=1'];
  return ['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate, ...hrd];
}
