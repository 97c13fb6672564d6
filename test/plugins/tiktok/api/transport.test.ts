import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { RemoteError } from '#plugin-api';
import { createBreakers } from '../../../../core/limits/breakers.ts';
import { createCallWatch } from '../../../../core/limits/call-watch.ts';
import { createPluginHttp } from '../../../../core/plugin-host/http.ts';
import { TikTokClient } from '../../../../plugins/tiktok/api/client.ts';
import { ErrorBook } from '../../../../plugins/tiktok/errors.ts';
import { createTestClock } from '../../../support/clock.ts';
import { t } from '../support.ts';

describe('A TikTok that does not answer', () => {
  const clock = createTestClock();
  let server: Server;
  let client: TikTokClient;
  let asked = 0;
  let counted: string[] = [];
  /** What the server does: keep silent unless told otherwise. */
  let status: number | undefined;

  beforeEach(async () => {
    [asked, counted, status] = [0, [], undefined];
    server = createServer((_request, response) => {
      asked += 1;
      if (status !== undefined) response.writeHead(status).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const counts = {
      add: (call: { endpoint: string; end: string }) => void counted.push(`${call.endpoint} ${call.end}`),
    };
    const breakers = createBreakers({ clock, random: () => 0 });
    const watch = createCallWatch({ plugin: 'tiktok', apiHosts: [new URL(url).host], breakers, counts });
    client = new TikTokClient(createPluginHttp({ mayCallLoopback: true, watch }), url);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const look = (timeoutMs = 2_000, signal?: AbortSignal) => client.creatorInfo('act.x', { timeoutMs, signal });

  it('is left alone after twenty calls that came to nothing, until half a minute later', async () => {
    for (let n = 0; n < 10; n += 1) expect(await look(5)).to.include({ code: 'no_answer' });
    status = 503;
    for (let n = 0; n < 10; n += 1) expect(await look()).to.include({ code: 'server_unavailable' });
    const retryAt = clock.now() + 30_000;
    expect(await look()).to.deep.include({ ok: false, code: 'not_sent', status: null, retryAt });
    expect(counted).to.have.lengthOf(20);
    expect(counted[0]).to.equal('POST /v2/post/publish/creator_info/query/ failed');
    clock.advance(30_000);
    [asked, status] = [0, 429];
    expect(await look(), 'the probe').to.include({ code: 'rate_limit_exceeded' });
    expect(await look(), 'a refusal is an answer').to.include({ code: 'rate_limit_exceeded' });
    expect(asked).to.equal(2);
  });

  it('is not blamed for calls that we gave up ourselves', async () => {
    for (let n = 0; n < 20; n += 1) {
      const stop = new AbortController();
      setImmediate(() => stop.abort());
      expect(await look(2_000, stop.signal)).to.include({ code: 'stopped' });
    }
    status = 200;
    expect(await look()).to.include({ code: 'unreadable_answer' });
    expect(counted).to.have.lengthOf(1);
  });

  it('costs what waits for it no try, and tells when to come again', async () => {
    status = 500;
    for (let n = 0; n < 20; n += 1) await look();
    const reply = await look();
    if (reply.ok) throw new Error('It was sent.');
    const error = new ErrorBook(t).remoteError(reply);
    expect(error).to.be.instanceOf(RemoteError);
    expect(error).to.include({ kind: 'temporary', notSent: true, retryAt: clock.now() + 30_000 });
    expect(error.explanation.sentence).to.contain('TikTok has not answered for a while');
  });
});

describe('A TikTok that answers', () => {
  it('is read over one connection, and told to post over a new one each time', async () => {
    let connections = 0;
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.end('{"data":{},"error":{"code":"ok"}}'));
    }).on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const client = new TikTokClient(createPluginHttp({ mayCallLoopback: true }), url);
    const limits = { timeoutMs: 2_000 };
    const page = { fields: ['id'], cursor: null, maxCount: 20 };
    for (let n = 0; n < 3; n += 1) {
      expect(await client.videoList('act.x', page, limits)).to.have.property('ok', true);
      expect(await client.videoQuery('act.x', { fields: ['id'], ids: ['1'] }, limits)).to.have.property('ok', true);
    }
    expect(connections).to.equal(1);
    for (let n = 0; n < 3; n += 1) await client.status('act.x', 'v_pub~1', limits);
    await client.creatorInfo('act.x', limits);
    expect(connections).to.equal(5);
    server.closeAllConnections();
    server.close();
  });
});
