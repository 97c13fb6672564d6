import { createServer as createWebServer, type Server as WebServer, type ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
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

describe('A call of a plugin that only reads', () => {
  let server: WebServer;
  let url = '';
  let connections: Socket[] = [];
  let asked: string[] = [];
  /** What becomes of a request; answered unless said. */
  let fate: (response: ServerResponse) => void;

  beforeEach(async () => {
    [connections, asked, fate] = [[], [], (response) => void response.end('{"a":"ö"}')];
    server = createWebServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.headers['content-length'] ?? ''}`);
      request.resume().on('end', () => fate(response));
    }).on('connection', (socket: Socket) => void connections.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const http = createPluginHttp({ mayCallLoopback: true });
  const reading = (defaults = {}) => http.createReading({ transformResponse: (text: unknown) => text, ...defaults });

  it('uses a connection again, which no other call does', async () => {
    const client = reading();
    for (const text of ['one', 'two']) {
      expect((await client.post<string>(url, text)).data).to.equal('{"a":"ö"}');
    }
    await http.create({}).post(url, 'three');
    await http.create({}).post(url, 'four');
    expect(connections).to.have.lengthOf(3);
    expect(asked).to.deep.equal(['POST 3', 'POST 3', 'POST 5', 'POST 4']);
  });

  it('is made once more over a new connection when the one it went into was just closing', async () => {
    const client = reading();
    await client.get(url);
    fate = (response) => {
      fate = (next) => void next.end('again');
      response.socket?.resetAndDestroy();
    };
    expect((await client.get<string>(url)).data).to.equal('again');
    expect(connections).to.have.lengthOf(2);
    expect(asked).to.have.lengthOf(3);
  });

  it('is not made again where a new connection is lost, nor where whoever asked has gone', async () => {
    fate = (response) => void response.socket?.resetAndDestroy();
    expect(await failureOf(reading().get(url))).to.include({ name: 'RequestFailed', code: 'ECONNRESET' });
    expect(asked).to.have.lengthOf(1);

    fate = (response) => void response.end();
    const client = reading();
    await client.get(url);
    const end = new AbortController();
    fate = () => end.abort();
    expect(await failureOf(client.get(url, { signal: end.signal }))).to.include({ code: 'ERR_CANCELED' });
    expect(asked).to.have.lengthOf(3);
  });

  it('ends when its answer is too long, too late or refused', async () => {
    expect(await failureOf(reading({ maxContentLength: 5 }).get(url))).to.include({ code: 'ERR_BAD_RESPONSE' });
    fate = (response) => void response.writeHead(404).end();
    expect(await failureOf(reading().get(url))).to.include({ code: 'ERR_BAD_RESPONSE', status: 404 });
    expect((await reading({ validateStatus: () => true }).get(url)).status).to.equal(404);
    fate = () => undefined;
    expect(await failureOf(reading({ timeout: 20 }).get(url))).to.include({ code: 'ECONNABORTED' });
  });

  it('reaches no address of this network unless the plugin’s own API is there', async () => {
    const failure = await failureOf(createPluginHttp({ mayCallLoopback: false }).createReading({}).get(url));
    expect(failure).to.include({ name: 'RequestFailed' });
    expect(connections).to.deep.equal([]);
  });
});
