import { ClientRequest } from 'node:http';
import axios, {
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosResponse,
  type CreateAxiosDefaults,
  type InternalAxiosRequestConfig,
  isAxiosError,
  isCancel,
} from 'axios';
import { type PluginHttp, RequestFailed } from '#plugin-api';
import { withoutMarks } from '../language/deferred-text.ts';
import type { CallEnd } from '../limits/call-counts.ts';
import type { CallWatch } from '../limits/call-watch.ts';
import { calledUrl } from './called-url.ts';
import { connectAgents } from './connect-agents.ts';
import { readText } from './read-text.ts';

interface HttpOptions {
  /** Addresses of this machine may be called: only while the plugin's own API is there (a simulator). */
  readonly mayCallLoopback: boolean;
  readonly watch?: CallWatch;
  readonly connectMs?: number;
}

const timeoutMs = 30_000;
const connectTimeoutMs = 5_000;
/** How long a connection for reading waits for the next call. */
const keepMs = 5_000;
const largestAnswer = 16 * 1024 * 1024;

/**
 * HTTP clients for a plugin. Whatever address it calls, the resolved one must be public: the check is made on the very
 * connection, so a name that resolves differently a moment later changes nothing. No redirect is followed and no proxy
 * of the environment used, since both would connect somewhere else. No connection is kept alive but for reading: it may
 * be closing while it is written to, and the request would be lost without an answer.
 */
export function createPluginHttp({ mayCallLoopback, watch, connectMs }: HttpOptions): PluginHttp {
  const allowIPAddressList = mayCallLoopback ? ['127.0.0.1', '::1'] : [];
  const options = { allowIPAddressList, connectMs: connectMs ?? connectTimeoutMs };
  const stand = (send: AxiosAdapter): AxiosAdapter => (watch === undefined ? send : watched(watch, send));
  const fresh = connectAgents(options);
  const plain = { ...fresh, adapter: stand(axios.getAdapter('http')) };
  const kept = connectAgents({ ...options, keepMs });
  const reading = { ...kept, adapter: stand(onceMore(readText(kept), readText(fresh))) };
  return {
    heldUntil: (url) => watch?.heldUntil(new URL(url)),
    create: (defaults) => clientOf(plain, defaults),
    createReading: (defaults) => clientOf(reading, defaults),
  };
}

type Agents = ReturnType<typeof connectAgents>;

function clientOf(way: Agents & { readonly adapter: AxiosAdapter }, defaults: CreateAxiosDefaults): AxiosInstance {
  const always = { maxRedirects: 0, proxy: false, ...way } as const;
  const client = axios.create({ timeout: timeoutMs, maxContentLength: largestAnswer, ...defaults, ...always });
  client.interceptors.request.use((config) => Object.assign(config, always));
  client.interceptors.response.use(withoutMarksOfOurs, (error: unknown) => {
    throw withoutSecrets(error);
  });
  return client;
}

/** What a kept connection lost, because it was closing when it was written to, is asked once more over a new one. */
function onceMore(overKept: AxiosAdapter, overNew: AxiosAdapter): AxiosAdapter {
  return (config) =>
    overKept(config).catch((error: unknown) => {
      if (!wasLost(error)) throw error;
      return overNew(config);
    });
}

function wasLost(error: unknown): boolean {
  if (!isAxiosError(error) || error.response !== undefined) return false;
  const request: unknown = error.request;
  const isReused = request instanceof ClientRequest && request.reusedSocket;
  return isReused && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** What a network answers is nobody's deferred text. */
function withoutMarksOfOurs(response: AxiosResponse<unknown>): AxiosResponse<unknown> {
  if (typeof response.data === 'string') response.data = withoutMarks(response.data);
  return response;
}

function watched(watch: CallWatch, send: AxiosAdapter): AxiosAdapter {
  return async (config) => {
    const url = calledUrl(config);
    const end = await watch.begin({ method: (config.method ?? 'get').toUpperCase(), url });
    try {
      const response = await send(config);
      end(endOf(response.status));
      return response;
    } catch (error) {
      end(endOfError(error, config));
      throw error;
    }
  };
}

function endOf(status: number): CallEnd {
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'answered';
}

function endOfError(error: unknown, config: InternalAxiosRequestConfig): CallEnd {
  if (isCancel(error)) return isTimeOut(config) ? 'failed' : 'stopped';
  const status = isAxiosError(error) ? error.response?.status : undefined;
  return status === undefined ? 'failed' : endOf(status);
}

/** A signal may end a call because nobody wants it any more, or, as `AbortSignal.timeout` does, because it took too long. */
function isTimeOut({ signal }: InternalAxiosRequestConfig): boolean {
  const reason: unknown = signal instanceof AbortSignal ? signal.reason : undefined;
  return reason instanceof Error && reason.name === 'TimeoutError';
}

/** An AxiosError carries the request with its bearer token and the whole answer: neither may travel up. */
function withoutSecrets(error: unknown): RequestFailed {
  if (error instanceof RequestFailed) return error;
  if (isCancel(error)) return new RequestFailed({ code: 'ERR_CANCELED' });
  if (!isAxiosError(error)) return new RequestFailed({ code: 'ERR_UNKNOWN' });
  const status = error.response?.status;
  return new RequestFailed({ code: error.code ?? 'ERR_UNKNOWN', ...(status === undefined ? {} : { status }) });
}
