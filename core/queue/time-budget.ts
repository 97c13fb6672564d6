/** The reason of an abort after the whole budget was used: what never ends must not hold its slot for ever. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';

  constructor() {
    super('The time of this job was up.');
  }
}

export interface Times {
  readonly budgetMs: number;
  readonly graceMs: number;
}

interface Listeners {
  /** The budget is used up. */
  isUp(): void;
  /** And so is the grace. */
  isOver(): void;
}

/** How long a job, or a piece of it, may take. Its timers keep no process alive. */
export class TimeBudget {
  readonly #times: Times;
  readonly #listeners: Listeners;
  #isUp = false;
  #timer: NodeJS.Timeout;

  constructor(times: Times, listeners: Listeners) {
    this.#times = times;
    this.#listeners = listeners;
    this.#timer = setTimeout(() => this.#timeIsUp(), times.budgetMs).unref();
  }

  /** All of it again, unless it was used up before. */
  restart(): void {
    if (!this.#isUp) this.#timer.refresh();
  }

  end(): void {
    this.#isUp = true;
    clearTimeout(this.#timer);
  }

  #timeIsUp(): void {
    this.#isUp = true;
    this.#listeners.isUp();
    this.#timer = setTimeout(() => this.#listeners.isOver(), this.#times.graceMs).unref();
  }
}
