import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessOrder } from './order.ts';
import { end, type Spares } from './spares.ts';

/** Starts in a row that came to nothing before somebody is told; while the database is away a few are usual. */
const mostFailures = 100;

/** A process of the product that is killed and stopped, and followed by another one whenever it has ended. */
export class MortalProcess {
  readonly #spares: Spares;
  readonly #order: ProcessOrder;
  #child: ChildProcess | undefined;
  #failures = 0;
  #isClosed = false;
  /** How often it has died, by whatever hand. */
  deaths = 0;

  constructor(spares: Spares, order: ProcessOrder) {
    this.#spares = spares;
    this.#order = order;
    this.#start();
  }

  async kill(): Promise<void> {
    if (this.#child !== undefined) await end(this.#child);
  }

  /** Stands still for as long, then goes on as if nothing had been. */
  async stall(ms: number): Promise<void> {
    const child = this.#child;
    child?.kill('SIGSTOP');
    await pause(ms);
    child?.kill('SIGCONT');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.kill();
  }

  #start(): void {
    const child = this.#spares.take();
    this.#child = child;
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2_000)));
    child.once('message', () => (this.#failures = 0));
    child.once('exit', (code) => this.#follow(code, said));
    child.send(this.#order);
  }

  #follow(code: number | null, said: string): void {
    if (this.#isClosed) return;
    this.deaths += 1;
    if (code !== null) this.#failures += 1;
    if (this.#failures > mostFailures) throw new Error(`A process of the arena does not start: ${said}`);
    // As an operator's supervisor would; where it could not even start, a moment later.
    setTimeout(() => (this.#isClosed ? undefined : this.#start()), code === null ? 0 : 100);
  }
}
