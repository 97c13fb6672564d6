import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { fileTypeFromFile } from 'file-type';
import { z } from 'zod';
import { codeRoot } from '../project-root.ts';
import type { VideoFacts } from './media.ts';

/** Why a file is not taken, by name; the words are in the locale file. */
type Refusal = 'not-a-video' | 'unreadable' | 'no-video' | 'incomplete' | 'too-slow';

export type Inspection =
  | {
      readonly accepted: true;
      readonly type: string;
      readonly extension: string;
      readonly facts: VideoFacts;
      readonly sha256: string;
    }
  | { readonly accepted: false; readonly refusal: Refusal };

const processFile = path.join(codeRoot, `core/media/file-process${path.extname(import.meta.filename)}`);
/** The ending a stored file gets, by the type that its content has. */
export const extensions: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/x-m4v': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
};
const readingSchema = z.union([
  z.object({
    facts: z.object({
      width: z.number().int().positive(),
      height: z.number().int().positive(),
      durationMs: z.number().int().positive(),
      frameRate: z.number().positive(),
      codec: z.string(),
      rotation: z.number(),
    }),
  }),
  z.object({ refused: z.enum(['unreadable', 'no-video', 'incomplete']) }),
]);

/** Reads a received file's type, facts and SHA-256 from its content, in a process with a memory and a time limit. */
export async function inspectFile(file: { path: string; bytes: number }): Promise<Inspection> {
  const type = (await fileTypeFromFile(file.path))?.mime ?? '';
  const extension = extensions[type];
  if (!extension) return { accepted: false, refusal: 'not-a-video' };
  const reader = startReader();
  try {
    const reading = readingSchema.safeParse(await ask(reader, { task: 'facts', path: file.path }, 30_000));
    if (!reading.success) return { accepted: false, refusal: 'unreadable' };
    if ('refused' in reading.data) return { accepted: false, refusal: reading.data.refused };
    const limitMs = 30_000 + file.bytes / 20_000;
    const sha256 = z.hash('sha256').safeParse(await ask(reader, { task: 'sha256', path: file.path }, limitMs));
    if (!sha256.success) return { accepted: false, refusal: 'too-slow' };
    const canonicalType = type === 'video/x-m4v' ? 'video/mp4' : type;
    return { accepted: true, type: canonicalType, extension, facts: reading.data.facts, sha256: sha256.data };
  } finally {
    reader.kill('SIGKILL');
  }
}

function startReader(): ChildProcess {
  return fork(processFile, {
    execArgv: [...process.execArgv, '--max-old-space-size=96'],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** The reader's answer, or undefined when it died or ran out of memory or time. */
async function ask(
  reader: ChildProcess,
  order: { task: 'facts' | 'sha256'; path: string },
  limitMs: number,
): Promise<unknown> {
  const overdue = new AbortController();
  const timer = setTimeout(() => {
    overdue.abort();
  }, limitMs);
  try {
    return await new Promise((resolve) => {
      const giveUp = (): void => {
        resolve(undefined);
      };
      overdue.signal.addEventListener('abort', giveUp);
      reader.once('message', resolve);
      reader.once('error', giveUp);
      reader.once('exit', giveUp);
      reader.send(order);
    });
  } finally {
    clearTimeout(timer);
    reader.removeAllListeners();
  }
}
