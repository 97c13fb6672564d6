import { createServer, type RequestListener, type Server } from 'node:http';
import { StartError } from '../errors.ts';

interface Place {
  readonly host: string;
  readonly port: number;
}

const drainMs = 10_000;
/** While draining: how often connections are closed that have become idle. */
const idleLookMs = 50;
/** For the whole of the headers: a client that sends them byte by byte is let go. */
const headersMs = 15_000;
const mostHeaderBytes = 16 * 1024;

/** @throws StartError when the port is taken or may not be used */
export function listenAt(web: RequestListener, { host, port }: Place): Promise<Server> {
  const server = createServer(
    { headersTimeout: headersMs, maxHeaderSize: mostHeaderBytes, keepAliveTimeout: 10_000 },
    web,
  );
  // An upload of four gigabytes takes as long as it takes; routes that read forms have limits of their own.
  server.requestTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, { host, port })));
    server.listen(port, host, () => resolve(server));
  });
}

/**
 * No new connection; what is being answered may end within ten seconds. A connection on which a proxy asks without a
 * pause would be kept until then, and cut off in an answer: each ends with its next one.
 */
export function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => server.closeAllConnections(), drainMs);
    const closing = setInterval(() => server.closeIdleConnections(), idleLookMs);
    server.prependListener('request', (_request, response) => void response.setHeader('connection', 'close'));
    server.close(() => {
      clearTimeout(patience);
      clearInterval(closing);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function explain(error: Error, { host, port }: Place): StartError {
  const code: unknown = Reflect.get(error, 'code');
  if (code === 'EADDRINUSE') {
    return new StartError(
      `PORT: ${port} on ${host} is taken by another process. Stop it, or set PORT to a free one.`,
      error,
    );
  }
  if (code === 'EACCES') {
    return new StartError(
      `PORT: ${port} needs more rights than this user has. Use one above 1023 behind a proxy.`,
      error,
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartError(`HOST: ${host} is no address of this machine. Use one that is, or 0.0.0.0 for all.`, error);
  }
  return new StartError(`The server cannot listen on ${host}:${port}: ${error.message}`, error);
}
