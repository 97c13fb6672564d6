import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { fetchAsStranger } from '../../../core/site/fetch-as-stranger.ts';

describe('Fetching an own address as a stranger would', () => {
  it('tells status, type and bytes, follows no redirect and brings no cookie', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((req, res) => {
      asked.push(req.headers.cookie);
      if (req.url === '/moved.txt') res.writeHead(302, { location: 'http://127.0.0.1:9/other.txt' }).end();
      else res.writeHead(200, { 'content-type': 'text/plain' }).end(Buffer.from([0xff, 0x0a]));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    try {
      const [moved, proof] = [await fetchAsStranger(`${url}/moved.txt`), await fetchAsStranger(`${url}/proof.txt`)];
      expect(moved).to.include({ kind: 'answer', status: 302, location: 'http://127.0.0.1:9/other.txt' });
      expect(proof).to.deep.equal({
        ...{ kind: 'answer', status: 200, type: 'text/plain', bytes: Buffer.from([0xff, 0x0a]) },
      });
      expect(asked).to.deep.equal([undefined, undefined]);
    } finally {
      server.close();
    }
  });

  it('reads what a proxy has packed on the way, and ends when it is told to', async () => {
    const server = createServer((req, res) => {
      if (req.url === '/never.txt') return;
      res.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync('proof'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    try {
      expect(await fetchAsStranger(`${url}/proof.txt`)).to.deep.include({ bytes: Buffer.from('proof') });
      const told = AbortSignal.abort();
      expect(await fetchAsStranger(`${url}/never.txt`, told)).to.deep.equal({ kind: 'failed', code: 'ETIMEDOUT' });
    } finally {
      server.close();
    }
  });

  it('connects to no private address where the installation is public, and says what failed', async () => {
    for (const url of ['http://10.0.0.1/x.txt', 'http://169.254.169.254/x.txt', 'http://[fd00::1]/x.txt']) {
      expect(await fetchAsStranger(url), url).to.deep.equal({ kind: 'failed', code: 'PRIVATE' });
    }
    expect(await fetchAsStranger('http://127.0.0.1:9/x.txt')).to.deep.equal({ kind: 'failed', code: 'ECONNREFUSED' });
  });
});
