import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS, Server } from '@tus/server';
import type { Log } from '#plugin-api';
import { InputError } from '../errors.ts';
import { locked, RequestLock } from './upload-lock.ts';
import { type StorageParts, UploadStorage } from './upload-storage.ts';
import type { Outcome, Uploader } from './upload.ts';

/** One request of the tus protocol, from a person whom the route has let in. */
export interface TusRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly owner: Uploader;
  /** Address of the team's uploads, without a host: a forged one would come back in Location. */
  readonly path: string;
  /** Of the address; undefined when one is to be made. */
  readonly id: string | undefined;
  readonly maxBytes: number;
  /** Words for whoever uploads. */
  readonly say: (text: string) => string;
}

/**
 * Answers by tus 1.0. The answer about a whole file has `x-media-id`, or `x-upload-problem` (a sentence, as in an address).
 * @throws NotFoundError, InputError for a refused file, errors of disk and database: the app's one place tells them
 */
export async function exchange(parts: StorageParts & { readonly log: Log }, request: TusRequest): Promise<void> {
  const { req, res, owner } = request;
  const lock = new RequestLock({ ...parts, owner });
  const reader = parts.media.openReader();
  const storage = new UploadStorage({ ...parts, owner, lock, reader, tell: (outcome) => tell(request, outcome) });
  const server = new Server({
    path: request.path,
    datastore: storage,
    locker: lock,
    relativeLocation: true,
    allowedOrigins: () => false,
    maxSize: request.maxBytes,
    // The one who waits is most often the same browser after a lost connection.
    lockDrainTimeout: 100,
    namingFunction: () => randomBytes(16).toString('hex'),
    getFileIdFromRequest: () => request.id,
    onUploadFinish: () => {
      if (storage.outcome !== undefined && 'problem' in storage.outcome) {
        throw new InputError([{ field: 'file', message: storage.outcome.problem }]);
      }
      return Promise.resolve({});
    },
    onResponseError: (_request, error) => explain(error, req),
  });
  leaveOutForwarded(req);
  endAlsoWithCallback(res);
  try {
    await server.handle(req, res);
  } finally {
    reader.close();
  }
}

/** Proxies in a row write several values into it, which tus would refuse; nothing here asks for them. */
function leaveOutForwarded(req: IncomingMessage): void {
  delete req.headers['x-forwarded-proto'];
  const raw = req.rawHeaders;
  for (let at = raw.length - 2; at >= 0; at -= 2) {
    if (raw[at]?.toLowerCase() === 'x-forwarded-proto') raw.splice(at, 2);
  }
}

/** tus's adapter ends an answer as `end(callback)`, which the `end` of express-session 1.19 takes for a body and refuses. */
function endAlsoWithCallback(res: ServerResponse): void {
  const end = res.end.bind(res);
  const endWith = (...given: unknown[]): unknown => {
    const [callback] = given;
    if (typeof callback !== 'function') return Reflect.apply(end, undefined, given);
    // Also where the browser has gone by now: the request's own things are put away after it.
    const tell = (): unknown => Reflect.apply(callback, undefined, []);
    if (res.closed) tell();
    else res.once('close', tell);
    return end();
  };
  Object.assign(res, { end: endWith });
}

function tell({ res, say }: TusRequest, outcome: Outcome): void {
  if ('mediaId' in outcome) res.setHeader('x-media-id', outcome.mediaId);
  else res.setHeader('x-upload-problem', encodeURIComponent(say(outcome.problem)));
}

/** @throws the error itself, unless it is one of tus's own or nobody is there to be told */
function explain(error: Error | { status_code: number; body: string }, req: IncomingMessage) {
  if (error === ERRORS.ABORTED) return locked;
  if (!(error instanceof Error) || 'status_code' in error) return undefined;
  if (req.destroyed && !req.complete) return locked;
  throw error;
}
