/** The states in which somebody still has to do with a job. */
export const jobStates = ['waiting', 'running', 'failed'] as const;
export type JobState = (typeof jobStates)[number];

/** Where a job stands in the list: the one that is due first, then the lower id. */
export interface JobKey {
  readonly runAt: number;
  readonly id: number;
}

export interface JobPlace {
  readonly state: JobState;
  /** Undefined: of every kind. */
  readonly kind: string | undefined;
  readonly limit: number;
  /** The page after this job, towards those due later. */
  readonly after?: JobKey;
  /** The page in front of this job, towards those due earlier. */
  readonly before?: JobKey;
}

/** Retry: run it now, from its beginning. Discard: let it be. */
export type JobAct = 'retry' | 'discard';

export interface ListedJob {
  readonly id: number;
  readonly kind: string;
  /** What the job is about, e.g. a channel's number. */
  readonly key: string;
  readonly state: JobState;
  readonly runAt: number;
  /** Errors in a row. */
  readonly failures: number;
  /** Claims in a row whose worker died. */
  readonly deaths: number;
  readonly lastError: string | null;
  /** Who runs it. */
  readonly worker: string | null;
  readonly updatedAt: number;
  /** For the job of a delivery: the post it belongs to. */
  readonly delivery: DeliveryPlace | null;
  /** What a person may do with it here. */
  readonly acts: readonly JobAct[];
}

export interface DeliveryPlace {
  readonly deliveryId: number;
  readonly postId: number;
  readonly teamId: number;
  readonly teamName: string;
}

export interface JobPage {
  readonly jobs: readonly ListedJob[];
  /** To pass as `before` for the jobs due earlier; null on the first page. */
  readonly earlier: JobKey | null;
  /** To pass as `after` for the jobs due later. */
  readonly later: JobKey | null;
}
