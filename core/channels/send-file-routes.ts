import { NotFoundError } from '../errors.ts';
import type { PublicContext } from '../web/route.ts';

interface OwnFile {
  /** A folder of ours. */
  readonly folder: string;
  /** A name of ours, never one from a request. */
  readonly name: string;
  readonly type: string;
}

/** Sends a file that this installation has written itself. @throws NotFoundError when it is gone */
export function sendOwnFile({ res }: PublicContext, { folder, name, type }: OwnFile): Promise<void> {
  const headers = { 'Content-Type': type, 'Content-Security-Policy': 'sandbox', 'Cache-Control': 'no-store' };
  return new Promise((resolve, reject) => {
    res.sendFile(name, { root: folder, headers, cacheControl: false, dotfiles: 'allow' }, (error?: Error) => {
      if (error === undefined || res.headersSent) resolve();
      else reject(new NotFoundError('The file is gone.', { cause: error }));
    });
  });
}
