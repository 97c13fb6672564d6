import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, Log } from '#plugin-api';
import { NotFoundError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import type { MediaService } from '../media/media-service.ts';
import { lengthOnDisk } from './settle-upload.ts';
import type { TusRequest } from './tus-exchange.ts';
import { spareRoom, type UploadLimits, usualLimits } from './upload-room.ts';
import type { UploadStore } from './upload-store.ts';
import type { UnfinishedUpload, Upload, Uploader } from './upload.ts';

export interface UploadService {
  /** Where unfinished files lie, under the ids of their uploads. */
  readonly folder: string;
  /** An upload on which nothing has happened for so long is removed. */
  readonly keepDays: number;
  readonly limits: UploadLimits;
  /** This person's, oldest first, with how much of each has arrived. */
  unfinished(owner: Uploader): Promise<readonly UnfinishedUpload[]>;
  /** Whether the disk has room for a whole file of so many bytes, beside what unfinished uploads still need. */
  hasRoomFor(bytes: number): Promise<boolean>;
  /** Answers a request by tus 1.0: see `exchange`. @throws NotBegun */
  answer(request: TusRequest): Promise<void>;
  /** Removes what has arrived. @throws NotFoundError */
  discard(owner: Uploader, id: string): Promise<Upload>;
  prepare(): void;
  /** Whether there is something to sweep. */
  hasLeftovers(): Promise<boolean>;
  /** Removes uploads that nobody went on with, and files that belong to none. */
  sweep(): Promise<void>;
}

interface UploadServiceParts {
  readonly store: UploadStore;
  readonly media: MediaService;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: UploadLimits;
}

const keepDays = 7;
const keepMs = keepDays * 86_400_000;
const oneHourMs = 3_600_000;

export function createUploadService(parts: UploadServiceParts): UploadService {
  const { store, clock, limits = usualLimits } = parts;
  const folder = path.join(parts.dataDir, 'uploads');
  const strays = () => findStrays(folder, { store, before: clock.now() - oneHourMs });
  return {
    folder,
    keepDays,
    limits,
    unfinished: async (owner) => {
      const uploads = await store.unfinished(owner);
      return Promise.all(uploads.map((upload) => withArrived(folder, upload)));
    },
    hasRoomFor: async (bytes) => (await spareRoom({ store, clock, folder })) >= bytes,
    answer: async (request) => {
      const { exchange } = await import('./tus-exchange.ts');
      await exchange({ ...parts, folder, limits }, request);
    },
    discard: async (owner, id) => {
      const upload = await store.find(owner, id);
      if (upload === undefined) throw new NotFoundError('There is no such upload.');
      await store.remove(owner, id);
      await rm(path.join(folder, upload.id), { force: true });
      return upload;
    },
    prepare: () => makeFolder(folder),
    hasLeftovers: async () => (await store.hasIdle(clock.now() - keepMs)) || (await strays()).length > 0,
    sweep: async () => {
      await store.removeIdle(clock.now() - keepMs);
      for (const name of await strays()) await rm(path.join(folder, name), { force: true });
    },
  };
}

async function withArrived(folder: string, upload: Upload): Promise<UnfinishedUpload> {
  return { ...upload, arrived: (await lengthOnDisk(path.join(folder, upload.id))) ?? 0 };
}

/** Files without an upload; younger ones are left alone, since their row may just be coming. @param before UTC milliseconds */
async function findStrays(
  folder: string,
  { store, before }: { store: UploadStore; before: number },
): Promise<readonly string[]> {
  const names = await readdir(folder);
  const known = await store.idsAmong([...new Set(names.map(idIn))]);
  const strays: string[] = [];
  for (const name of names.filter((one) => !known.has(idIn(one)))) {
    if ((await stat(path.join(folder, name))).ctimeMs < before) strays.push(name);
  }
  return strays;
}

/** What is made of a file lies beside it, with an ending. */
function idIn(name: string): string {
  return name.split('.')[0] ?? name;
}
