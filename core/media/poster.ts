import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Log } from '#plugin-api';

const run = promisify(execFile);

/**
 * Takes one frame of a video as a JPEG at most 540 pixels wide, with Debian's ffmpeg where present.
 * @returns whether `to` was written; a missing ffmpeg or an odd file is no reason to refuse the video
 */
export async function takePoster(video: { path: string; durationMs: number }, to: string, log: Log): Promise<boolean> {
  const seconds = Math.min(1, video.durationMs / 2000).toFixed(3);
  // Fixed arguments and our own random names only: nothing a person typed reaches the command.
  const input = ['-nostdin', '-v', 'error', '-protocol_whitelist', 'file', '-ss', seconds, '-i', video.path];
  const output = ['-frames:v', '1', '-vf', "scale='min(540,iw)':-2", '-q:v', '4', '-f', 'image2', '-y', to];
  try {
    await run('ffmpeg', [...input, ...output], { timeout: 20_000, maxBuffer: 64 * 1024 });
    return true;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    log.info({ reason: missing ? 'ffmpeg is not installed' : 'ffmpeg could not read the file' }, 'no poster frame');
    return false;
  }
}
