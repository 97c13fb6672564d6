import { createHash } from 'node:crypto';
import disk from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { InputError } from '../errors.ts';
import type { FileReader } from '../media/file-readers.ts';
import type { MediaService } from '../media/media-service.ts';
import type { Outcome, Upload } from './upload.ts';

/** An upload all of whose bytes are on the disk. */
export interface ArrivedUpload {
  readonly upload: Upload;
  readonly path: string;
  /** In hex, where all of it came in at once and was hashed on its way. */
  readonly sha256: string | undefined;
  readonly reader: FileReader;
}

/**
 * Takes an upload into the library, or says why not. It may be asked again whenever it broke off, also between the file's
 * move and its row: the library's file is named after the upload, so the same file is found again and one media is made.
 * @returns undefined when its file is gone
 */
export async function settleUpload(media: MediaService, arrived: ArrivedUpload): Promise<Outcome | undefined> {
  const { upload, path, reader } = arrived;
  const member = { id: upload.owner.personId, teamId: upload.owner.teamId };
  const known = await media.findStored(member.teamId, upload.id);
  if (known !== undefined) return { mediaId: known.id };
  if (!(await isThere(path)) && !(await bringBack(media, arrived))) return undefined;
  const sha256 = arrived.sha256 ?? (await hashOf(path));
  const { fileName, bytes, id: storedAs } = upload;
  try {
    const taken = await media.take(member, { path, fileName, bytes, sha256, storedAs }, reader);
    return { mediaId: taken.id };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { problem: error.message };
  }
}

/** A stop between the move into the library and the row there left the file where nobody knows it. */
async function bringBack(media: MediaService, { upload, path }: ArrivedUpload): Promise<boolean> {
  const stray = await media.findStray(upload.id);
  if (stray !== undefined) await rename(stray, path);
  return stray !== undefined;
}

/** Of a file that came in pieces: it is read once more, a mebibyte at a time. */
async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(disk.createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

/** @returns bytes, undefined for a file that is not there */
export async function lengthOnDisk(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await lengthOnDisk(path)) !== undefined;
}
