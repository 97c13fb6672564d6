import axios from 'axios';
import { isLoopbackHost } from '../config/public-url.ts';
import { connectAgents } from '../plugin-host/connect-agents.ts';

/** What an address of ours answered to a stranger, or why it did not. */
export type Fetched =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly type: string;
      /** Where it leads instead, for a redirect. */
      readonly location?: string;
      readonly bytes: Buffer;
    }
  | {
      readonly kind: 'failed';
      /** E.g. ENOTFOUND, ECONNREFUSED, ETIMEDOUT, CERT_HAS_EXPIRED, PRIVATE. */ readonly code: string;
    };

/** @param signal ends it before its time */
export type AddressFetch = (url: string, signal?: AbortSignal) => Promise<Fetched>;

const patienceMs = 5_000;
/** A page of ours with everything in it is a tenth of this. */
const largestAnswer = 1_000_000;

/**
 * Fetches one of our own addresses as somebody without a session would: no redirect, no proxy, no cookie, at most five
 * seconds, and only where the name leads to a public address (to loopback where the installation itself is local).
 */
export const fetchAsStranger: AddressFetch = async (url, signal) => {
  const isLocal = isLoopbackHost(new URL(url).hostname);
  try {
    const response = await axios.get<unknown>(url, {
      ...connectAgents({ allowIPAddressList: isLocal ? ['127.0.0.1', '::1'] : [], connectMs: patienceMs }),
      ...{ adapter: 'http', maxRedirects: 0, proxy: false, timeout: patienceMs },
      ...{ responseType: 'arraybuffer', maxContentLength: largestAnswer, decompress: true },
      signal: AbortSignal.any([AbortSignal.timeout(patienceMs), ...(signal === undefined ? [] : [signal])]),
      headers: { accept: '*/*', 'accept-language': 'en', 'user-agent': 'castdeck-check' },
      validateStatus: () => true,
    });
    const { location } = response.headers;
    return {
      kind: 'answer',
      status: response.status,
      type: textOf(response.headers['content-type']),
      ...(location === undefined ? {} : { location: textOf(location) }),
      bytes: Buffer.isBuffer(response.data) ? response.data : Buffer.alloc(0),
    };
  } catch (error) {
    return { kind: 'failed', code: codeOf(error) };
  }
};

function textOf(header: unknown): string {
  return typeof header === 'string' ? header : '';
}

function codeOf(error: unknown): string {
  if (axios.isCancel(error)) return 'ETIMEDOUT';
  if (!axios.isAxiosError(error)) return 'UNKNOWN';
  // The words of request-filtering-agent: it has no code of its own.
  if (error.message.includes('is not allowed. Because')) return 'PRIVATE';
  return error.code === 'ECONNABORTED' ? 'ETIMEDOUT' : (error.code ?? 'UNKNOWN');
}
