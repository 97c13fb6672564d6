import { RequestFailed } from '#plugin-api';
import type { Breakers } from './breakers.ts';
import type { CallCounts, CallEnd } from './call-counts.ts';

/** Stands around every call of a plugin. */
export interface CallWatch {
  /** @returns to be told how the call ended. @throws RequestFailed ERR_BREAKER_OPEN when it is not to be made */
  begin(call: { readonly method: string; readonly url: URL }): Promise<(end: CallEnd) => void>;
  /** When to come again (UTC ms); undefined where a call would be let through now. */
  heldUntil(url: URL): number | undefined;
}

/** What all plugins of a process share. */
export interface CallParts {
  readonly breakers: Breakers;
  readonly counts: Pick<CallCounts, 'add'>;
}

interface WatchParts extends CallParts {
  readonly plugin: string;
  /** The hosts of the network's API, whose paths are endpoints; others are counted by their name. */
  readonly apiHosts: readonly string[];
}

/** Holds calls back while their host does not answer, and counts those that were made. */
export function createCallWatch({ plugin, apiHosts, breakers, counts }: WatchParts): CallWatch {
  return {
    heldUntil: ({ host }) => breakers.heldUntil(host),
    async begin({ method, url }) {
      const passage = await breakers.enter(url.host);
      if (passage.open) throw new RequestFailed({ code: 'ERR_BREAKER_OPEN', retryAt: passage.retryAt });
      const endpoint = `${method} ${apiHosts.includes(url.host) ? pathOf(url) : url.host}`.slice(0, longestEndpoint);
      return (end) => {
        passage.end(end === 'refused' ? 'answered' : end);
        if (end !== 'stopped') counts.add({ plugin, endpoint, end });
      };
    },
  };
}

/** The column's length. */
const longestEndpoint = 120;

/** Without what differs from call to call: numbers and long codes in a path are ids. */
function pathOf({ pathname }: URL): string {
  return pathname.replaceAll(/[^/]*\d{3}[^/]*|(?<=\/)\d+(?=\/|$)|[^/]{33,}/gu, ':id');
}
