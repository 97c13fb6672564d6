import { type ClientRequest, type IncomingMessage, request as overHttp, type RequestOptions } from 'node:http';
import { request as overTls } from 'node:https';
import axios, {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  CanceledError,
  type InternalAxiosRequestConfig as Config,
} from 'axios';
import { calledUrl } from './called-url.ts';
import type { connectAgents } from './connect-agents.ts';

type Agents = ReturnType<typeof connectAgents>;

/**
 * Sends a text or nothing and reads a text that is not compressed, no matter what type of answer is wanted. What axios's
 * own adapter can do besides costs as much as the call itself where thousands of small answers are read.
 */
export function readText(agents: Agents): AxiosAdapter {
  return async (config) => {
    const call = { config, request: begin(config, agents) };
    try {
      const response = await answerTo(call);
      const data = await textOf(response, config.maxContentLength ?? Infinity);
      return settled(call, response, data);
    } catch (error) {
      throw failureOf(error, call);
    }
  };
}

interface Call {
  readonly config: Config;
  readonly request: ClientRequest;
}

function begin(config: Config, { httpAgent, httpsAgent }: Agents): ClientRequest {
  const url = calledUrl(config);
  const isTls = url.protocol === 'https:';
  const options: RequestOptions = {
    method: (config.method ?? 'get').toUpperCase(),
    headers: headersOf(config),
    agent: isTls ? httpsAgent : httpAgent,
    ...(config.signal instanceof AbortSignal ? { signal: config.signal } : {}),
  };
  const request = isTls ? overTls(url, options) : overHttp(url, options);
  const { timeout = 0 } = config;
  if (timeout > 0) request.setTimeout(timeout, () => request.destroy(new AxiosError('No answer.', 'ECONNABORTED')));
  return request;
}

function headersOf({ headers, data }: Config): Record<string, string> {
  const set = Object.entries(headers.toJSON()).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  const length = typeof data === 'string' ? { 'content-length': String(Buffer.byteLength(data)) } : {};
  // As axios's own adapter calls itself: one program, one name.
  return { 'user-agent': `axios/${axios.VERSION}`, ...Object.fromEntries(set), ...length };
}

function answerTo({ config, request }: Call): Promise<IncomingMessage> {
  const data: unknown = config.data;
  return new Promise((resolve, reject) => {
    // Also what goes wrong later, while the answer is read: that ends the answer, which tells it.
    request.on('error', reject).on('response', resolve);
    request.end(typeof data === 'string' ? data : undefined);
  });
}

function textOf(response: IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    response
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > mostBytes) response.destroy(new AxiosError('The answer is too long.', 'ERR_BAD_RESPONSE'));
      })
      .on('end', () => resolve(Buffer.concat(chunks).toString()))
      .on('error', reject);
  });
}

function settled({ config, request }: Call, response: IncomingMessage, data: string) {
  const status = response.statusCode ?? 0;
  const headers = new AxiosHeaders();
  for (const [name, value] of Object.entries(response.headers)) headers.set(name, value);
  const answer = { data, status, statusText: response.statusMessage ?? '', headers, config, request };
  if (config.validateStatus?.(status) !== false) return answer;
  throw new AxiosError('The status is refused.', 'ERR_BAD_RESPONSE', config, request, answer);
}

function failureOf(error: unknown, { config, request }: Call): Error {
  if (error instanceof AxiosError && error.response !== undefined) return error;
  if (!(error instanceof Error)) return new AxiosError('It failed.', undefined, config, request);
  if (config.signal?.aborted === true) return new CanceledError(undefined, config, request);
  const code: unknown = 'code' in error ? error.code : undefined;
  return AxiosError.from(error, typeof code === 'string' ? code : undefined, config, request);
}
