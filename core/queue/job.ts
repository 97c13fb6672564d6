import type { Json } from '#plugin-api';

export interface NewJob {
  readonly kind: string;
  /** What the job is about, e.g. a delivery's number. The same kind and key exists once. */
  readonly key: string;
  readonly payload: Json;
  /** UTC milliseconds. */
  readonly runAt: number;
  /** The channel it is for: workers take turns over channels. Unless said, a known job keeps its own and a new one has none. */
  readonly channelId?: number;
}

/** What a worker hands to a handler. */
export interface ClaimedJob {
  readonly id: number;
  readonly kind: string;
  readonly key: string;
  readonly payload: Json;
  readonly runAt: number;
  /** Whoever holds an older number has lost: every save asks for this one. */
  readonly fence: number;
  /** This claim included: claims in a row whose process may have died. */
  readonly deaths: number;
  /** Errors in a row that were decided on. */
  readonly failures: number;
  readonly worker: string;
  /** Aborted when the process must stop now or the claim is lost. */
  readonly signal: AbortSignal;
  /** Asked to stop soon: hand back at the next border of a step. */
  isStopping(): boolean;
  /** A piece of the work is stored: the next one has the whole of `budgetMs` again. */
  pieceDone(): void;
  /** The work is done, and only its end remains to be stored: another job may begin meanwhile. */
  freeSlot(): void;
}

export type JobOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly at: number; readonly payload?: Json }
  /** The handler has stored under the fence what becomes of the job, or has found out that it lost it. */
  | { readonly kind: 'stored' };

export interface JobHandler {
  readonly kind: string;
  /**
   * The longest that the job may take, or each piece of it, in milliseconds; half an hour unless said. Then its signal
   * is aborted, and soon afterwards its slot is given to another: its claim counts as one whose worker died.
   */
  readonly budgetMs?: number;
  /**
   * What follows when it keeps failing, or its workers keep dying. `gives-up`: it ends as failed and waits for a person.
   * `rests`: it is tried on and on, after dead workers only an hour later. Unless said the handler decides about dead
   * workers itself, and errors are tried again without end.
   */
  readonly whenItKeepsFailing?: 'gives-up' | 'rests';
  /** A thrown error is counted and tried again after a growing wait. */
  run(job: ClaimedJob): Promise<JobOutcome>;
}
