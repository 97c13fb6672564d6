import type { Step } from '#plugin-api';
import type { RetryDecision } from '../../../core/deliveries/decide-retry.ts';
import type { NextCall } from '../../../plugins/tiktok/next-step.ts';
import type { Progress } from '../../../plugins/tiktok/progress.ts';
import { type AttemptRow, type Phase, noted, type State, type WorkerModel, writerName } from './model.ts';
import { stepMs } from './protocol.ts';

/**
 * Equal for states that behave alike: instants count as distance from now, the two workers are alike, of a fence only
 * matters whether it is the newest, of a note's writer whether it is this process.
 */
export function keyOf(state: State): string {
  const { job, delivery, left } = state;
  const parts = new Parts(state);
  const workers = state.workers.map((worker, index) => parts.worker(worker, index)).sort();
  const runsAt = job.state === 'waiting' ? parts.later(job.runAt) : 0;
  const lease = job.state === 'running' && job.leaseUntil >= state.now ? 1 : 0;
  return [
    `${job.state} ${runsAt} ${lease} ${job.deaths} ${Math.min(job.failures, 4)}`,
    `${delivery.state} ${delivery.hold ?? ''}`,
    state.attempts.map((attempt) => parts.attempt(attempt, undefined)).join(','),
    state.uploads.map((_upload, id) => parts.upload(id)).join(','),
    workers.join('|'),
    state.flying
      .map(({ upload, piece, begunAt }) => `${upload}.${piece}.${parts.age(begunAt)}`)
      .sort()
      .join(','),
    `${left.faults}${left.crashes}${left.stalls}${left.refusals}${left.cancels}`,
  ].join(';');
}

/** Nothing of the model depends on how much older than this something is. */
const oldestSteps = 24;
/** Looks grow rarer with the age of the point of no return: after ten minutes, and next after six hours. */
const commitmentSteps = 3;

function knows(phase: Exclude<Phase, { at: 'idle' | 'claimed' }>, reference: string): boolean {
  if (phase.seen.attempt.reference === reference) return true;
  if (phase.at !== 'storing' || !('kind' in phase.outcome)) return false;
  return phase.outcome.kind === 'continue' && phase.outcome.reference === reference;
}

class Parts {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  age(at: number): number {
    return Math.max(-oldestSteps, (at - this.#state.now) / stepMs);
  }

  later(at: number): number {
    return Math.max(0, Math.ceil((at - this.#state.now) / stepMs));
  }

  upload(id: number): string {
    const upload = this.#state.uploads[id];
    if (upload === undefined) return '';
    const { createdAt, pieces, arrivedAt, status } = upload;
    if (arrivedAt !== null) return status === 'PROCESSING_UPLOAD' ? `a${this.age(arrivedAt)}` : status;
    return this.#isKnown(id) ? `${this.age(createdAt)}.${pieces}` : 'lost';
  }

  /** Whether anybody could still send to it or ask about it. */
  #isKnown(id: number): boolean {
    const { attempts, workers, flying } = this.#state;
    if (flying.some(({ upload }) => upload === id)) return true;
    if (attempts.some(({ outcome, reference }) => outcome === 'open' && reference === String(id))) return true;
    return workers.some(({ phase }) => phase.at !== 'idle' && phase.at !== 'claimed' && knows(phase, String(id)));
  }

  /** @param self the worker that holds this picture; undefined for the row itself */
  attempt(attempt: AttemptRow, self: number | undefined): string {
    const { n, startedAt, outcome, reason, reference, pointOfNoReturnAt, progress } = attempt;
    const head = `${n} ${outcome} ${reason ?? ''} ${this.age(startedAt)}`;
    if (outcome !== 'open') return head;
    const committed = pointOfNoReturnAt === null ? '' : Math.max(-commitmentSteps, this.age(pointOfNoReturnAt));
    return `${head} ${reference ?? ''} ${committed} ${this.#progress(progress, self)}`;
  }

  worker(worker: WorkerModel, index: number): string {
    const open = this.#state.attempts.find(({ outcome }) => outcome === 'open');
    const wrote = open !== undefined && this.#writerOf(open.progress) === writerName(this.#state, index);
    const holds = open !== undefined && this.#holds(open.progress, index);
    return `${worker.isStalled ? 's' : ''}${wrote ? 'w' : ''}${holds ? 't' : ''} ${this.#phase(worker.phase, index)}`;
  }

  #phase(phase: Phase, index: number): string {
    if (phase.at === 'idle') return 'idle';
    const isNewest = phase.fence === this.#state.job.fence ? 'f' : '';
    if (phase.at === 'claimed') {
      return `claimed ${isNewest} ${phase.kept === undefined ? '' : this.attempt(phase.kept, index)}`;
    }
    const { state, hold, attempt } = phase.seen;
    const seen = `${isNewest} ${state} ${hold ?? ''} ${this.attempt(attempt, index)}`;
    switch (phase.at) {
      case 'calling':
        return `calling ${seen} ${this.#call(phase.call, index)}`;
      case 'awaiting': {
        const put = phase.put === null ? '' : `${phase.put.upload}.${phase.put.piece}.${this.age(phase.put.begunAt)}`;
        return `awaiting ${seen} ${this.#call(phase.call, index)} ${put}`;
      }
      case 'storing':
        return `storing ${seen} ${this.#outcome(phase.outcome, index)}`;
    }
  }

  #call(call: NextCall, index: number): string {
    switch (call.call) {
      case 'look':
      case 'look-at-photos':
        return 'look';
      case 'content-init':
        return `post ${this.#progress(call.ready, index)}`;
      case 'photo-list':
        return `list ${this.#progress(call.ready, index)}`;
      case 'photo-status':
        return `status ${this.#progress(call.sent, index)}`;
      case 'init':
        return `init ${this.#progress(call.ready, index)}`;
      case 'put':
        return `put ${call.chunk.index} ${this.#progress(call.upload, index)}`;
      case 'status':
        return `status ${this.#progress(call.upload, index)}`;
    }
  }

  #outcome(outcome: Step | RetryDecision, index: number): string {
    if (!('kind' in outcome)) return outcome.next === 'again' ? `again ${this.later(outcome.at)}` : outcome.next;
    switch (outcome.kind) {
      case 'continue': {
        const commits = outcome.pointOfNoReturn === true ? '!' : '';
        const note = this.#progress(noted(outcome.progress), index);
        return `${outcome.stage} ${commits} ${this.later(outcome.at)} ${outcome.reference ?? ''} ${note}`;
      }
      case 'wait':
        return `wait ${this.later(outcome.at)} ${outcome.hold ?? ''}`;
      case 'start-over':
        return `over ${outcome.reason} ${this.later(outcome.at)}`;
      case 'failed':
      case 'needs-attention':
        return `${outcome.kind} ${outcome.because.code}`;
      case 'published':
        return 'published';
    }
  }

  #progress(progress: Progress | 'none', self: number | undefined): string {
    if (progress === 'none') return '';
    const isReady = progress.stage === 'ready' || progress.stage === 'photos-ready';
    return Object.entries(progress)
      .filter(([name]) => isReady || name !== 'lookedAt')
      .map(([name, value]) => this.#plain(name, value, self))
      .join(' ');
  }

  /** Without what is the same in every state. */
  #plain(name: string, value: unknown, self: number | undefined): string {
    if (constant.has(name)) return '';
    if (name === 'ticket')
      return self === undefined ? '' : String(this.#state.workers[self]?.tickets.includes(String(value)));
    if (name === 'writer') return self === undefined ? '' : String(value === writerName(this.#state, self));
    if (typeof value === 'object' && value !== null) {
      return Object.entries(value)
        .map(([part, inner]) => this.#plain(part, inner, self))
        .join(':');
    }
    return typeof value === 'number' && value > 1e12 ? String(this.age(value)) : String(value);
  }

  #writerOf(progress: Progress | 'none'): string | undefined {
    return progress === 'none' || !('writer' in progress) ? undefined : progress.writer;
  }

  #holds(progress: Progress | 'none', self: number): boolean {
    if (progress === 'none' || progress.stage !== 'photos-ready') return false;
    return this.#state.workers[self]?.tickets.includes(progress.ticket) === true;
  }
}

const constant = new Set(['plan', 'sha256', 'username', 'bytesPerMs', 'uploadUrl']);
