import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Bundle } from '../../support/bundle.ts';

/** Processes that have loaded their code and wait for an order, so that one that was killed is followed at once. */
export class Spares {
  readonly #bundle: Bundle;
  readonly #waiting: ChildProcess[] = [];

  constructor(bundle: Bundle, count: number) {
    this.#bundle = bundle;
    for (let n = 0; n < count; n += 1) this.#waiting.push(this.#fork());
  }

  /** The one that waits longest; another one is started in its place. */
  take(): ChildProcess {
    this.#waiting.push(this.#fork());
    return this.#waiting.shift() ?? this.#fork();
  }

  async close(): Promise<void> {
    await Promise.all(this.#waiting.map(end));
    await this.#bundle.remove();
  }

  #fork(): ChildProcess {
    return this.#bundle.start({ stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  }
}

/** As a power cut would. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
