import { z } from 'zod';

/** What may become of a request, by the name of the failure that plays it. */
const kinds = [
  { kind: 'drop-before' },
  { kind: 'drop-after' },
  { kind: 'hang-after' },
  { kind: 'server-error', status: 503 },
  { kind: 'server-error-after', status: 503 },
  { kind: 'rate-limited' },
  { kind: 'truncated-json' },
  { kind: 'refuse', status: 200, code: 'internal_error' },
] as const;

type FateKind = (typeof kinds)[number];

/** `share` of all requests (0 to 1) meet one of eight fates; the same seed deals the same fates in the same order. */
export const fatesShape = z.strictObject({ seed: z.number().int(), share: z.number().min(0).max(1) });
export type FatesOrder = z.infer<typeof fatesShape>;

/** Deals a fate to each request, in the order of their coming. */
export class Fates {
  readonly #share: number;
  #state: number;

  constructor({ seed, share }: FatesOrder) {
    this.#share = share;
    this.#state = seed >>> 0;
  }

  next(): FateKind | undefined {
    if (this.#random() >= this.#share) return undefined;
    return kinds[Math.floor(this.#random() * kinds.length)];
  }

  /** mulberry32: small, and the same on every machine. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
