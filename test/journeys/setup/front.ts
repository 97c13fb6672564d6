import { createServer, request } from 'node:http';

/** A reverse proxy in front of the panel, which may answer for a path by itself, as a cache or a forgotten website does. */
export interface Front {
  readonly port: number;
  /** From now on this path answers these bytes. */
  answer(path: string, bytes: string): void;
  /** From now on every path is passed on. */
  passOn(): void;
  close(): Promise<void>;
}

export async function startFront(panelPort: number): Promise<Front> {
  const own = new Map<string, string>();
  const server = createServer((req, res) => {
    const bytes = own.get(req.url ?? '');
    if (bytes !== undefined) {
      res.setHeader('content-type', 'text/plain').end(bytes);
      return;
    }
    const { url, method, headers } = req;
    const passed = request({ host: '127.0.0.1', port: panelPort, path: url, method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    passed.on('error', () => res.destroy());
    req.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy listens on no port.');
  return {
    port: address.port,
    answer: (path, bytes) => void own.set(path, bytes),
    passOn: () => own.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
