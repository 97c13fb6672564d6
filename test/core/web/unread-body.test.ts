import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { discardBody } from '../../../core/web/unread-body.ts';

const body = Buffer.alloc(32 * 1024 * 1024);

describe('A request that is refused while its body is still coming', () => {
  let server: Server;
  let limitMs: number;
  before(async () => {
    server = createServer((req, res) => {
      discardBody(req, limitMs);
      res.writeHead(503).end('Try again in a minute.');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => server.close());

  const open = () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const socket = connect({ host: '127.0.0.1', port: port ?? 0 });
    socket.write(`POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n`);
    return socket;
  };

  it('gets its whole answer after all of the body is sent (10 trials of 32 MB)', async () => {
    limitMs = 10_000;
    for (let trial = 0; trial < 10; trial += 1) {
      const socket = open();
      // As a browser does: nothing is read before everything is sent.
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject).write(body, () => resolve());
      });
      let answer = '';
      for await (const part of socket) {
        answer += String(part);
        if (answer.includes('in a minute.')) break;
      }
      expect(answer).to.match(/^HTTP\/1.1 503 /);
      expect(answer).to.include('Try again in a minute.');
    }
  });

  it('is cut off when the body does not end', async () => {
    limitMs = 20;
    const socket = open();
    expect(await text(socket)).to.match(/^HTTP\/1.1 503 /);
  });
});
