import type { SimulatorClock } from './clock.ts';
import { ApiRefusal } from './replies.ts';

/** Requests in any sixty seconds, per user access token (tiktok-api-v2-rate-limit and each endpoint's page). */
const limitsPerMinute = {
  'user/info': 600,
  'video/list': 600,
  'video/query': 600,
  'creator_info/query': 20,
  'video/init': 6,
  'content/init': 6,
  'status/fetch': 30,
} as const;

export type LimitedEndpoint = keyof typeof limitsPerMinute;

const WINDOW_MS = 60_000;

export class RateLimits {
  readonly #clock: SimulatorClock;
  readonly #calls = new Map<string, number[]>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Counts this call; a refused one does not count. */
  spend(endpoint: LimitedEndpoint, token: string): void {
    const key = `${endpoint} ${token}`;
    const now = this.#clock.now();
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - WINDOW_MS);
    if (recent.length >= limitsPerMinute[endpoint]) throw rateLimited();
    recent.push(now);
    this.#calls.set(key, recent);
  }

  clear(): void {
    this.#calls.clear();
  }
}

export function rateLimited(): ApiRefusal {
  return new ApiRefusal(429, 'rate_limit_exceeded', 'The API rate limit was exceeded. Please try again later.');
}
