import { z } from 'zod';
import type { FileReader } from './file-readers.ts';
import { pictureChanges, type PictureFacts, type VideoFacts } from './media.ts';
import { pictureEndings } from './picture-types.ts';
import { extensions } from './video-types.ts';

/** Why a file is not taken, by name; the words are in the locale file. */
const refusals = [
  ...(['not-usable', 'unreadable', 'no-video', 'incomplete'] as const),
  ...(['unreadable-picture', 'animated', 'heavy-picture'] as const),
] as const;
type Refusal = (typeof refusals)[number];

export type Inspection =
  | {
      readonly accepted: true;
      readonly kind: 'video';
      readonly type: string;
      readonly extension: string;
      readonly facts: VideoFacts;
    }
  | { readonly accepted: true; readonly kind: 'picture'; readonly extension: string; readonly facts: PictureFacts }
  | { readonly accepted: false; readonly refusal: Refusal };

const side = z.number().int().positive();

const readingSchema = z.union([
  z.object({
    type: z.string(),
    facts: z.object({
      width: side,
      height: side,
      durationMs: z.number().int().positive(),
      frameRate: z.number().positive(),
      codec: z.string(),
      rotation: z.number(),
    }),
  }),
  z.object({
    picture: z.object({
      type: z.enum(['image/jpeg', 'image/webp']),
      width: side,
      height: side,
      bytes: side,
      sha256: z.string().regex(/^[0-9a-f]{64}$/u),
      changed: z
        .object({ what: z.array(z.enum(pictureChanges)), from: z.string(), width: side, height: side })
        .nullable(),
    }),
  }),
  z.object({ refused: z.enum(refusals) }),
  z.object({ disk: z.string() }),
]);

/**
 * Reads a received file's type and facts from its content, in a process with a memory and a time limit. A picture that
 * had to be made anew lies beside it afterwards, and its small one.
 * @throws an error with the disk's `code` when that takes nothing more; the file is as it was
 */
export async function inspectFile(file: string, reader: FileReader): Promise<Inspection> {
  const reading = readingSchema.safeParse(await reader.read(file));
  if (!reading.success) return { accepted: false, refusal: 'unreadable' };
  if ('disk' in reading.data) {
    throw Object.assign(new Error('The disk did not take what is made of a file.'), { code: reading.data.disk });
  }
  if ('refused' in reading.data) return { accepted: false, refusal: reading.data.refused };
  if ('picture' in reading.data) {
    const { picture } = reading.data;
    return { accepted: true, kind: 'picture', extension: pictureEndings[picture.type], facts: picture };
  }
  const { type, facts } = reading.data;
  const extension = extensions[type];
  if (extension === undefined) return { accepted: false, refusal: 'not-usable' };
  return { accepted: true, kind: 'video', type: type === 'video/x-m4v' ? 'video/mp4' : type, extension, facts };
}
