import type { Attempt, Json, Step } from '#plugin-api';
import type { RetryDecision } from '../../../core/deliveries/decide-retry.ts';
import type { DeliveryState, Hold } from '../../../core/deliveries/delivery.ts';
import type { NextCall } from '../../../plugins/tiktok/next-step.ts';
import { readProgress, type Progress } from '../../../plugins/tiktok/progress.ts';

/** When the delivery is due; every time of the model is a later instant, UTC milliseconds. */
export const dueAt = Date.UTC(2026, 10, 20, 9);

/** The row of the delivery's job, as core/queue keeps it. */
interface JobRow {
  readonly state: 'waiting' | 'running' | 'finished';
  readonly runAt: number;
  readonly leaseUntil: number;
  readonly owner: number | null;
  readonly fence: number;
  readonly deaths: number;
  readonly failures: number;
}

export interface AttemptRow {
  readonly n: number;
  readonly startedAt: number;
  readonly reference: string | null;
  readonly progress: Progress | 'none';
  readonly pointOfNoReturnAt: number | null;
  readonly outcome: 'open' | 'superseded' | 'failed' | 'published';
  readonly reason: string | null;
}

/** What a worker read before it acted. It may be long out of date when the worker stores what came of it. */
export interface Seen {
  readonly state: DeliveryState;
  readonly hold: Hold | null;
  readonly attempt: AttemptRow;
  readonly earlier: Attempt['earlier'];
}

interface Held {
  readonly fence: number;
  readonly seen: Seen;
}

/** Between two of these a process may stop, die, or be overtaken by the other one. */
export type Phase =
  | { readonly at: 'idle' }
  /** `kept`: what a protocol that does not store each step would hold in memory. */
  | { readonly at: 'claimed'; readonly fence: number; readonly kept?: AttemptRow }
  /** Decided, not yet sent. */
  | ({ readonly at: 'calling'; readonly call: NextCall } & Held)
  /** A piece is on its way; null for a process that stood still meanwhile and will hear nothing of it. */
  | ({ readonly at: 'awaiting'; readonly call: Extract<NextCall, { call: 'put' }>; readonly put: Put | null } & Held)
  | ({ readonly at: 'storing'; readonly outcome: Step | RetryDecision } & Held);

export interface WorkerModel {
  /** One more for each process: what a dead one noted is not trusted. */
  readonly life: number;
  /** To post photos, given by itself and not used yet. */
  readonly tickets: readonly string[];
  /** Stopped in the middle of its work; its lease runs out. */
  readonly isStalled: boolean;
  readonly phase: Phase;
}

/** One publish at TikTok; its place in the list is its id. */
export interface UploadModel {
  readonly createdAt: number;
  /** Pieces that are there. */
  readonly pieces: number;
  /** The moment of the last byte: from here on it is a post, unless TikTok fails it. */
  readonly arrivedAt: number | null;
  readonly status: 'PROCESSING_UPLOAD' | 'PUBLISH_COMPLETE' | 'FAILED';
}

/** A piece on its way that was begun while its address was alive: TikTok lets it end. */
export interface Put {
  readonly upload: number;
  readonly piece: number;
  readonly begunAt: number;
}

/** What may still go wrong. */
export interface Budget {
  /** Requests lost, answers lost or late, 5xx before and after the work. */
  readonly faults: number;
  readonly crashes: number;
  /** A process that stands still in the middle of its work, for as long as it likes. */
  readonly stalls: number;
  /** TikTok says FAILED with its own fault. */
  readonly refusals: number;
  /** A person cancels, where core allows it. */
  readonly cancels: number;
}

export interface State {
  readonly now: number;
  readonly job: JobRow;
  readonly delivery: { readonly state: DeliveryState; readonly hold: Hold | null };
  readonly attempts: readonly AttemptRow[];
  readonly workers: readonly WorkerModel[];
  readonly uploads: readonly UploadModel[];
  /** Pieces that nobody waits for any more and that may still land. */
  readonly flying: readonly Put[];
  readonly left: Budget;
}

export const idle: Phase = { at: 'idle' };

export function firstState(left: Budget): State {
  const worker: WorkerModel = { life: 0, tickets: [], isStalled: false, phase: idle };
  return {
    now: dueAt,
    job: { state: 'waiting', runAt: dueAt, leaseUntil: 0, owner: null, fence: 0, deaths: 0, failures: 0 },
    delivery: { state: 'scheduled', hold: null },
    attempts: [],
    workers: [worker, worker],
    uploads: [],
    flying: [],
    left,
  };
}

export function withWorker(state: State, index: number, change: Partial<WorkerModel>): State {
  const workers = state.workers.map((worker, at) => (at === index ? { ...worker, ...change } : worker));
  return { ...state, workers };
}

export function spend(state: State, what: keyof Budget): State {
  return { ...state, left: { ...state.left, [what]: state.left[what] - 1 } };
}

/** The name under which a process notes its progress. */
export function writerName(state: State, index: number): string {
  return `${index}.${state.workers[index]?.life ?? 0}`;
}

/** What a step notes, as the plugin reads it back. */
export function noted(progress: Json): Progress | 'none' {
  const read = readProgress(progress);
  if (read === 'unreadable') throw new Error('The protocol noted what it cannot read.');
  return read;
}
