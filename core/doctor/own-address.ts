import type { OwnAnswer } from '#plugin-api';
import { fetchAsStranger } from '../site/fetch-as-stranger.ts';

/** Fetches what this installation answers at its public address, as a stranger does. */
export type FetchOwn = (path: string, signal: AbortSignal) => Promise<OwnAnswer>;

export function ownAddress(publicUrl: string): FetchOwn {
  return async (path, signal) => {
    const fetched = await fetchAsStranger(`${publicUrl}${path}`, signal);
    if (fetched.kind === 'failed') return noAnswer(fetched.code);
    const { status, type: contentType, location = '', bytes } = fetched;
    return { kind: 'answer', status, contentType, location, body: new Uint8Array(bytes) };
  };
}

const nameCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'ENODATA']);

function noAnswer(code: string): OwnAnswer {
  if (code === 'PRIVATE') return { kind: 'none', why: 'private', code: 'private_address' };
  if (nameCodes.has(code)) return { kind: 'none', why: 'name', code };
  if (/CERT|SELF_SIGNED|UNABLE_TO_|SSL|EPROTO/u.test(code)) return { kind: 'none', why: 'certificate', code };
  return { kind: 'none', why: 'no-answer', code };
}
