import { RemoteError } from '#plugin-api';
import type { Step } from '#plugin-api';
import { decideRetry, type RetryDecision } from '../../../core/deliveries/decide-retry.ts';
import type { Answer, NextCall, Situation } from '../../../plugins/tiktok/next-step.ts';
import type { Uploading } from '../../../plugins/tiktok/progress.ts';
import { type Add, movesAround } from './around.ts';
import { begin, claim, gate, mayClaim, store, storeWithoutAttempt } from './host.ts';
import {
  type AttemptRow,
  dueAt,
  idle,
  noted,
  type Phase,
  type Seen,
  spend,
  type State,
  withWorker,
  type WorkerModel,
  writerName,
} from './model.ts';
import * as network from './network.ts';
import { photoMoves } from './photo-moves.ts';
import { dead, mayDie, mayStall, stalled } from './processes.ts';
import { graceMs, type plans, type Protocol, storesAll, timings } from './protocol.ts';

export interface Move {
  readonly name: string;
  readonly state: State;
  /** Something went wrong here. */
  readonly isFault: boolean;
}

export interface Game {
  readonly protocol: Protocol;
  readonly pieces: keyof typeof plans;
  /** Photos instead of a video. */
  readonly isPhotos?: true;
}

/** Everything that can happen next. */
export function movesFrom(game: Game, state: State): readonly Move[] {
  const moves: Move[] = [];
  const add = (name: string, next: State): void => void moves.push({ name, state: next, isFault: false });
  const fault = (name: string, next: State): void => void moves.push({ name, state: next, isFault: true });
  const overtaken = state.workers.findIndex((worker) => isOvertaken(state, worker));
  if (overtaken !== -1) {
    new WorkerMoves({ game, state, index: overtaken, add, fault }).all();
    return moves;
  }
  state.workers.forEach((worker, index) => {
    if (worker.isStalled) add(`${index} goes on`, withWorker(state, index, { isStalled: false }));
    else new WorkerMoves({ game, state, index, add, fault }).all();
  });
  movesAround({ state, pieces: game.pieces, add, fault });
  return game.protocol.isFenced ? moves.map((move) => ({ ...move, state: withoutVain(move.state) })) : moves;
}

/** Whoever was overtaken and has only something to store, or to hear of nothing, changes nothing any more. */
function withoutVain(state: State): State {
  const isVain = ({ phase }: WorkerModel): boolean => {
    if (phase.at === 'idle' || phase.fence === state.job.fence) return false;
    return phase.at === 'storing' || (phase.at === 'awaiting' && phase.put === null);
  };
  if (!state.workers.some(isVain)) return state;
  const workers = state.workers.map((one) => (isVain(one) ? { ...one, isStalled: false, phase: idle } : one));
  return { ...state, workers };
}

/**
 * Goes on after another has taken its work: all it wanted to do is done at once, since it may have stood still until any
 * moment before.
 */
function isOvertaken({ job }: State, { isStalled, phase }: WorkerModel): boolean {
  return !isStalled && phase.at !== 'idle' && phase.fence !== job.fence;
}

interface Turn {
  readonly game: Game;
  readonly state: State;
  readonly index: number;
  readonly add: Add;
  readonly fault: Add;
}

type At<K extends Phase['at']> = Extract<Phase, { at: K }>;

class WorkerMoves {
  readonly #turn: Turn;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  all(): void {
    const { state, index, add, fault, game } = this.#turn;
    const phase = state.workers[index]?.phase ?? idle;
    switch (phase.at) {
      case 'idle':
        if (mayClaim(state)) add(`${index} claims`, claim(state, index));
        return;
      case 'claimed':
        this.#decide(phase);
        break;
      case 'calling':
        this.#send(phase);
        break;
      case 'awaiting':
        this.#hear(phase);
        break;
      case 'storing':
        this.#store(phase);
        break;
    }
    const { left } = state;
    if (left.crashes > 0 && mayDie(phase)) fault(`${index} dies`, dead(spend(state, 'crashes'), index));
    if (left.stalls > 0 && mayStall(phase, game.protocol))
      fault(`${index} stalls`, stalled(spend(state, 'stalls'), index));
  }

  /** Reads, passes the gate, and asks the protocol what to do. */
  #decide(phase: At<'claimed'>): void {
    const { state, index, add, game } = this.#turn;
    const passage = gate(state);
    if (passage.pass === 'publish') {
      const begun = phase.kept === undefined ? begin(state, phase.fence) : keptOn(state, phase.kept);
      if (begun.seen === undefined) add(`${index} has lost its claim`, withWorker(state, index, { phase: idle }));
      else add(`${index} decides`, this.#decided(begun.state, { fence: phase.fence, seen: begun.seen, game }));
      return;
    }
    if (state.job.fence !== phase.fence) {
      add(`${index} finds nothing to do`, withWorker(state, index, { phase: idle }));
      return;
    }
    const done = { ...state.job, state: 'finished', owner: null, deaths: 0 } as const;
    if (passage.pass === 'done') add(`${index} is done`, withWorker({ ...state, job: done }, index, { phase: idle }));
    else if (passage.pass === 'failed' || passage.pass === 'needs-attention') {
      const { because } = passage;
      const mayBePosted = passage.pass === 'needs-attention' && passage.mayBePosted;
      add(`${index} gives up`, storeWithoutAttempt(state, { next: passage.pass, because, mayBePosted }, index));
    } else throw new Error(`The model does not lead to ${passage.pass}.`);
  }

  #decided(state: State, { fence, seen, game }: { fence: number; seen: Seen; game: Game }): State {
    const next = game.protocol.nextCall(this.#situation(state, seen));
    const phase: Phase =
      'kind' in next ? { at: 'storing', fence, seen, outcome: next } : { at: 'calling', fence, seen, call: next };
    return withWorker(state, this.#turn.index, { phase });
  }

  #send(phase: At<'calling'>): void {
    const { state, index, add, fault, game } = this.#turn;
    const { call } = phase;
    const canFail = state.left.faults > 0;
    switch (call.call) {
      case 'look':
        add(`${index} looks`, this.#answered(state, phase, network.lookAnswer(game.pieces)));
        if (canFail)
          fault(`${index} looks, lost`, this.#answered(spend(state, 'faults'), phase, network.lostLook(game.pieces)));
        return;
      case 'init':
        this.#init(phase, call);
        return;
      case 'status': {
        const reply = network.statusReply(state, phase.seen.attempt.reference ?? '', game.pieces);
        add(`${index} asks`, this.#answered(state, phase, { ...call, reply }));
        const lost = { ...call, reply: network.lostReply('status') };
        if (canFail) fault(`${index} asks, lost`, this.#answered(spend(state, 'faults'), phase, lost));
        return;
      }
      case 'put':
        this.#put(phase, call);
        return;
      default:
        photoMoves({ state, index, add, fault }, phase.seen, {
          call,
          then: (at, answer) => this.#answered(at, phase, answer),
        });
    }
  }

  #init(phase: At<'calling'>, call: Extract<NextCall, { call: 'init' }>): void {
    const { state, index, add, fault, game } = this.#turn;
    const about = { call: 'init', ready: call.ready, askedAt: state.now, hostIsTrusted: true } as const;
    const after = network.opened(state);
    const id = after.id;
    const posted = game.protocol.initPosts
      ? network.withUpload(after.state, Number(id), { pieces: game.pieces, arrivedAt: state.now })
      : after.state;
    const reply = { ok: true, value: { publishId: id, uploadUrl: id } } as const;
    add(`${index} opens ${id}`, this.#answered(posted, phase, { ...about, reply }));
    if (state.left.faults === 0) return;
    const lost = { ...about, reply: network.lostReply('init') };
    fault(`${index} opens, lost`, this.#answered(spend(state, 'faults'), phase, lost));
    if (game.protocol.initPosts)
      fault(`${index} opens ${id}, answer lost`, this.#answered(spend(posted, 'faults'), phase, lost));
  }

  #put(phase: At<'calling'>, call: Extract<NextCall, { call: 'put' }>): void {
    const { state, index, add } = this.#turn;
    const upload = Number(call.upload.uploadUrl);
    if (!network.isAlive(state.uploads[upload], state.now)) {
      add(`${index} sends, 403`, this.#answered(state, phase, putAnswer(call, { status: 403, reported: null })));
      return;
    }
    const put = { upload, piece: call.chunk.index, begunAt: state.now };
    const { fence, seen } = phase;
    add(
      `${index} sends ${upload}/${put.piece}`,
      withWorker(state, index, { phase: { at: 'awaiting', fence, seen, call, put } }),
    );
  }

  /** The worker waits for a piece's answer: the piece, or its answer, or both may be lost, or it lands later. */
  #hear(phase: At<'awaiting'>): void {
    const { state, index, add, fault, game } = this.#turn;
    const { call, put } = phase;
    const { upload, chunk } = call;
    const nothing: Answer = { call: 'put', upload, chunk, tookMs: 1, reply: network.lostReply('put') };
    if (put === null) {
      add(`${index} hears nothing`, this.#answered(state, phase, nothing));
      return;
    }
    const came = network.landed(state, put, game.pieces);
    const bytes = network.uploadedBytes(came.state.uploads[put.upload], game.pieces);
    const good = putAnswer(call, { status: came.status, reported: came.status === 404 ? null : bytes });
    add(`${index} hears ${came.status}`, this.#answered(came.state, phase, good));
    if (state.left.faults === 0) return;
    const broken = putAnswer(call, { status: 500, reported: null });
    const spent = spend(state, 'faults');
    const spentThere = spend(came.state, 'faults');
    const late = { ...spent, flying: [...spent.flying, put] };
    fault(`${index} sent, lost`, this.#answered(spent, phase, nothing));
    fault(`${index} sent, answer lost`, this.#answered(spentThere, phase, nothing));
    fault(`${index} sent, comes late`, this.#answered(late, phase, nothing));
    fault(`${index} hears 500`, this.#answered(spent, phase, broken));
    fault(`${index} hears 500 afterwards`, this.#answered(spentThere, phase, broken));
  }

  /** The protocol says what the answer means. After a status that tells how far it is, the piece follows at once. */
  #answered(state: State, phase: At<'calling'> | At<'awaiting'>, answer: Answer): State {
    const { game, index } = this.#turn;
    const { fence, seen } = phase;
    const outcome = outcomeOf(state, seen, () => game.protocol.nextStep(this.#situation(state, seen), answer));
    const resumed = answer.call === 'status' ? resumedUpload(outcome) : undefined;
    if (resumed === undefined) return withWorker(state, index, { phase: { at: 'storing', fence, seen, outcome } });
    return this.#decided(state, { fence, seen: { ...seen, attempt: { ...seen.attempt, progress: resumed } }, game });
  }

  #situation(state: State, seen: Seen): Situation {
    const { index, game } = this.#turn;
    const situation = situationOf(state, index, seen);
    const { progress } = seen.attempt;
    const ticket = progress !== 'none' && progress.stage === 'photos-ready' ? progress.ticket : '';
    const holdsTicket = state.workers[index]?.tickets.includes(ticket) === true;
    return game.isPhotos === true ? { ...situation, photos: { holdsTicket } } : situation;
  }

  #store({ fence, seen, outcome }: At<'storing'>): void {
    const { state, index, add, game } = this.#turn;
    const { protocol } = game;
    if ('kind' in outcome && !protocol.stores(outcome)) {
      const phase = { at: 'claimed', fence, kept: keptAfter(state, seen.attempt, outcome) } as const;
      add(`${index} keeps it in mind`, withWorker(state, index, { phase }));
      return;
    }
    const known = protocol.stores === storesAll ? state : withKept(state, seen);
    const name = 'kind' in outcome ? outcome.kind : outcome.next;
    add(`${index} stores ${name}`, store(known, protocol, { index, fence, seen, outcome }));
  }
}

function situationOf(state: State, index: number, { attempt, earlier }: Seen): Omit<Situation, 'photos'> {
  return {
    progress: attempt.progress,
    reference: attempt.reference,
    pointOfNoReturnAt: attempt.pointOfNoReturnAt,
    attemptStartedAt: attempt.startedAt,
    earlier,
    privacy: 'SELF_ONLY',
    scopes: ['video.publish'],
    now: state.now,
    jitter: 0.5,
    writer: writerName(state, index),
  };
}

function outcomeOf(state: State, seen: Seen, step: () => Step): Step | RetryDecision {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return decideRetry(error, {
      ...{ now: state.now, dueAt, graceMs, failures: state.job.failures, timings: timings.host, random: () => 0.5 },
      pointOfNoReturnAt: seen.attempt.pointOfNoReturnAt,
    });
  }
}

/** As in the publisher: what TikTok says of the upload is worth only what is sent right after it. */
function resumedUpload(outcome: Step | RetryDecision): Uploading | undefined {
  if (!('kind' in outcome) || outcome.kind !== 'continue') return undefined;
  const progress = noted(outcome.progress);
  return typeof progress === 'string' || progress.stage !== 'uploading' || progress.uncertain ? undefined : progress;
}

function putAnswer(
  call: Extract<NextCall, { call: 'put' }>,
  value: { status: number; reported: number | null },
): Answer {
  return { call: 'put', upload: call.upload, chunk: call.chunk, reply: { ok: true, value }, tookMs: 1 };
}

function keptOn(state: State, kept: AttemptRow): { readonly state: State; readonly seen: Seen } {
  return { state, seen: { ...state.delivery, attempt: kept, earlier: [] } };
}

function keptAfter({ now }: State, attempt: AttemptRow, step: Step): AttemptRow {
  if (step.kind !== 'continue') return attempt;
  const commits = step.pointOfNoReturn === true && attempt.pointOfNoReturnAt === null;
  return {
    ...attempt,
    progress: noted(step.progress),
    reference: step.reference ?? attempt.reference,
    pointOfNoReturnAt: commits ? now : attempt.pointOfNoReturnAt,
  };
}

/** What was only kept in mind goes into the row together with the step that is stored at last. */
function withKept(state: State, { attempt }: Seen): State {
  const { n, reference, pointOfNoReturnAt } = attempt;
  const attempts = state.attempts.map((row) =>
    row.n === n && row.outcome === 'open' && row.reference === null && reference !== null
      ? { ...row, reference, pointOfNoReturnAt }
      : row,
  );
  return { ...state, attempts };
}
