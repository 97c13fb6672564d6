import { openAttempt } from './host.ts';
import { dueAt, spend, type State } from './model.ts';
import * as network from './network.ts';
import { longest, type plans, stepMs, timings } from './protocol.ts';

/** Takes down one thing that can happen next. */
export type Add = (name: string, next: State) => void;

interface Around {
  readonly state: State;
  readonly pieces: keyof typeof plans;
  readonly add: Add;
  readonly fault: Add;
}

/** What happens without a worker: TikTok, a person, and time. */
export function movesAround(around: Around): void {
  networkMoves(around);
  personMoves(around);
  timeMoves(around);
}

function networkMoves({ state, pieces, add, fault }: Around): void {
  state.flying.forEach((put, index) => {
    const flying = state.flying.filter((_put, at) => at !== index);
    add(`${put.upload}/${put.piece} lands late`, { ...network.landed(state, put, pieces).state, flying });
  });
  for (const { index } of network.processingUploads(state)) {
    add(`TikTok posts ${index}`, network.withUpload(state, index, { status: 'PUBLISH_COMPLETE' }));
    if (state.left.refusals > 0)
      fault(`TikTok fails ${index}`, network.withUpload(spend(state, 'refusals'), index, { status: 'FAILED' }));
  }
}

/** As core's desk: only before the point of no return; it raises the fence. */
function personMoves({ state, add }: Around): void {
  const open = openAttempt(state);
  const isEarly = state.delivery.state === 'scheduled' || state.delivery.state === 'publishing';
  if (state.left.cancels === 0 || !isEarly || (open?.pointOfNoReturnAt ?? null) !== null) return;
  const { job, attempts } = spend(state, 'cancels');
  add('a person cancels', {
    ...spend(state, 'cancels'),
    job: { ...job, state: 'finished', owner: null, fence: job.fence + 1 },
    delivery: { state: 'cancelled', hold: null },
    attempts: attempts.map((one) =>
      one.outcome === 'open' ? { ...one, outcome: 'superseded', reason: 'cancelled' } : one,
    ),
  });
}

/** Time goes on to the next moment at which something changes, while nobody who could act is in the middle of it. */
function timeMoves({ state, add }: Around): void {
  if (state.workers.some((worker) => !worker.isStalled && worker.phase.at !== 'idle')) return;
  const { now } = state;
  const next = Math.min(
    ...momentsOf(state)
      .map((at) => dueAt + Math.ceil((at - dueAt) / stepMs) * stepMs)
      .filter((at) => at > now),
  );
  // What must have happened by now does not wait: TikTok ends its work.
  if (!Number.isFinite(next) || network.processingUploads(state).some(({ endsBy }) => endsBy < next)) return;
  const flying = state.flying.filter((put) => put.begunAt + longest.putMs >= next);
  add(`${Math.round((next - now) / 60_000)} minutes pass`, { ...state, now: next, flying });
}

function momentsOf(state: State): readonly number[] {
  const { job, uploads, flying } = state;
  const { linkLife, linkResumable } = timings.network;
  const ages = [linkResumable - stepMs, linkLife - stepMs, linkLife];
  const growing = job.state === 'finished' ? [] : uploads.filter(({ arrivedAt }) => arrivedAt === null);
  return [
    ...(job.state === 'waiting' ? [job.runAt] : []),
    ...(job.state === 'running' ? [job.leaseUntil + 1] : []),
    ...growing.flatMap(({ createdAt }) => ages.map((age) => createdAt + age)),
    ...flying.map(({ begunAt }) => begunAt + longest.putMs + 1),
    ...network.processingUploads(state).map(({ endsBy }) => endsBy),
  ];
}
