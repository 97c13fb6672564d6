import type { IncomingMessage } from 'node:http';

/**
 * Takes in what is still coming of a body that nobody will read, and throws it away: a connection that is closed while
 * the other side sends is reset, and the answer with it. Longer than this the sender does not get.
 */
export function discardBody(req: IncomingMessage, withinMs = 10_000): void {
  if (req.complete) return;
  const timer = setTimeout(() => req.socket.destroy(), withinMs).unref();
  req.once('close', () => clearTimeout(timer));
  req.unpipe();
  req.resume();
}
