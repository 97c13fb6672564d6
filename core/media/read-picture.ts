import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import type { Metadata, Sharp, SharpOptions } from 'sharp';
import type { PictureChange, PictureFacts } from './media.ts';
import { carriesNotes } from './picture-notes.ts';
import { pictureLimits } from './picture-types.ts';

/** What reading a picture came to. */
export type PictureReading =
  { readonly picture: PictureFacts } | { readonly refused: 'unreadable-picture' | 'animated' | 'heavy-picture' };

/** More than any telephone takes, and no more than fits into memory. */
const mostPixels = 60_000_000;
/** Of its pixels as they lie in memory. Interlaced and progressive ones are held whole, and then some. */
const mostBytes = { inRows: 256_000_000, inPasses: 128_000_000 };
const posterSide = 540;
const options: SharpOptions = { limitInputPixels: mostPixels, failOn: 'error', sequentialRead: true };

/**
 * Reads a picture and, where networks would not take it as it is, writes one that they take beside it; a small one for
 * pages as well. Nothing is added, and what is written anew holds no place, camera or other notes of the old one. Runs
 * inside the file process.
 * @param places where the new picture and the small one are written
 * @throws errors of the disk, which are no fault of the picture
 */
export async function readPicture(
  file: { readonly path: string; readonly type: string },
  places: { readonly made: string; readonly poster: string },
): Promise<PictureReading> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  try {
    const meta = await sharp(file.path, options).metadata();
    if ((meta.pages ?? 1) > 1) return { refused: 'animated' };
    if (openedBytes(meta) > (meta.isProgressive ? mostBytes.inPasses : mostBytes.inRows)) {
      return { refused: 'heavy-picture' };
    }
    const changes = await changesOf(file, meta);
    const isKept = changes.length === 0;
    if (!isKept) await writeFile(places.made, await makeAnew(sharp(file.path, options), file.type));
    const final = isKept ? file.path : places.made;
    const poster = sharp(final, options).resize({ width: posterSide, withoutEnlargement: true });
    await writeFile(places.poster, await poster.flatten({ background: '#fff' }).jpeg({ quality: 82 }).toBuffer());
    return { picture: await factsOf(sharp(final, options), { final, isKept, changes, before: meta }) };
  } catch (error) {
    if (isOfDisk(error)) throw error;
    // Any failure to decode is the file's own fault: a picture that breaks off, or more pixels than anybody posts.
    return { refused: 'unreadable-picture' };
  }
}

/** sharp's own errors name no call of the system. */
function isOfDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

const sampleBytes: Readonly<Record<string, number>> = { uchar: 1, char: 1, ushort: 2, short: 2 };

/** What its pixels take in memory, as its head says, before any of them is opened. */
function openedBytes({ width, height, channels, depth }: Metadata): number {
  return width * height * channels * (sampleBytes[depth] ?? 4);
}

/** Why it cannot stay as it is; empty where it can. */
async function changesOf(
  { path, type }: { readonly path: string; readonly type: string },
  meta: Metadata,
): Promise<readonly PictureChange[]> {
  const { size: bytes } = await stat(path);
  const { width, height } = upright(meta);
  const isLarge = Math.min(width, height) > pictureLimits.shortSide || Math.max(width, height) > pictureLimits.longSide;
  return [
    ...(type === 'image/png' ? (['format'] as const) : []),
    ...(isLarge ? (['size'] as const) : []),
    ...((meta.orientation ?? 1) > 1 ? (['turned'] as const) : []),
    ...(isPlainColour(meta) ? [] : (['colours'] as const)),
    ...(bytes > pictureLimits.bytes && !isLarge ? (['weight'] as const) : []),
    ...(hasNotes(meta) || (await hidesNotes({ path, type, bytes })) ? (['notes'] as const) : []),
  ];
}

/** Where, when, with what and by whom: people do not see that they would hand it to everybody. */
function hasNotes({ exif, xmp, iptc }: Metadata): boolean {
  return [exif, xmp, iptc].some((notes) => notes !== undefined);
}

/** Those that the decoder does not tell of. What is heavier is made anew in any case. */
async function hidesNotes(file: { path: string; type: string; bytes: number }): Promise<boolean> {
  return file.bytes <= pictureLimits.bytes && carriesNotes(file.type, await readFile(file.path));
}

function upright(meta: Metadata): { readonly width: number; readonly height: number } {
  const isLying = (meta.orientation ?? 1) >= 5;
  return isLying ? { width: meta.height, height: meta.width } : { width: meta.width, height: meta.height };
}

/** sRGB, or grey; without a profile that is what everybody takes it for. */
function isPlainColour({ space, icc }: Metadata): boolean {
  if (space !== 'srgb' && space !== 'b-w') return false;
  if (icc === undefined) return true;
  // The profile's own name, one letter a byte or two.
  return /s\0?R\0?G\0?B/u.test(icc.toString('latin1'));
}

async function makeAnew(picture: Sharp, type: string): Promise<Buffer> {
  const meta = await picture.metadata();
  const { width, height } = upright(meta);
  const { shortSide, longSide } = pictureLimits;
  const box = width > height ? { width: longSide, height: shortSide } : { width: shortSide, height: longSide };
  const made = picture
    .autoOrient()
    .resize({ ...box, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb');
  if (type === 'image/webp') return made.webp({ quality: 92 }).toBuffer();
  return made.flatten({ background: '#fff' }).jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer();
}

interface Made {
  readonly final: string;
  readonly isKept: boolean;
  readonly changes: readonly PictureChange[];
  readonly before: Metadata;
}

async function factsOf(picture: Sharp, { final, isKept, changes, before }: Made): Promise<PictureFacts> {
  const meta = await picture.metadata();
  const bytes = await readFile(final);
  const type = meta.format === 'webp' ? 'image/webp' : 'image/jpeg';
  return {
    type,
    width: meta.width,
    height: meta.height,
    bytes: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    changed: isKept ? null : { what: changes, from: before.format, ...upright(before) },
  };
}
