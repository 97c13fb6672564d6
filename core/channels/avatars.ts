import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '#plugin-api';

/** Copies of profile pictures: the links of networks expire. */
export interface Avatars {
  /** Stores a picture as a small WebP under a random name. @returns null when the bytes are no picture */
  keep(bytes: Uint8Array): Promise<string | null>;
  remove(name: string): Promise<void>;
  /** Where a kept picture lies. */
  file(name: string): string;
}

const sidePixels = 256;
/** A profile picture is far smaller; a picture made to exhaust memory is far larger. */
const mostInputPixels = 16_000_000;

export function createAvatars(deps: { readonly dataDir: string; readonly log: Log }): Avatars {
  const folder = path.join(deps.dataDir, 'avatars');
  const file = (name: string) => path.join(folder, path.basename(name));
  return {
    file,
    remove: (name) => rm(file(name), { force: true }),
    async keep(bytes) {
      await mkdir(folder, { recursive: true });
      const name = `${randomBytes(16).toString('hex')}.webp`;
      const drawn = await draw(bytes);
      if (drawn === undefined) {
        deps.log.warn({ bytes: bytes.length }, 'The picture of a profile could not be read');
        return null;
      }
      await writeFile(file(name), drawn);
      return name;
    },
  };
}

/** Undefined when sharp cannot read it: a connection is worth more than its picture. */
async function draw(bytes: Uint8Array): Promise<Buffer | undefined> {
  // Loaded for the first picture: a native library that no start needs.
  const { default: sharp } = await import('sharp');
  try {
    return await sharp(bytes, { limitInputPixels: mostInputPixels, failOn: 'error' })
      .rotate()
      .resize(sidePixels, sidePixels, { fit: 'cover' })
      .webp()
      .toBuffer();
  } catch {
    return undefined;
  }
}
