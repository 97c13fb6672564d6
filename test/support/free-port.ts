import { createServer } from 'node:net';

const first = 15_000;
/** Neighbours in time have neighbouring process ids, and so ports of their own. */
const portsOfAProcess = 32;
const processes = 531;
let next = 0;

/**
 * A port of 127.0.0.1 that nobody uses at this moment, below those that systems give to connections and to servers that
 * name no port, and not one of those that other test processes take: a server that is killed and started again finds it
 * free again.
 */
export async function freePort(): Promise<number> {
  const own = first + (process.pid % processes) * portsOfAProcess;
  for (let tries = 0; tries < portsOfAProcess; tries += 1) {
    const port = own + (next % portsOfAProcess);
    next += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`None of the ports ${own} to ${own + portsOfAProcess - 1} is free.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
