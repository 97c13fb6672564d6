/** What an installation does at one moment, for the admin's page and for /metrics. All times are UTC milliseconds. */
export interface Snapshot {
  readonly at: number;
  readonly jobs: JobCounts;
  /** When the job that has waited longest was due; null when nothing due waits. */
  readonly oldestDueAt: number | null;
  /** How late that job is; 0 when nothing is due. */
  readonly lagMs: number;
  readonly workers: readonly WorkerFacts[];
  readonly breakers: readonly HostState[];
  readonly windows: readonly WindowUse[];
  readonly calls: readonly EndpointCalls[];
}

/** Each counted up to `countedUpTo`: more is told as one more than that. */
export interface JobCounts {
  readonly waiting: number;
  /** Of the waiting ones: those whose time has come. */
  readonly due: number;
  /** Of the waiting ones that are next: those that failed last time and are tried again. */
  readonly retrying: number;
  readonly running: number;
  readonly failed: number;
}

export const countedUpTo = 10_000;

export interface WorkerFacts {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly seenAt: number;
  /** Its heartbeat has been missing for too long: it was killed, or it cannot reach the database. */
  readonly isSilent: boolean;
  readonly slots: number;
  readonly slotsInUse: number;
}

/** A host of a network as one worker sees it. */
export interface HostState {
  readonly worker: Pick<WorkerFacts, 'host' | 'pid'>;
  readonly host: string;
  /** `open`: nothing is sent. `probing`: one call is let through to see whether it answers again. */
  readonly state: 'closed' | 'open' | 'probing';
  /** In the last minute. */
  readonly calls: number;
  readonly failed: number;
  readonly probeAt: number | null;
}

/** All windows of one name that hold a place now, e.g. `video/init` of each account. */
export interface WindowUse {
  readonly name: string;
  readonly inUse: number;
  /** Of these: those without a free place. */
  readonly full: number;
  /** Places taken in the fullest one, of so many. */
  readonly mostTaken: number;
  readonly limit: number;
  /** When the first full window has a place again; null when none is full. */
  readonly freeAt: number | null;
}

/** Calls to one address of a network in the last 24 hours. */
export interface EndpointCalls {
  readonly plugin: string;
  /** Method and path, or the plugin's name for it: never an address with a key or an account in it. */
  readonly endpoint: string;
  readonly calls: number;
  /** Answered with a 4xx. */
  readonly refused: number;
  /** No usable answer: none at all, or a 5xx. */
  readonly failed: number;
}
