import createError from 'http-errors';
import { roleMay } from '../auth/permissions.ts';
import { NotFoundError } from '../errors.ts';
import { itemModel, mediaIdOf } from '../media/media-routes.ts';
import type { MediaService } from '../media/media-service.ts';
import { sizeOf } from '../media/media-words.ts';
import { largestUploadBytes } from '../web/receive-upload.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { NotBegun, type Obstacle } from './upload-room.ts';
import type { UploadService } from './upload-service.ts';
import type { Uploader } from './upload.ts';

interface UploadRouteParts {
  readonly uploads: UploadService;
  readonly media: MediaService;
  /** Bytes; as for the form. */
  readonly maxBytes?: number;
}

interface Asked {
  readonly uploads: UploadService;
  readonly maxBytes: number;
}

/** Uploads that go on where they stopped: tus 1.0, for core/public/js/resumable.js. */
export function uploadRoutes({ uploads, media, maxBytes = largestUploadBytes }: UploadRouteParts): readonly Route[] {
  const path = '/team/:team/files/uploads';
  const asked = { uploads, maxBytes };
  const handle = (context: TeamContext) => answer(context, { ...asked, id: idOf(context) });
  const change = { path: `${path}/:upload`, permission: 'files.edit', body: 'stream' } as const;
  return [
    {
      method: 'post',
      path,
      permission: 'files.edit',
      spends: () => 'upload',
      body: 'stream',
      handle: (context) => begin(context, asked),
    },
    { ...change, method: 'head', handle },
    { ...change, method: 'patch', handle },
    { ...change, method: 'delete', handle },
    {
      method: 'post',
      path: `${path}/:upload/removal`,
      permission: 'files.edit',
      handle: (context) => discard(context, uploads),
    },
    {
      method: 'get',
      path: '/team/:team/files/:media/item',
      permission: 'team.see',
      handle: (context) => showItem(context, media),
    },
  ];
}

async function begin(context: TeamContext, { uploads, maxBytes }: Asked): Promise<void> {
  // A script sends it: the token is in the header, as the host has it for the other methods.
  context.checkCsrf(context.req.get('x-csrf-token'));
  const length = Number(context.req.get('upload-length') ?? NaN);
  // Its bytes come in requests of their own, each with the upload's lock.
  if (context.req.get('content-type') === 'application/offset+octet-stream') throw createError(415);
  const refusal = refusalOf(context, length, maxBytes);
  if (refusal) {
    refuse(context, refusal);
    return;
  }
  try {
    await answer(context, { uploads, maxBytes, id: undefined });
  } catch (error) {
    if (!(error instanceof NotBegun)) throw error;
    refuse(context, obstacleOf(context, error.obstacle, uploads));
  }
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** In the form that errors have for scripts everywhere. */
function refuse({ res }: TeamContext, { status, message }: Refusal): void {
  res.status(status).json({ error: { message } });
}

/** Why a file of so many bytes is not even begun. A length that is none is tus's own to refuse. */
function refusalOf({ t }: TeamContext, bytes: number, maxBytes: number): Refusal | undefined {
  if (bytes === 0) return { status: 422, message: t('uploads:empty') };
  if (bytes > maxBytes) return { status: 413, message: t('media:tooLarge', { limit: sizeOf(maxBytes) }) };
  return undefined;
}

/** What helps against these is waiting, or somebody who makes room: the browser asks again by itself. */
function obstacleOf({ t }: TeamContext, obstacle: Obstacle, { limits, keepDays }: UploadService): Refusal {
  const days = t('uploads:days', { count: keepDays });
  switch (obstacle) {
    case 'own-uploads':
      return { status: 429, message: t('uploads:manyOwn', { count: limits.ofPerson, days }) };
    case 'team-uploads':
      return { status: 429, message: t('uploads:manyOfTeam', { count: limits.ofTeam, days }) };
    case 'disk':
      return { status: 507, message: t('uploads:noRoom') };
  }
}

async function answer(context: TeamContext, asked: Asked & { readonly id: string | undefined }): Promise<void> {
  const { req, res, team, say } = context;
  const { uploads, maxBytes, id } = asked;
  const path = `/team/${team.id}/files/uploads`;
  await uploads.answer({ req, res, say, owner: ownerOf(context), path, id, maxBytes });
}

async function discard(context: TeamContext, uploads: UploadService): Promise<void> {
  const { fileName } = await uploads.discard(ownerOf(context), idOf(context));
  context.flash('ok', context.t('uploads:discarded', { name: fileName }));
  context.redirect(`/team/${context.team.id}/files`);
}

/** One file as the library shows it, for a page whose upload of it has just ended. */
async function showItem(context: TeamContext, media: MediaService): Promise<void> {
  const file = await media.find(context.team.id, mediaIdOf(context));
  const mayEdit = roleMay(context.team.role, 'files.edit');
  await context.page('media/item', { title: file.fileName, file: itemModel(context, file), mayEdit });
}

function ownerOf({ team, person }: TeamContext): Uploader {
  return { teamId: team.id, personId: person.id };
}

/** @throws NotFoundError for what is no id of ours, which never becomes part of a path */
function idOf(context: TeamContext): string {
  const id = context.params['upload'] ?? '';
  if (!/^[0-9a-f]{32}$/u.test(id)) throw new NotFoundError('There is no such upload.');
  return id;
}
