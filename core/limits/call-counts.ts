import type { Clock, Log } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { addCallCounts, type CallCount } from './call-count-store.ts';

/** How a call ended: refused with a 4xx, failed with a 5xx or without an answer, stopped by ourselves before there was one. */
export type CallEnd = 'answered' | 'refused' | 'failed' | 'stopped';

/** Calls to networks by endpoint and hour, added up over all processes in the table `call_counts`. */
export interface CallCounts {
  add(call: { readonly plugin: string; readonly endpoint: string; readonly end: Exclude<CallEnd, 'stopped'> }): void;
  /** Adds what was counted in this process since the last time. Never throws: what could not be stored is kept. */
  flush(): Promise<void>;
  /** Flushes from time to time until `stop`, which does it once more. */
  start(everyMs: number): { stop(): Promise<void> };
}

interface CountDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
}

const hourMs = 3_600_000;
/** Endpoints are few. Should a network have one for each of its posts, these many are told apart between two flushes. */
const mostEndpoints = 200;

export function createCallCounts(deps: CountDeps): CallCounts {
  return new CountedCalls(deps);
}

class CountedCalls implements CallCounts {
  readonly #deps: CountDeps;
  #counts = new Map<string, CallCount>();

  constructor(deps: CountDeps) {
    this.#deps = deps;
  }

  add({ plugin, endpoint, end }: Parameters<CallCounts['add']>[0]): void {
    const hour = Math.floor(this.#deps.clock.now() / hourMs) * hourMs;
    const [refused, failed] = [end === 'refused' ? 1 : 0, end === 'failed' ? 1 : 0];
    this.#addUp({ plugin, endpoint, hour, calls: 1, refused, failed });
  }

  async flush(): Promise<void> {
    const counts = [...this.#counts.values()];
    if (counts.length === 0) return;
    this.#counts = new Map();
    try {
      await addCallCounts(this.#deps.db, counts);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'counted calls could not be stored yet; they are kept');
      for (const count of counts) this.#addUp(count);
    }
  }

  start(everyMs: number): { stop(): Promise<void> } {
    let storing = Promise.resolve();
    const timer = setInterval(() => {
      storing = storing.then(() => this.flush());
    }, everyMs).unref();
    return {
      stop: async () => {
        clearInterval(timer);
        await storing;
        await this.flush();
      },
    };
  }

  #addUp(more: CallCount): void {
    const own = `${more.hour} ${more.plugin} ${more.endpoint}`;
    const isKnown = this.#counts.has(own) || this.#counts.size < mostEndpoints;
    const [key, endpoint] = isKnown ? [own, more.endpoint] : [`${more.hour} ${more.plugin} other`, 'other'];
    const { calls, refused, failed } = this.#counts.get(key) ?? { calls: 0, refused: 0, failed: 0 };
    const sum = { calls: calls + more.calls, refused: refused + more.refused, failed: failed + more.failed };
    this.#counts.set(key, { ...more, endpoint, ...sum });
  }
}
