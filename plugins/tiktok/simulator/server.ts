import { createServer, type RequestListener, type Server } from 'node:http';

export interface Listening {
  /** The port that was free when 0 was asked. */
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on the given address; closing cuts connections that still hang on a switch. */
export async function listen(listener: RequestListener, address: { host: string; port: number }): Promise<Listening> {
  const server = createServer(listener);
  // A large video on a slow line is no attack here.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  return { port: portOf(server), close: () => close(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator listens on no port.');
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
}
