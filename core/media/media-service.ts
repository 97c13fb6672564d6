import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, Log, MediaView, Translate } from '#plugin-api';
import { ConflictError, InputError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import { createFileReaders, type FileReader } from './file-readers.ts';
import { inspectFile, type Inspection } from './inspect-file.ts';
import type { IsNeeded, MediaPage, MediaStore } from './media-store.ts';
import type { Media, ReceivedFile } from './media.ts';
import { placesBeside } from './picture-places.ts';
import { takePoster } from './poster.ts';
import { findLeftovers, findStray, namesOfStem } from './sweep-files.ts';

interface MediaFolders {
  /** Where files wait until they are read; what is left here after an hour is swept away. */
  readonly incoming: string;
  readonly media: string;
}

export interface MediaService {
  readonly folders: MediaFolders;
  page(teamId: number, page: { before: number | null; limit: number }): Promise<MediaPage>;
  /** @throws NotFoundError also for a deleted one */
  find(teamId: number, id: number): Promise<Media>;
  /** In the order asked for; those of other teams are left out, deleted ones are in, with `deletedAt`. */
  findMany(teamId: number, ids: readonly number[]): Promise<readonly Media[]>;
  /** What was taken as `storedAs`, also when it was deleted since. */
  findStored(teamId: number, storedAs: string): Promise<Media | undefined>;
  /** The file of a `take` as `storedAs` that was stopped before its media was known. */
  findStray(storedAs: string): Promise<string | undefined>;
  view(media: Media): MediaView;
  /** Reads what is received next. It may be prepared while the file comes in, and must be closed. */
  openReader(): FileReader;
  /** Reads the file's facts and takes it into the team's library. @throws InputError at field `file` */
  take(member: { id: number; teamId: number }, file: ReceivedFile, reader: FileReader): Promise<Media>;
  /** Removes the bytes; posts that were published keep the facts. @throws ConflictError while a post needs it */
  remove(member: { id: number; teamId: number }, id: number): Promise<Media>;
  /** Makes the folders and removes what interrupted uploads left behind. */
  prepare(): Promise<void>;
  /** Whether there are files that nothing needs any more and nobody removed. */
  hasLeftovers(): Promise<boolean>;
  /** Removes them. */
  sweep(): Promise<void>;
}

export interface MediaServiceParts {
  readonly store: MediaStore;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventLog;
  readonly t: Translate;
  readonly isNeeded: IsNeeded;
}

const oneHourMs = 3_600_000;

export function createMediaService(parts: MediaServiceParts): MediaService {
  const folders = { incoming: path.join(parts.dataDir, 'incoming'), media: path.join(parts.dataDir, 'media') };
  const find = async (teamId: number, id: number): Promise<Media> => {
    const media = await parts.store.find(teamId, id);
    if (!media || media.deletedAt !== null) throw new NotFoundError(parts.t('media:absent'));
    return media;
  };
  const leftovers = () => findLeftovers(folders.media, parts.store, parts.clock.now() - oneHourMs);
  return {
    folders,
    find,
    page: (teamId, page) => parts.store.page(teamId, page),
    findMany: (teamId, ids) => parts.store.findMany(teamId, ids),
    findStored: (teamId, storedAs) => parts.store.findNamed(teamId, namesOfStem(storedAs)),
    findStray: (storedAs) => findStray(folders.media, storedAs),
    view: (media) => ({ ...media, path: path.join(folders.media, media.storedName) }),
    openReader: createFileReaders(),
    take: (member, file, reader) => takeFile({ ...parts, folders, reader }, member, file),
    remove: async (member, id) => {
      const media = await find(member.teamId, id);
      if (!(await parts.store.markDeleted(media, parts.clock.now(), parts.isNeeded))) {
        throw new ConflictError(parts.t('media:needed', { name: media.fileName }), {
          help: parts.t('media:neededHelp'),
        });
      }
      await removeFiles(folders.media, [media.storedName, media.posterName]);
      await parts.events.record(eventOf('media.removed', member, media));
      return media;
    },
    prepare: () => makeReady(folders, parts.clock.now() - oneHourMs),
    hasLeftovers: async () => (await leftovers()).length > 0,
    sweep: async () => {
      const removed = await leftovers();
      await removeFiles(folders.media, removed);
      if (removed.length > 0) parts.log.warn({ files: removed }, 'files that no media needs were removed');
    },
  };
}

async function makeReady(folders: MediaFolders, before: number): Promise<void> {
  await mkdir(folders.incoming, { recursive: true, mode: 0o700 });
  await mkdir(folders.media, { recursive: true, mode: 0o700 });
  await sweepIncoming(folders.incoming, before);
}

type Keeping = MediaServiceParts & { readonly folders: MediaFolders };
type Accepted = Extract<Inspection, { accepted: true }>;
type AcceptedVideo = Extract<Accepted, { kind: 'video' }>;
type AcceptedPicture = Extract<Accepted, { kind: 'picture' }>;

async function takeFile(
  parts: Keeping & { readonly reader: FileReader },
  member: { id: number; teamId: number },
  file: ReceivedFile,
): Promise<Media> {
  try {
    const inspection = await inspectFile(file.path, parts.reader);
    if (!inspection.accepted) {
      throw new InputError([
        { field: 'file', message: parts.t(`media:refused.${inspection.refusal}`, { name: file.fileName }) },
      ]);
    }
    const kept = await keep(parts, file, inspection);
    const media = await parts.store.insert(
      { ...kept, teamId: member.teamId, fileName: file.fileName, createdBy: member.id },
      parts.clock.now(),
    );
    await parts.events.record(eventOf('media.added', member, media));
    await removeIncoming(file);
    return media;
  } catch (error) {
    if (file.storedAs === undefined || error instanceof InputError) await removeIncoming(file);
    throw error;
  }
}

async function removeIncoming(file: ReceivedFile): Promise<void> {
  const { made, poster } = placesBeside(file.path);
  for (const left of [file.path, made, poster]) await rm(left, { force: true });
}

function keep(parts: Keeping, file: ReceivedFile, inspection: Accepted) {
  return inspection.kind === 'video' ? keepVideo(parts, file, inspection) : keepPicture(parts, file, inspection);
}

async function keepVideo(parts: Keeping, file: ReceivedFile, { type, extension, facts }: AcceptedVideo) {
  const { sha256, bytes } = file;
  const name = stemOf(file);
  const storedName = `${name}.${extension}`;
  const storedPath = path.join(parts.folders.media, storedName);
  await rename(file.path, storedPath);
  const poster = `${name}.jpg`;
  const video = { path: storedPath, durationMs: facts.durationMs };
  const hasPoster = await takePoster(video, path.join(parts.folders.media, poster), parts.log);
  const posterName = hasPoster ? poster : null;
  return { ...facts, storedName, type, bytes, sha256, kind: 'video' as const, posterName, changed: null };
}

/** What networks take is kept: the file itself, or what was made of it. */
async function keepPicture(parts: Keeping, file: ReceivedFile, { extension, facts }: AcceptedPicture) {
  const name = stemOf(file);
  const storedName = `${name}.${extension}`;
  const posterName = `${name}.poster.jpg`;
  const { made, poster } = placesBeside(file.path);
  await rename(poster, path.join(parts.folders.media, posterName));
  await rename(facts.changed === null ? file.path : made, path.join(parts.folders.media, storedName));
  const still = { durationMs: null, frameRate: null, codec: null, rotation: 0 };
  return { ...still, ...facts, storedName, kind: 'picture' as const, posterName };
}

function stemOf({ storedAs }: ReceivedFile): string {
  return storedAs ?? randomBytes(16).toString('hex');
}

function eventOf(kind: string, member: { id: number; teamId: number }, media: Media) {
  return {
    teamId: member.teamId,
    actorId: member.id,
    subject: 'media' as const,
    subjectId: media.id,
    kind,
    facts: { fileName: media.fileName, bytes: media.bytes },
  };
}

async function removeFiles(folder: string, names: readonly (string | null)[]): Promise<void> {
  for (const name of names) if (name !== null) await rm(path.join(folder, name), { force: true });
}

async function sweepIncoming(folder: string, before: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    if ((await stat(file)).mtimeMs < before) await rm(file, { force: true });
  }
}
