import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { withoutMarks } from '../language/deferred-text.ts';
import type { ReceivedFile } from '../media/media.ts';
import { createIncomingFile } from './incoming-file.ts';

/** The largest video any network takes: 4 GB counted in tens. */
export const largestUploadBytes = 4_000_000_000;

export type Upload =
  | { readonly kind: 'received'; readonly file: ReceivedFile }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'missing' }
  /** The browser went away, or what it sent is not a form with one file. */
  | { readonly kind: 'broken' };

interface UploadOrder {
  readonly req: Request;
  readonly res: Response;
  readonly folder: string;
  readonly maxBytes: number;
  /** Called with the form's own token before a byte of the file is kept, and for a form without one. @throws NotAllowedError */
  readonly checkToken: (token: string | undefined) => void;
  /** Called once when little of the file is missing yet, where its length is known. */
  readonly onNearlyThere: () => void;
}

/** Streams one file of a multipart form to disk, never holding more than a buffer of it. */
export async function receiveUpload(order: UploadOrder): Promise<Upload> {
  const { default: multer } = await import('multer');
  const incoming = createIncomingFile(order.folder, nearEnd(order));
  const receive = multer({
    storage: incoming.engine,
    defParamCharset: 'utf8',
    limits: {
      files: 1,
      fileSize: order.maxBytes,
      fields: 4,
      fieldSize: 1000,
      fieldNameSize: 60,
      parts: 5,
      headerPairs: 30,
    },
    fileFilter: (req, _file, done) => {
      try {
        order.checkToken(tokenOf(req.body));
        done(null, true);
      } catch (error) {
        done(error instanceof Error ? error : new Error('The form could not be checked.'));
      }
    },
  }).single('file');
  const failure = await new Promise<unknown>((resolve) => {
    receive(order.req, order.res, resolve);
  });
  if (failure) return nameFailure(failure);
  const file = order.req.file;
  // Without a file nobody has asked for the token yet.
  if (!file) order.checkToken(tokenOf(order.req.body));
  return file ? asReceived(file, incoming.sha256()) : { kind: 'missing' };
}

async function asReceived(file: Express.Multer.File, sha256: string): Promise<Upload> {
  const { path: place, size: bytes } = file;
  if (bytes === 0) {
    await rm(place, { force: true });
    return { kind: 'missing' };
  }
  return { kind: 'received', file: { path: place, fileName: plainName(file.originalname), bytes, sha256 } };
}

const nearlyThereBytes = 64 * 1024 * 1024;

function nearEnd({ req, onNearlyThere }: UploadOrder): (bytes: number) => void {
  const length = Number(req.get('content-length') ?? Infinity);
  let isTold = false;
  return (bytes) => {
    if (isTold || length - bytes > nearlyThereBytes) return;
    isTold = true;
    onNearlyThere();
  };
}

function nameFailure(failure: unknown): Upload {
  if (failure instanceof Error && failure.name === 'MulterError') {
    return 'code' in failure && failure.code === 'LIMIT_FILE_SIZE' ? { kind: 'too-large' } : { kind: 'broken' };
  }
  const isOurs = failure instanceof Error && 'status' in failure;
  const isDisk = failure instanceof Error && 'syscall' in failure;
  if (isOurs || isDisk) throw failure;
  return { kind: 'broken' };
}

function tokenOf(body: unknown): string | undefined {
  const fields = z.object({ _csrf: z.string() }).safeParse(body);
  return fields.success ? fields.data._csrf : undefined;
}

/** The name as the person knows it: no folders, no control or direction-changing characters, at most 200 long. */
export function plainName(name: string): string {
  const last = path.basename(withoutMarks(name).replaceAll('\\', '/'));
  const visible = last.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '').trim();
  const { name: stem, ext } = path.parse(visible);
  return visible === '' ? 'video' : `${cut(stem, 180)}${cut(ext, 20)}`;
}

/** By whole characters: half an emoji cannot be written into an address or a header. */
function cut(text: string, most: number): string {
  return Array.from(text).slice(0, most).join('');
}
