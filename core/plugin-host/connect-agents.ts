import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';

interface AgentOptions {
  readonly allowIPAddressList: string[];
  /** How long looking the name up, connecting and the TLS handshake may take together. */
  readonly connectMs: number;
  /** How long a connection that nobody uses is kept for the next call, unless its server says less; absent: none is. */
  readonly keepMs?: number;
}

type Listener = (error: Error | null, socket: Duplex) => void;

/** Agents that connect to public addresses only, and give up a connection that does not come about. */
export function connectAgents(options: AgentOptions) {
  return { httpAgent: new ImpatientHttpAgent(options), httpsAgent: new ImpatientHttpsAgent(options) };
}

class ImpatientHttpAgent extends RequestFilteringHttpAgent {
  readonly #connectMs: number;

  constructor({ connectMs, keepMs, ...filter }: AgentOptions) {
    super({ ...filter, ...keeping(keepMs) });
    this.#connectMs = connectMs;
  }

  override createConnection(options: TcpNetConnectOpts, listener?: Listener): Duplex | Socket {
    return giveUpAfter(this.#connectMs, { socket: super.createConnection(options, listener), ready: 'connect' });
  }
}

class ImpatientHttpsAgent extends RequestFilteringHttpsAgent {
  readonly #connectMs: number;

  constructor({ connectMs, keepMs, ...filter }: AgentOptions) {
    super({ ...filter, ...keeping(keepMs) });
    this.#connectMs = connectMs;
  }

  override createConnection(options: TcpNetConnectOpts, listener?: Listener): Duplex | Socket {
    return giveUpAfter(this.#connectMs, { socket: super.createConnection(options, listener), ready: 'secureConnect' });
  }
}

/** Node's own time-out of an agent ends only connections that lie idle; a call has its own. */
function keeping(keepMs: number | undefined): { readonly keepAlive: boolean; readonly timeout?: number } {
  return keepMs === undefined ? { keepAlive: false } : { keepAlive: true, timeout: keepMs };
}

function giveUpAfter(ms: number, { socket, ready }: { readonly socket: Duplex; readonly ready: string }): Duplex {
  if (socket.destroyed) return socket;
  // A socket that nobody listens to was refused before it was used: nobody waits for it.
  const giveUp = (): unknown => socket.destroy(socket.listenerCount('error') > 0 ? new ConnectTimeout(ms) : undefined);
  const timer = setTimeout(giveUp, ms).unref();
  const forget = (): void => clearTimeout(timer);
  socket.once(ready, forget).once('close', forget);
  return socket;
}

class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(ms: number) {
    super(`No connection within ${ms} ms.`);
  }
}
