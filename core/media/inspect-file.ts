import { z } from 'zod';
import type { FileReader } from './file-readers.ts';
import type { VideoFacts } from './media.ts';
import { extensions } from './video-types.ts';

/** Why a file is not taken, by name; the words are in the locale file. */
type Refusal = 'not-a-video' | 'unreadable' | 'no-video' | 'incomplete';

export type Inspection =
  | {
      readonly accepted: true;
      readonly type: string;
      readonly extension: string;
      readonly facts: VideoFacts;
    }
  | { readonly accepted: false; readonly refusal: Refusal };

const readingSchema = z.union([
  z.object({
    type: z.string(),
    facts: z.object({
      width: z.number().int().positive(),
      height: z.number().int().positive(),
      durationMs: z.number().int().positive(),
      frameRate: z.number().positive(),
      codec: z.string(),
      rotation: z.number(),
    }),
  }),
  z.object({ refused: z.enum(['not-a-video', 'unreadable', 'no-video', 'incomplete']) }),
]);

/** Reads a received file's type and facts from its content, in a process with a memory and a time limit. */
export async function inspectFile(file: string, reader: FileReader): Promise<Inspection> {
  const reading = readingSchema.safeParse(await reader.read(file));
  if (!reading.success) return { accepted: false, refusal: 'unreadable' };
  if ('refused' in reading.data) return { accepted: false, refusal: reading.data.refused };
  const { type, facts } = reading.data;
  const extension = extensions[type];
  if (extension === undefined) return { accepted: false, refusal: 'not-a-video' };
  return { accepted: true, type: type === 'video/x-m4v' ? 'video/mp4' : type, extension, facts };
}
