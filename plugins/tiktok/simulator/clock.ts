/** UTC milliseconds. */
export type Now = () => number;

// The simulator stands in for another company's machine, so it owns a clock of its own instead of asking the product's.
// eslint-disable-next-line no-restricted-properties
export const systemTime: Now = () => Date.now();

/** The simulator's time: a base that runs, plus what the control page has moved it forward. */
export class SimulatorClock {
  readonly #base: Now;
  #offset = 0;

  constructor(base: Now) {
    this.#base = base;
  }

  now(): number {
    return this.#base() + this.#offset;
  }

  advance(milliseconds: number): void {
    this.#offset += milliseconds;
  }

  reset(): void {
    this.#offset = 0;
  }
}
