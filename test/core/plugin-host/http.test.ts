import { createServer, type Server } from 'node:net';
import { createServer as createWebServer } from 'node:http';
import { expect } from 'chai';
import sinon from 'sinon';
import { RequestFailed } from '#plugin-api';
import type { CallEnd } from '../../../core/limits/call-counts.ts';
import { createPluginHttp } from '../../../core/plugin-host/http.ts';
import { failureOf } from '../../support/failure.ts';

describe('A call of a plugin', () => {
  let servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(server: Server): Promise<string> {
    servers = [...servers, server];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  it('is given up when no connection comes about, long before its answer would be late', async () => {
    const host = await listen(createServer((socket) => void socket.on('error', () => undefined).resume()));
    const client = createPluginHttp({ mayCallLoopback: true, connectMs: 60 }).create({ timeout: 60_000 });
    const begun = performance.now();
    expect(await failureOf(client.get(`https://${host}/`))).to.include({ name: 'RequestFailed', code: 'ETIMEDOUT' });
    expect(performance.now() - begun).to.be.lessThan(30_000);
  });

  it('may take longer than connecting once it is connected', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const host = await listen(
        createWebServer((_request, response) => {
          clock.tick(150);
          response.end('late');
        }),
      );
      const client = createPluginHttp({ mayCallLoopback: true, connectMs: 60 }).create({});
      expect((await client.get<string>(`http://${host}/`)).data).to.equal('late');
    } finally {
      clock.restore();
    }
  });

  it('brings no mark of a deferred text along', async () => {
    const host = await listen(createWebServer((_request, response) => void response.end('\uFDD0frame:signOut\uFDD1')));
    const client = createPluginHttp({ mayCallLoopback: true }).create({ responseType: 'text' });
    expect((await client.get<string>(`http://${host}/`)).data).to.equal('frame:signOut');
  });

  it('is told to whoever stands around it, with how it ended', async () => {
    let onHang: () => void = () => undefined;
    const host = await listen(
      createWebServer((request, response) => {
        if (request.method === 'GET') {
          onHang();
          return;
        }
        const status = Number(/\d+$/u.exec(request.url ?? '')?.[0] ?? 0);
        if (status > 0) response.writeHead(status).end();
        else request.socket.destroy();
      }),
    );
    const told: string[] = [];
    const watch = {
      heldUntil: () => undefined,
      begin: ({ method, url }: { method: string; url: URL }) =>
        Promise.resolve((end: CallEnd) => void told.push(`${method} ${url.pathname} ${end}`)),
    };
    const client = createPluginHttp({ mayCallLoopback: true, watch }).create({ baseURL: `http://${host}` });
    for (const status of ['200', '404', '429', '503', 'none']) {
      await client
        .post(`/to/${status}`, 'x', { validateStatus: (code) => code === 404 || code === 200 })
        .catch(() => 0);
    }
    for (const [path, reason] of [
      ['/stopped', undefined],
      ['/late', new DOMException('It took too long.', 'TimeoutError')],
    ] as const) {
      const end = new AbortController();
      onHang = () => end.abort(reason);
      await client.get(path, { signal: end.signal }).catch(() => 0);
    }
    expect(told).to.deep.equal([
      'POST /to/200 answered',
      'POST /to/404 refused',
      'POST /to/429 refused',
      'POST /to/503 failed',
      'POST /to/none failed',
      'GET /stopped stopped',
      'GET /late failed',
    ]);
  });

  it('is not made when whoever stands around it refuses, and says until when', async () => {
    const watch = {
      heldUntil: ({ host }: URL) => (host === '127.0.0.1:1' ? 5 : undefined),
      begin: () => Promise.reject(new RequestFailed({ code: 'ERR_BREAKER_OPEN', retryAt: 5 })),
    };
    const http = createPluginHttp({ mayCallLoopback: true, watch });
    expect(['http://127.0.0.1:1/', 'http://127.0.0.1:2/'].map((url) => http.heldUntil(url))).to.deep.equal([
      5,
      undefined,
    ]);
    const client = http.create({});
    const failure = await failureOf(client.get('http://127.0.0.1:1/'));
    expect(failure).to.include({ name: 'RequestFailed', code: 'ERR_BREAKER_OPEN', retryAt: 5 });
  });
});
