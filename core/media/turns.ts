/** At most so many tasks at a time; others wait, first come first served. */
export class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#free = most;
  }

  /** Runs the task when it is its turn. @throws ClosedError when the signal comes before that, and what the task throws */
  async take<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    await this.#turn(signal);
    try {
      return await task();
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  /** Whoever ends hands its turn on: nobody who comes later gets in between. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(begin);
        reject(new ClosedError());
      };
      const begin = (): void => {
        this.#waiting.delete(begin);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      if (signal.aborted) leave();
      else if (this.#free > 0) {
        this.#free -= 1;
        resolve();
      } else {
        this.#waiting.add(begin);
        signal.addEventListener('abort', leave);
      }
    });
  }
}

/** Whoever waited for a file to be read has gone before its turn: it was not looked at, and can be read later. */
class ClosedError extends Error {
  override readonly name = 'ClosedError';

  constructor() {
    super('The reader was closed before its turn; the file was not read.');
  }
}
