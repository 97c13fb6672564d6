import axios from 'axios';
import type { OwnAnswer } from '#plugin-api';
import { isLoopbackHost } from '../config/public-url.ts';
import { connectAgents } from '../plugin-host/connect-agents.ts';

const connectMs = 3_000;
const answerMs = 5_000;
const largestAnswer = 1_000_000;

/** Fetches what this installation answers at its public address, as a stranger does. */
export type FetchOwn = (path: string, signal: AbortSignal) => Promise<OwnAnswer>;

/**
 * Only the public address itself is called, without following a redirect and without a proxy of the environment, and it
 * must not lead into a local network; an installation for one machine is the exception.
 */
export function ownAddress(publicUrl: string): FetchOwn {
  const isLocal = isLoopbackHost(new URL(publicUrl).hostname);
  const allowIPAddressList = isLocal ? ['127.0.0.1', '::1'] : [];
  return async (path, signal) => {
    const agents = connectAgents({ allowIPAddressList, connectMs });
    try {
      const answer = await axios.get<ArrayBuffer>(`${publicUrl}${path}`, {
        ...agents,
        ...{ adapter: 'http', proxy: false, maxRedirects: 0, validateStatus: () => true, responseType: 'arraybuffer' },
        ...{ timeout: answerMs, maxContentLength: largestAnswer, decompress: true },
        headers: { accept: '*/*', 'accept-language': 'en' },
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
      });
      return {
        kind: 'answer',
        status: answer.status,
        contentType: headerOf(answer.headers['content-type']),
        location: headerOf(answer.headers['location']),
        body: new Uint8Array(answer.data),
      };
    } catch (error) {
      return noAnswer(error);
    }
  };
}

function headerOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const nameCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'ENODATA']);

function noAnswer(error: unknown): OwnAnswer {
  const words = error instanceof Error ? error.message : '';
  const code = codeOf(error);
  // The filtering agent's words: it has no code for them.
  if (words.includes('is not allowed. Because')) return { kind: 'none', why: 'private', code: 'private_address' };
  if (nameCodes.has(code)) return { kind: 'none', why: 'name', code };
  if (/CERT|SELF_SIGNED|UNABLE_TO_|SSL|EPROTO/u.test(code)) return { kind: 'none', why: 'certificate', code };
  return { kind: 'none', why: 'no-answer', code };
}

function codeOf(error: unknown): string {
  if (axios.isCancel(error)) return 'ETIMEDOUT';
  return axios.isAxiosError(error) ? (error.code ?? 'ERR_UNKNOWN') : 'ERR_UNKNOWN';
}
