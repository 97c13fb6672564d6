import { randomInt } from 'node:crypto';

/** A number from 0 up to, without, 1. Handed in, so that decisions can be tested. */
export type Random = () => number;

export const systemRandom: Random = () => randomInt(2 ** 47) / 2 ** 47;

export interface Backoff {
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
}

/** Full jitter: anything between nothing and the cap, so that many who failed together do not return together. */
export function fullJitter(failures: number, timings: Backoff, random: Random): number {
  const ceiling = Math.min(timings.backoffCapMs, timings.backoffBaseMs * 2 ** Math.min(failures, 30));
  return Math.round(random() * ceiling);
}

/** Equal jitter: at least half of it always passes, for limits that forget only with time. */
export function equalJitter(leastMs: number, random: Random): number {
  return Math.round(leastMs + random() * leastMs);
}
