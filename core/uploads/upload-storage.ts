import { createHash, type Hash } from 'node:crypto';
import disk from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DataStore, ERRORS, Upload as TusUpload } from '@tus/server';
import type { Clock } from '#plugin-api';
import { NotFoundError } from '../errors.ts';
import type { FileReader } from '../media/file-readers.ts';
import type { MediaService } from '../media/media-service.ts';
import { plainName } from '../web/receive-upload.ts';
import { lengthOnDisk, settleUpload } from './settle-upload.ts';
import { locked, type RequestLock, TusRefusal } from './upload-lock.ts';
import { findObstacle, NotBegun, type UploadLimits } from './upload-room.ts';
import type { UploadStore } from './upload-store.ts';
import { type Outcome, outcomeOf, type Upload, type Uploader } from './upload.ts';

export interface StorageParts {
  readonly store: UploadStore;
  readonly media: MediaService;
  readonly clock: Clock;
  /** Where unfinished files lie, under the ids of their uploads. */
  readonly folder: string;
  readonly limits: UploadLimits;
}

interface RequestParts extends StorageParts {
  readonly owner: Uploader;
  readonly lock: RequestLock;
  readonly reader: FileReader;
  /** Called once the outcome of a whole file is known, before anything is answered. */
  readonly tell: (outcome: Outcome) => void;
}

const nearlyThereBytes = 64 * 1024 * 1024;

/** What tus does to uploads, for one request of one person. How much has arrived is the file's own length, always. */
export class UploadStorage extends DataStore {
  override extensions = ['creation', 'termination'];
  readonly #parts: RequestParts;
  #outcome: Outcome | undefined;

  constructor(parts: RequestParts) {
    super();
    this.#parts = parts;
  }

  /** Of a file all of which has arrived, once it is known. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  override async create(asked: TusUpload): Promise<TusUpload> {
    const { store, owner, clock } = this.#parts;
    const fileName = plainName(asked.metadata?.['filename'] ?? '');
    const file = this.#placeOf(asked.id);
    await writeFile(file, '', { flag: 'wx', mode: 0o600 });
    const row = { id: asked.id, owner, fileName, bytes: asked.size ?? 0, mediaId: null, problem: null };
    try {
      await store.insert({ ...row, createdAt: clock.now() });
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    const obstacle = await findObstacle(this.#parts, owner);
    if (obstacle === undefined) return asked;
    await this.remove(asked.id);
    throw new NotBegun(obstacle);
  }

  override async getUpload(id: string): Promise<TusUpload> {
    const upload = await this.#find(id);
    const arrived = await lengthOnDisk(this.#placeOf(id));
    if (await this.#isRemoved(upload)) await this.#forget(upload);
    this.#conclude(outcomeOf(upload));
    const isWhole = arrived === undefined || arrived === upload.bytes;
    if (this.#outcome === undefined && isWhole) await this.#settle(upload, undefined);
    const { bytes, fileName, createdAt } = upload;
    return new TusUpload({
      id,
      size: bytes,
      offset: this.#outcome === undefined ? (arrived ?? 0) : bytes,
      metadata: { filename: fileName },
      creation_date: new Date(createdAt).toISOString(),
    });
  }

  /** @returns how much of the file is there now; it is answered only when a whole file is in the library, or refused */
  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    if (this.#outcome !== undefined) return offset;
    const upload = await this.#find(id);
    const hash = offset === 0 ? createHash('sha256') : undefined;
    const meter = this.#meter(upload, { offset, hash });
    const out = disk.createWriteStream(this.#placeOf(id), { flags: 'r+', start: offset, highWaterMark: 1024 * 1024 });
    await pipeline(stream, meter, out);
    const arrived = offset + out.bytesWritten;
    if (arrived === upload.bytes) await this.#settle(upload, hash?.digest('hex'));
    return arrived;
  }

  override async remove(id: string): Promise<void> {
    if (!(await this.#parts.store.remove(this.#parts.owner, id))) throw absent();
    await rm(this.#placeOf(id), { force: true });
  }

  async #find(id: string): Promise<Upload> {
    const upload = await this.#parts.store.find(this.#parts.owner, id);
    if (upload === undefined) throw absent();
    return upload;
  }

  /** Called with an id of ours, never with what a person sent: see `isUploadId`. */
  #placeOf(id: string): string {
    return path.join(this.#parts.folder, id);
  }

  #meter(upload: Upload, { offset, hash }: { offset: number; hash: Hash | undefined }): Transform {
    const { lock, reader } = this.#parts;
    let missing = upload.bytes - offset;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (!lock.isHeld()) {
          done(new TusRefusal(locked));
          return;
        }
        hash?.update(chunk);
        missing -= chunk.length;
        if (missing <= nearlyThereBytes) reader.prepare();
        done(null, chunk);
      },
    });
  }

  async #settle(upload: Upload, sha256: string | undefined): Promise<void> {
    const { store, media, lock, reader } = this.#parts;
    const lease = lock.leaseOf(upload.id);
    if ((await store.isWanted(lease)) === undefined) throw new TusRefusal(locked);
    const file = this.#placeOf(upload.id);
    const outcome = await settleUpload(media, { upload, path: file, sha256, reader });
    if (outcome === undefined) return this.#forget(upload);
    await store.settle(lease, outcome);
    await rm(file, { force: true });
    this.#conclude(outcome);
  }

  /** Its file was taken into the library and removed there: whoever chooses it again wants it anew. */
  async #isRemoved({ mediaId, owner }: Upload): Promise<boolean> {
    if (mediaId === null) return false;
    const [file] = await this.#parts.media.findMany(owner.teamId, [mediaId]);
    return file?.deletedAt !== null;
  }

  async #forget({ owner, id }: Upload): Promise<never> {
    await this.#parts.store.remove(owner, id);
    throw new TusRefusal(ERRORS.FILE_NO_LONGER_EXISTS);
  }

  #conclude(outcome: Outcome | undefined): void {
    this.#outcome = outcome;
    if (outcome !== undefined) this.#parts.tell(outcome);
  }
}

function absent(): NotFoundError {
  return new NotFoundError('There is no such upload.');
}
