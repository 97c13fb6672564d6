/** One request to the API side. Paths and tokens are left out: `endpoint` says it all. Times are UTC ms. */
export interface RequestEntry {
  readonly at: number;
  readonly endpoint: string;
  readonly method: string;
  /** 0: the connection was dropped without an answer. */
  readonly status: number;
  readonly code: string;
  readonly account: string | null;
  readonly client_key: string | null;
  readonly publish_id: string | null;
  readonly log_id: string;
  readonly client_port: number;
  readonly milliseconds: number;
  readonly failure: string | null;
}

const KEPT = 200_000;

/** Append-only log of requests; the oldest go when it grows past what a long test needs. */
export class Ledger {
  #requests: RequestEntry[] = [];

  add(entry: RequestEntry): void {
    this.#requests.push(entry);
    if (this.#requests.length > KEPT) this.#requests = this.#requests.slice(KEPT / 10);
  }

  get requests(): readonly RequestEntry[] {
    return this.#requests;
  }

  clear(): void {
    this.#requests = [];
  }
}

/** Counters a test suite asks for; see docs/SIMULATOR.md. */
export interface Stats {
  refreshes: number;
  refused_refreshes: number;
  /** Refresh calls that met another one in flight for the same refresh token. */
  concurrent_refreshes: number;
}

export function newStats(): Stats {
  return { refreshes: 0, refused_refreshes: 0, concurrent_refreshes: 0 };
}
