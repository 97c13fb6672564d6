import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** When a process began to work, and when it was over. UTC ms. */
interface Life {
  readonly readyAt: number;
  readonly endedAt: number;
}

/** Keeps processes running as a service manager does, and notes what became of each. */
export class Supervision {
  /** Processes that work now. */
  working = 0;
  /** By their pids: those that are over. */
  readonly ended = new Map<number, Life>();
  /** For how long none of them worked, all together. */
  noneMs = 0;
  readonly #start: () => Promise<ChildProcess>;
  readonly #keeping: readonly Promise<void>[];
  #noneSince = Date.now();
  #isOver = false;

  /** @param start resolves when the process works, or is over already */
  constructor(count: number, start: () => Promise<ChildProcess>) {
    this.#start = start;
    this.#keeping = Array.from({ length: count }, () => this.#keepOne());
  }

  /** Ends them and starts no more. */
  async end(killAll: () => void): Promise<void> {
    this.#isOver = true;
    killAll();
    await Promise.all(this.#keeping);
  }

  async #keepOne(): Promise<void> {
    while (!this.#isOver) {
      const child = await this.#start();
      const readyAt = Date.now();
      if (this.working === 0) this.noneMs += readyAt - this.#noneSince;
      this.working += 1;
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      this.working -= 1;
      this.#noneSince = Date.now();
      this.ended.set(child.pid ?? 0, { readyAt, endedAt: Date.now() });
    }
  }
}
