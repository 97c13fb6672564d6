import { InputError, NotFoundError } from '../errors.ts';
import type { UnfinishedUpload, Uploader } from '../uploads/upload.ts';
import { largestUploadBytes, receiveUpload, type Upload } from '../web/receive-upload.ts';
import type { Route, TeamContext } from '../web/route.ts';
import type { MediaService } from './media-service.ts';
import { changedLine, lengthOf, mediaLine, sizeOf } from './media-words.ts';
import type { Media } from './media.ts';

interface MediaRouteParts {
  readonly media: MediaService;
  readonly uploads?: UnfinishedUploads;
  /** Bytes; the network's own limit unless an installation's disk asks for less. */
  readonly maxBytes?: number;
}

/** What was begun and not ended, of one person. */
interface UnfinishedUploads {
  readonly keepDays: number;
  unfinished(owner: Uploader): Promise<readonly UnfinishedUpload[]>;
  /** Whether a file of so many bytes fits beside what those still need. */
  hasRoomFor(bytes: number): Promise<boolean>;
}

const filesOnAPage = 40;

export function mediaRoutes(parts: MediaRouteParts): readonly Route[] {
  const { media } = parts;
  const files = '/team/:team/files';
  return [
    { method: 'get', path: files, permission: 'team.see', handle: (context) => showFiles(context, parts) },
    {
      method: 'post',
      path: files,
      permission: 'files.edit',
      spends: () => 'upload',
      body: 'stream',
      handle: (context) => takeUpload(context, parts),
    },
    {
      method: 'get',
      path: `${files}/:media/content`,
      permission: 'team.see',
      handle: (context) => sendContent(context, media),
    },
    {
      method: 'get',
      path: `${files}/:media/poster`,
      permission: 'team.see',
      handle: (context) => sendPoster(context, media),
    },
    {
      method: 'post',
      path: `${files}/:media/removal`,
      permission: 'files.edit',
      handle: (context) => remove(context, media),
    },
  ];
}

interface Problem {
  readonly text: string;
  readonly status: number;
  /** The page of the error book that explains it. */
  readonly code?: string;
}

async function showFiles(context: TeamContext, { media, uploads }: MediaRouteParts, problem?: Problem) {
  const before = readId(context.query['before']) ?? null;
  const page = await media.page(context.team.id, { before, limit: filesOnAPage });
  await context.page(
    'media/files',
    {
      title: context.t('media:title'),
      current: 'files',
      scripts: ['tus/tus.min.js', 'js/upload.js'],
      files: page.items.map((file) => itemModel(context, file)),
      older: page.next === null ? null : `/team/${context.team.id}/files?before=${page.next}`,
      newest: before === null ? null : `/team/${context.team.id}/files`,
      unfinished: await unfinishedModel(context, uploads),
      keepDays: uploads?.keepDays ?? 0,
      problem: problem ?? null,
    },
    problem?.status,
  );
}

async function unfinishedModel({ team, person }: TeamContext, uploads: UnfinishedUploads | undefined) {
  const unfinished = (await uploads?.unfinished({ teamId: team.id, personId: person.id })) ?? [];
  return unfinished.map(({ id, fileName, bytes, arrived }) => {
    const percent = Math.floor((100 * arrived) / bytes);
    const line = `${percent} % · ${sizeOf(arrived)} / ${sizeOf(bytes)}`;
    return { id, name: fileName, percent, line, removal: `/team/${team.id}/files/uploads/${id}/removal` };
  });
}

/** The address of the picture that stands for a file which has one. */
export function posterPath({ team }: Pick<TeamContext, 'team'>, file: Pick<Media, 'id'>): string {
  return `/team/${team.id}/files/${file.id}/poster`;
}

/** What a template needs to show one file; also used by the composer's list of media. */
export function fileModel(context: Pick<TeamContext, 'team'>, file: Media) {
  const address = `/team/${context.team.id}/files/${file.id}`;
  return {
    id: file.id,
    name: file.fileName,
    line: mediaLine(file),
    kind: file.kind,
    length: file.durationMs === null ? null : lengthOf(file.durationMs),
    createdAt: file.createdAt,
    content: `${address}/content`,
    poster: file.posterName === null ? null : posterPath(context, file),
    removal: `${address}/removal`,
  };
}

/** Of the library: what was done to a picture is told there. */
export function itemModel(context: TeamContext, file: Media) {
  return { ...fileModel(context, file), changed: changedLine(context, file) };
}

async function takeUpload(context: TeamContext, parts: MediaRouteParts): Promise<void> {
  const { media, uploads, maxBytes = largestUploadBytes } = parts;
  const { req, res } = context;
  const length = Number(req.get('content-length') ?? 0);
  if (length > 0 && (await uploads?.hasRoomFor(length)) === false) {
    await refuse(context, parts, { text: context.t('uploads:noRoom'), status: 507, code: 'no_room' });
    return;
  }
  const checkToken = (token: string | undefined): void => {
    // With the header the host has checked already; without it the form's first field must hold the token.
    if (req.get('x-csrf-token') === undefined) context.checkCsrf(token);
  };
  const reader = media.openReader();
  try {
    const onNearlyThere = reader.prepare;
    const order = { req, res, folder: media.folders.incoming, maxBytes, checkToken, onNearlyThere };
    const upload = await receiveUpload(order);
    const problem = problemOf(context, upload, maxBytes);
    if (problem) await refuse(context, parts, problem);
    if (upload.kind !== 'received') return;
    const taken = await media.take({ id: context.person.id, teamId: context.team.id }, upload.file, reader);
    await accept(context, taken);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await refuse(context, parts, { text: error.message, status: 422, code: 'file_not_taken' });
  } finally {
    reader.close();
  }
}

function problemOf(context: TeamContext, upload: Upload, maxBytes: number): Problem | null {
  const code = 'file_not_taken';
  if (upload.kind === 'too-large')
    return { text: context.t('media:tooLarge', { limit: sizeOf(maxBytes) }), status: 413, code };
  if (upload.kind === 'missing') return { text: context.t('media:missing'), status: 422 };
  if (upload.kind === 'broken') return { text: context.t('media:broken'), status: 400, code };
  return null;
}

/** The page's script asks for one item at a time; a plain form gets the whole page back. */
async function accept(context: TeamContext, file: Media): Promise<void> {
  if (wantsItem(context))
    return context.page('media/item', { title: file.fileName, file: itemModel(context, file) }, 201);
  context.flash('ok', context.t('media:added', { name: file.fileName }));
  context.redirect(`/team/${context.team.id}/files`);
}

async function refuse(context: TeamContext, parts: MediaRouteParts, problem: Problem) {
  if (wantsItem(context)) return context.page('media/refused', { title: '', problem }, problem.status);
  return showFiles(context, parts, problem);
}

function wantsItem(context: TeamContext): boolean {
  return context.req.get('x-requested-with') === 'castdeck-upload';
}

async function sendContent(context: TeamContext, media: MediaService): Promise<void> {
  const file = await media.find(context.team.id, mediaIdOf(context));
  await sendFile(context, media, { name: file.storedName, type: file.type, as: file.fileName });
}

async function sendPoster(context: TeamContext, media: MediaService): Promise<void> {
  const { posterName } = await media.find(context.team.id, mediaIdOf(context));
  if (posterName === null) throw new NotFoundError(context.t('media:noPoster'));
  await sendFile(context, media, { name: posterName, type: 'image/jpeg', as: 'poster.jpg' });
}

async function remove(context: TeamContext, media: MediaService): Promise<void> {
  const removed = await media.remove({ id: context.person.id, teamId: context.team.id }, mediaIdOf(context));
  context.flash('ok', context.t('media:removed', { name: removed.fileName }));
  context.redirect(`/team/${context.team.id}/files`);
}

/** Of the address. @throws NotFoundError for what names nothing */
export function mediaIdOf(context: TeamContext): number {
  const id = readId(context.params['media']);
  if (id === undefined) throw new NotFoundError(context.t('media:absent'));
  return id;
}

/** Ids are plain numbers: `1e0`, ` 1` and `01` name nothing. */
function readId(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

/** Sends our own bytes under our own record of their type; a browser must not guess, run or share them. */
async function sendFile(context: TeamContext, media: MediaService, file: { name: string; type: string; as: string }) {
  const { res } = context;
  res.attachment(file.as);
  res.set({
    'Content-Type': file.type,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-store',
  });
  await new Promise<void>((resolve, reject) => {
    res.sendFile(
      file.name,
      { root: media.folders.media, cacheControl: false, lastModified: false },
      (error?: Error) => {
        // A browser that seeks or leaves cuts the answer short: that is no fault.
        if (!error || res.headersSent) resolve();
        else reject(error);
      },
    );
  });
}
