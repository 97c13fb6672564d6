import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { ProcessOrder } from './order.ts';

/** A worker process that is killed, stopped and started again. */
export class MortalProcess {
  readonly #order: ProcessOrder;
  #child: ChildProcess | undefined;
  #starting: Promise<void> = Promise.resolve();

  constructor(order: ProcessOrder) {
    this.#order = order;
  }

  start(): Promise<void> {
    this.#starting = this.#fork();
    return this.#starting;
  }

  /** Resolves when the last start has come to its end. */
  ready(): Promise<void> {
    return this.#starting;
  }

  /** Ends it as a power cut would, and starts another in its place. */
  async killAndRestart(): Promise<void> {
    await this.#end('SIGKILL');
    await this.start();
  }

  /** Stands still for as long, then goes on as if nothing had been. */
  async stall(ms: number): Promise<void> {
    const child = this.#child;
    child?.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, ms));
    child?.kill('SIGCONT');
  }

  async close(): Promise<void> {
    await this.#starting.catch(() => undefined);
    await this.#end('SIGKILL');
  }

  async #fork(): Promise<void> {
    const file = path.join(import.meta.dirname, 'worker-process.ts');
    const execArgv = ['--import=tsx', '--conditions=castdeck-source'];
    const child = fork(file, [JSON.stringify(this.#order)], {
      execArgv,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    const first: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (first[0] === 'ready') return;
    // The database may be away while it starts: an operator's supervisor would start it again, and so do we.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await this.#fork();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
