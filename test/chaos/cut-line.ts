import { connect, createServer, type Socket } from 'node:net';

/** One piece on its way: where in the file it began and how many bytes of it went through. */
interface Piece {
  readonly first: number;
  bytes: number;
}

/** A line to TikTok that goes dead once so many bytes of the file are through, as when the sending process dies. */
export interface CutLine {
  readonly port: number;
  /** Bytes of pieces that went through so far, those sent again included. */
  readonly passed: number;
  /** How many pieces were begun. */
  readonly pieces: number;
  /** Whether the line has been cut since it was last told where. */
  readonly isCut: boolean;
  /** Lets exactly the first `offset` bytes of the file through. */
  cutAt(offset: number): void;
  close(): Promise<void>;
}

interface Line {
  readonly target: number;
  passed: number;
  pieces: number;
  readonly sockets: Set<Socket>;
  cutAt: number | undefined;
}

/** @param target the port of 127.0.0.1 that it leads to */
export async function startCutLine(target: number): Promise<CutLine> {
  const line: Line = { target, passed: 0, pieces: 0, sockets: new Set(), cutAt: undefined };
  const server = createServer((client) => lead(line, client));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The line listens on no port.');
  return {
    port: address.port,
    get passed() {
      return line.passed;
    },
    get pieces() {
      return line.pieces;
    },
    get isCut() {
      return line.cutAt === undefined;
    },
    cutAt: (offset) => void (line.cutAt = offset),
    close: async () => {
      for (const socket of line.sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const headEnd = '\r\n\r\n';

/** One request each: the publisher keeps no connection for the next. */
function lead(line: Line, client: Socket): void {
  const upstream = connect(line.target, '127.0.0.1');
  for (const socket of [client, upstream]) {
    line.sockets.add(socket);
    socket.on('close', () => line.sockets.delete(socket));
  }
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
  upstream.on('drain', () => client.resume());
  client.on('end', () => upstream.end());
  upstream.pipe(client);
  let head = Buffer.alloc(0);
  let piece: Piece | undefined;
  client.on('data', (bytes: Buffer) => {
    if (piece !== undefined) {
      pass(line, piece, { bytes, client, upstream });
      return;
    }
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf(headEnd);
    if (end < 0) return;
    piece = { first: firstByteOf(head.toString('latin1', 0, end)), bytes: 0 };
    line.pieces += 1;
    upstream.write(head.subarray(0, end + headEnd.length));
    pass(line, piece, { bytes: head.subarray(end + headEnd.length), client, upstream });
  });
}

interface Passing {
  readonly bytes: Buffer;
  readonly client: Socket;
  readonly upstream: Socket;
}

function pass(line: Line, piece: Piece, { bytes, client, upstream }: Passing): void {
  const room = line.cutAt === undefined ? Infinity : line.cutAt - piece.first - piece.bytes;
  const part = bytes.subarray(0, Math.max(0, Math.min(bytes.length, room)));
  piece.bytes += part.length;
  line.passed += part.length;
  if (part.length < room) {
    if (part.length > 0 && !upstream.write(part)) client.pause();
    return;
  }
  line.cutAt = undefined;
  client.destroy();
  // What the dead process handed to its system still arrives.
  upstream.unpipe(client);
  upstream.end(part);
}

function firstByteOf(head: string): number {
  const first = /^content-range: bytes (\d+)-/im.exec(head)?.[1];
  if (first === undefined) throw new Error(`This is no piece of a file: ${head}`);
  return Number(first);
}
