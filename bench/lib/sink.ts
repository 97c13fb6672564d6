import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Transform, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** Takes uploads in parts, checks that each names the bytes it brings, keeps nothing. */
export interface Sink {
  readonly url: string;
  readonly requests: () => number;
  readonly bytes: () => number;
  reset(): void;
  close(): Promise<void>;
}

/** @param bytesPerSecond the most it takes; as fast as it can unless said */
export async function startSink(bytesPerSecond = Infinity): Promise<Sink> {
  const seen = { requests: 0, bytes: 0 };
  const server = createServer((request, response) => {
    void take(request, response, bytesPerSecond).then((bytes) => {
      seen.requests += 1;
      seen.bytes += bytes;
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/upload`,
    requests: () => seen.requests,
    bytes: () => seen.bytes,
    reset: () => Object.assign(seen, { requests: 0, bytes: 0 }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function take(request: IncomingMessage, response: ServerResponse, bytesPerSecond: number): Promise<number> {
  let bytes = 0;
  const begun = performance.now();
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      const aheadMs = (bytes * 1_000) / bytesPerSecond - (performance.now() - begun);
      if (aheadMs < 1) done();
      else void pause(aheadMs).then(() => done());
    },
  });
  await pipeline(request, counted, new Writable({ write: (_chunk, _encoding, done) => done() }));
  const [, first = NaN, last = NaN, size = NaN] = (
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(request.headers['content-range'] ?? '') ?? []
  ).map(Number);
  const isRight = last - first + 1 === bytes;
  response.writeHead(isRight ? (last + 1 === size ? 201 : 206) : 400).end();
  return bytes;
}
