import axios, { type AxiosInstance, type CreateAxiosDefaults, isAxiosError, isCancel } from 'axios';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { type PluginHttp, RequestFailed } from '#plugin-api';

interface HttpOptions {
  /** Addresses of this machine may be called: only while the plugin's own API is there (a simulator). */
  readonly mayCallLoopback: boolean;
}

const timeoutMs = 30_000;
const largestAnswer = 16 * 1024 * 1024;

/**
 * HTTP clients for a plugin. Whatever address it calls, the resolved one must be public: the check is made on the very
 * connection, so a name that resolves differently a moment later changes nothing. No redirect is followed and no proxy
 * of the environment used, since both would connect somewhere else.
 */
export function createPluginHttp({ mayCallLoopback }: HttpOptions): PluginHttp {
  const filter = { allowIPAddressList: mayCallLoopback ? ['127.0.0.1', '::1'] : [], keepAlive: false };
  const always = {
    maxRedirects: 0,
    proxy: false,
    // A connection kept alive may be closing while it is written to: the request is lost without an answer.
    httpAgent: new RequestFilteringHttpAgent(filter),
    httpsAgent: new RequestFilteringHttpsAgent(filter),
  } as const;
  return {
    create: (defaults: CreateAxiosDefaults): AxiosInstance => {
      const client = axios.create({ timeout: timeoutMs, maxContentLength: largestAnswer, ...defaults, ...always });
      client.interceptors.request.use((config) => Object.assign(config, always));
      client.interceptors.response.use(undefined, (error: unknown) => {
        throw withoutSecrets(error);
      });
      return client;
    },
  };
}

/** An AxiosError carries the request with its bearer token and the whole answer: neither may travel up. */
function withoutSecrets(error: unknown): RequestFailed {
  if (isCancel(error)) return new RequestFailed({ code: 'ERR_CANCELED' });
  if (!isAxiosError(error)) return new RequestFailed({ code: 'ERR_UNKNOWN' });
  const status = error.response?.status;
  return new RequestFailed({ code: error.code ?? 'ERR_UNKNOWN', ...(status === undefined ? {} : { status }) });
}
