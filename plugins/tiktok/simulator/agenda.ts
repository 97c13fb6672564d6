import type { SimulatorClock } from './clock.ts';

interface Entry {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A moved clock is noticed within this time even when no request comes in. */
const LONGEST_NAP_MS = 1000;

/** What TikTok does by itself later: finishing a video, naming the post, delivering a webhook again. Runs on the simulator's clock. */
export class Agenda {
  readonly #clock: SimulatorClock;
  #entries: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  at(dueAt: number, run: () => void): void {
    this.#entries.push({ dueAt, run });
    this.#arm();
  }

  /** Runs everything that is due, oldest first; called before each request so that answers never lag behind the clock. */
  runDue(): void {
    for (let entry = this.#takeDue(); entry !== undefined; entry = this.#takeDue()) entry.run();
    this.#arm();
  }

  clear(): void {
    this.#entries = [];
    clearTimeout(this.#timer);
  }

  #takeDue(): Entry | undefined {
    const first = this.#earliest();
    if (first === undefined || first.dueAt > this.#clock.now()) return undefined;
    this.#entries.splice(this.#entries.indexOf(first), 1);
    return first;
  }

  #earliest(): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#entries) if (first === undefined || entry.dueAt < first.dueAt) first = entry;
    return first;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const first = this.#earliest();
    if (first === undefined) return;
    const nap = Math.min(Math.max(first.dueAt - this.#clock.now(), 1), LONGEST_NAP_MS);
    this.#timer = setTimeout(() => this.runDue(), nap);
    this.#timer.unref();
  }
}
