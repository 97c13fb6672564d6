import { readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, Log } from '#plugin-api';
import { NotFoundError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import type { MediaService } from '../media/media-service.ts';
import { lengthOnDisk } from './settle-upload.ts';
import type { TusRequest } from './tus-exchange.ts';
import type { UploadStore } from './upload-store.ts';
import type { UnfinishedUpload, Upload, Uploader } from './upload.ts';

export interface UploadService {
  /** Where unfinished files lie, under the ids of their uploads. */
  readonly folder: string;
  /** An upload on which nothing has happened for so long is removed. */
  readonly keepDays: number;
  /** This person's, oldest first, with how much of each has arrived. */
  unfinished(owner: Uploader): Promise<readonly UnfinishedUpload[]>;
  /** Whether the disk has room for a whole file of so many bytes. */
  hasRoomFor(bytes: number): Promise<boolean>;
  /** Answers a request by tus 1.0: see `exchange`. */
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
}

const keepDays = 7;
const keepMs = keepDays * 86_400_000;
const oneHourMs = 3_600_000;
/** Left free for the database and for what others write. */
const spareBytes = 64 * 1024 * 1024;

export function createUploadService(parts: UploadServiceParts): UploadService {
  const { store, clock } = parts;
  const folder = path.join(parts.dataDir, 'uploads');
  const strays = () => findStrays(folder, { store, before: clock.now() - oneHourMs });
  return {
    folder,
    keepDays,
    unfinished: async (owner) => {
      const uploads = await store.unfinished(owner);
      return Promise.all(uploads.map((upload) => withArrived(folder, upload)));
    },
    hasRoomFor: async (bytes) => {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize - spareBytes >= bytes;
    },
    answer: async (request) => {
      const { exchange } = await import('./tus-exchange.ts');
      await exchange({ ...parts, folder }, request);
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
