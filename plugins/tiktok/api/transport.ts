import type { Readable } from 'node:stream';
import type { AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
import { type PluginHttp, RequestFailed } from '#plugin-api';
import type { RawAnswer } from './read-answer.ts';

/** How long a call may take as a whole, and what ends it sooner. */
export interface CallLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TextRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * No answer came: the call may or may not have arrived. `stopped` when our own signal ended it; `not_sent` when the host
 * held it back because TikTok has not answered lately: it certainly did not arrive, and is worth sending at `retryAt`.
 */
export type NoAnswer =
  { readonly noAnswer: 'no_answer' | 'stopped' } | { readonly noAnswer: 'not_sent'; readonly retryAt: number };

/** The status and the headers that matter; the body of an upload's answer is not documented. */
export interface PutAnswer {
  readonly status: number;
  readonly contentRange: string | undefined;
  readonly logId?: string;
}

const largestAnswer = 4_000_000;
const largestPicture = 5_000_000;

/**
 * The one place where axios is spoken. The host's client reuses no connection (a request written into one that TikTok is
 * just closing would be lost without an answer), but for reading, and connects to public addresses only; a call that gets
 * no answer ends here as a word.
 */
export class Transport {
  readonly #plain: PluginHttp;
  readonly #http: AxiosInstance;
  readonly #reading: AxiosInstance;

  constructor(http: PluginHttp) {
    const defaults = { maxRedirects: 0, validateStatus: () => true };
    this.#plain = http;
    this.#http = http.create(defaults);
    this.#reading = http.createReading(defaults);
  }

  /** Set while a call there would not be sent: when it is worth sending (UTC ms). */
  heldUntil(url: string): number | undefined {
    return this.#plain.heldUntil(url);
  }

  async send(request: TextRequest, limits: CallLimits): Promise<RawAnswer | NoAnswer> {
    return textOf(await attempt(limits, (signal) => this.#http.request<string>(configOf(request, limits, signal))));
  }

  /** For what changes nothing at TikTok: over a connection that is used again, and asked once more if that was lost. */
  async read(request: TextRequest, limits: CallLimits): Promise<RawAnswer | NoAnswer> {
    return textOf(await attempt(limits, (signal) => this.#reading.request<string>(configOf(request, limits, signal))));
  }

  /** The Date header of whatever is answered, in UTC milliseconds; undefined without an answer or a date. */
  async date(url: string, limits: CallLimits): Promise<number | undefined> {
    const answer = await attempt(limits, (signal) =>
      this.#http.get<string>(url, { responseType: 'text', transformResponse: asIs, timeout: limits.timeoutMs, signal }),
    );
    const at = 'noAnswer' in answer ? NaN : Date.parse(header(answer, 'date') ?? '');
    return Number.isNaN(at) ? undefined : at;
  }

  /** Streams a body up. */
  async put(
    request: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: Readable },
    limits: CallLimits,
  ): Promise<PutAnswer | NoAnswer> {
    const config: AxiosRequestConfig = {
      method: 'PUT',
      url: request.url,
      headers: { ...request.headers },
      data: request.body,
      responseType: 'text',
      transformRequest: asIs,
      transformResponse: asIs,
      maxBodyLength: Infinity,
      maxContentLength: largestAnswer,
      timeout: limits.timeoutMs,
    };
    try {
      const answer = await attempt(limits, (signal) => this.#http.request<string>({ ...config, signal }));
      if ('noAnswer' in answer) return answer;
      const [contentRange, logId] = [header(answer, 'content-range'), header(answer, 'x-tt-logid')];
      return { status: answer.status, contentRange, ...(logId === undefined ? {} : { logId }) };
    } finally {
      request.body.destroy();
    }
  }

  /** A picture's bytes, or undefined: a missing picture stops nobody. */
  async picture(url: string, limits: CallLimits): Promise<Uint8Array | undefined> {
    const answer = await attempt(limits, (signal) =>
      this.#http.get<ArrayBuffer>(url, { responseType: 'arraybuffer', maxContentLength: largestPicture, signal }),
    );
    if ('noAnswer' in answer || answer.status !== 200) return undefined;
    if (!(header(answer, 'content-type') ?? '').startsWith('image/')) return undefined;
    return new Uint8Array(answer.data);
  }
}

function configOf(request: TextRequest, limits: CallLimits, signal: AbortSignal): AxiosRequestConfig {
  return {
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { data: request.body }),
    responseType: 'text',
    transformRequest: asIs,
    transformResponse: asIs,
    maxContentLength: largestAnswer,
    timeout: limits.timeoutMs,
    signal,
  };
}

function textOf(answer: AxiosResponse<string> | NoAnswer): RawAnswer | NoAnswer {
  if ('noAnswer' in answer) return answer;
  const headerLogId = header(answer, 'x-tt-logid');
  return {
    status: answer.status,
    text: typeof answer.data === 'string' ? answer.data : '',
    ...(headerLogId === undefined ? {} : { headerLogId }),
  };
}

async function attempt<T>(
  limits: CallLimits,
  call: (signal: AbortSignal) => Promise<AxiosResponse<T>>,
): Promise<AxiosResponse<T> | NoAnswer> {
  const end = new AbortController();
  const abort = (): void => end.abort();
  // Named, so that the host can tell a call that took too long from one that nobody wants any more.
  const endLate = (): void => end.abort(new DOMException('The call took too long.', 'TimeoutError'));
  const timer = setTimeout(endLate, limits.timeoutMs);
  limits.signal?.addEventListener('abort', abort, { once: true });
  try {
    if (limits.signal?.aborted === true) return { noAnswer: 'stopped' };
    return await call(end.signal);
  } catch (error) {
    const retryAt = error instanceof RequestFailed ? error.retryAt : undefined;
    if (retryAt !== undefined) return { noAnswer: 'not_sent', retryAt };
    return { noAnswer: limits.signal?.aborted === true ? 'stopped' : 'no_answer' };
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', abort);
  }
}

function asIs(data: unknown): unknown {
  return data;
}

function header(answer: AxiosResponse, name: string): string | undefined {
  const value: unknown = answer.headers[name];
  return typeof value === 'string' ? value : undefined;
}
