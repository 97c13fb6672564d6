import { connect, createServer, type Socket } from 'node:net';

/** A wire between two parties that remembers every byte the server sent: bodies, headers and redirects alike. */
export interface RecordingProxy {
  readonly port: number;
  /** Bytes may be the start or the rest of a character; secrets of ours are ASCII. */
  readonly answers: () => string;
  /** Connects through to this port of 127.0.0.1 from now on. */
  connectTo(port: number): void;
  close(): Promise<void>;
}

export async function startRecordingProxy(): Promise<RecordingProxy> {
  const answers: Buffer[][] = [];
  const sockets = new Set<Socket>();
  let target = 0;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    // One list for each connection: what two connections send at once stays apart.
    const heard: Buffer[] = [];
    answers.push(heard);
    upstream.on('data', (bytes: Buffer) => void heard.push(bytes));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroySoon();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy listens on no port.');
  return {
    port: address.port,
    answers: () => answers.map((heard) => Buffer.concat(heard).toString('latin1')).join('\n'),
    connectTo: (port) => void (target = port),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
