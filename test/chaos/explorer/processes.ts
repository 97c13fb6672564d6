import { idle, type Phase, type State, withWorker } from './model.ts';
import type { Protocol } from './protocol.ts';

/** Dying before a call that was decided on is the same as dying before the decision, unless that began an attempt. */
export function mayDie(phase: Phase): boolean {
  return phase.at !== 'calling' || phase.call.call === 'look' || phase.call.call === 'look-at-photos';
}

/** Of what is decided but not yet sent, only a piece can do harm when it is late; an opening where that posts, as of photos. */
export function mayStall(phase: Phase, { initPosts }: Protocol): boolean {
  if (phase.at !== 'calling') return true;
  return ['put', 'content-init'].includes(phase.call.call) || (initPosts && phase.call.call === 'init');
}

/** The end of a process: what it was sending may still land, what it knew is gone. */
export function dead(state: State, index: number): State {
  const worker = state.workers[index];
  return withWorker(leftFlying(state, index), index, { life: (worker?.life ?? 0) + 1, tickets: [], phase: idle });
}

/** What it was sending lands or not while it stands still; it never hears. */
export function stalled(state: State, index: number): State {
  const phase = state.workers[index]?.phase ?? idle;
  if (phase.at !== 'awaiting') return withWorker(state, index, { isStalled: true });
  return withWorker(leftFlying(state, index), index, { isStalled: true, phase: { ...phase, put: null } });
}

function leftFlying(state: State, index: number): State {
  const phase = state.workers[index]?.phase ?? idle;
  return phase.at === 'awaiting' && phase.put !== null ? { ...state, flying: [...state.flying, phase.put] } : state;
}
