import type { Step } from '#plugin-api';
import { budgetEndsAt, type RetryDecision } from '../../../core/deliveries/decide-retry.ts';
import { passGate, type Passage } from '../../../core/deliveries/gate.ts';
import { readPayload } from '../../../core/deliveries/publish-payload.ts';
import type { PublishingWork } from '../../../core/deliveries/publishing-store.ts';
import { type Verdict, verdictOfDecision, verdictOfStep } from '../../../core/deliveries/verdict.ts';
import { type AttemptRow, dueAt, idle, noted, type Seen, type State, withWorker } from './model.ts';
import { graceMs, type Protocol, timings } from './protocol.ts';

// The host's side: claim, read, gate, fence. What decides is the product's own and pure; what it says is written into
// the model's rows here, as core/queue and core/deliveries write it into theirs.

export function openAttempt(state: State): AttemptRow | undefined {
  return state.attempts.find((attempt) => attempt.outcome === 'open' || attempt.outcome === 'published');
}

/** Waiting and due, or left behind by a worker whose lease has ended. */
export function mayClaim({ job, now }: State): boolean {
  if (job.state === 'waiting') return job.runAt <= now;
  return job.state === 'running' && job.leaseUntil < now;
}

export function claim(state: State, index: number): State {
  const { job, now } = state;
  const fence = job.fence + 1;
  const leaseUntil = now + timings.host.leaseMs;
  const taken = { ...job, state: 'running', owner: index, fence, deaths: job.deaths + 1, leaseUntil } as const;
  return withWorker({ ...state, job: taken }, index, { phase: { at: 'claimed', fence } });
}

export function gate(state: State): Passage {
  const work = workOf(state);
  return passGate({ work, job: state.job, since: readPayload({}), now: state.now, timings: timings.host });
}

/** The attempt that goes on, or a new one for whoever still holds the claim. */
export function begin(state: State, fence: number): { readonly state: State; readonly seen: Seen | undefined } {
  const attempt = openAttempt(state);
  const { delivery, attempts, now } = state;
  const earlier = (n: number): Seen['earlier'] =>
    attempts.filter((one) => one.n < n).map(({ startedAt, outcome, reason }) => ({ startedAt, outcome, reason }));
  if (attempt !== undefined) return { state, seen: { ...delivery, attempt, earlier: earlier(attempt.n) } };
  if (state.job.fence !== fence) return { state, seen: undefined };
  const n = attempts.length + 1;
  const fresh: AttemptRow = { ...freshAttempt, n, startedAt: now };
  const seen = { ...delivery, attempt: fresh, earlier: earlier(n) };
  return { state: { ...state, attempts: [...attempts, fresh] }, seen };
}

const freshAttempt = {
  reference: null,
  progress: 'none',
  pointOfNoReturnAt: null,
  outcome: 'open',
  reason: null,
} as const;

interface Stored {
  readonly index: number;
  readonly fence: number;
  readonly seen: Seen;
  readonly outcome: Step | RetryDecision;
}

/** The commit: all of it under the fence, or nothing and the worker stops silently. */
export function store(state: State, protocol: Protocol, stored: Stored): State {
  const { index, fence, seen, outcome } = stored;
  if (protocol.isFenced && state.job.fence !== fence) return withWorker(state, index, { phase: idle });
  const verdict = verdictOf(state, seen, outcome);
  const row = state.attempts.find((attempt) => attempt.n === seen.attempt.n);
  // The database would refuse this as the product's code does: the picture of the attempt was wrong.
  if (row?.outcome !== 'open') return withWorker(state, index, { phase: idle });
  const after = written(state, verdict, { index, row });
  const goesOn = verdict.job.kind === 'go-on';
  return withWorker(after, index, { phase: goesOn ? { at: 'claimed', fence } : idle });
}

/** Where no attempt is open: only the delivery and its job. */
export function storeWithoutAttempt(state: State, decision: RetryDecision, index: number): State {
  const seen = { ...state.delivery, attempt: { ...freshAttempt, n: 0, startedAt: 0 }, earlier: [] };
  const row = openAttempt(state) ?? seen.attempt;
  const verdict = verdictOf(state, { ...seen, attempt: row }, decision);
  return withWorker(written(state, verdict, { index, row }), index, { phase: idle });
}

function verdictOf(state: State, seen: Seen, outcome: Step | RetryDecision): Verdict {
  const { pointOfNoReturnAt } = seen.attempt;
  const situation = {
    now: state.now,
    state: seen.state,
    hold: seen.hold,
    pointOfNoReturnAt,
    budgetEndsAt: budgetEndsAt({ dueAt, graceMs, pointOfNoReturnAt, timings: timings.host }),
    firstLinkLookMs: 30_000,
    t: (key: string) => key,
  };
  return 'kind' in outcome ? verdictOfStep(outcome, situation) : verdictOfDecision(outcome, situation);
}

function written(state: State, verdict: Verdict, by: { readonly index: number; readonly row: AttemptRow }): State {
  const { delivery } = state;
  const attempts = state.attempts.map((attempt) => (attempt.n === by.row.n ? after(attempt, verdict) : attempt));
  return {
    ...state,
    job: jobAfter(state, verdict, by.index),
    delivery: { state: verdict.delivery.state ?? delivery.state, hold: holdAfter(state, verdict) },
    attempts,
  };
}

function holdAfter({ delivery }: State, verdict: Verdict): State['delivery']['hold'] {
  return verdict.delivery.hold === undefined ? delivery.hold : verdict.delivery.hold;
}

function after(attempt: AttemptRow, { attempt: patch }: Verdict): AttemptRow {
  return {
    ...attempt,
    ...(patch.progress === undefined ? {} : { progress: noted(patch.progress) }),
    ...(patch.reference === undefined ? {} : { reference: patch.reference }),
    ...(patch.pointOfNoReturnAt === undefined ? {} : { pointOfNoReturnAt: patch.pointOfNoReturnAt }),
    ...patch.end,
  };
}

function jobAfter({ job, now }: State, verdict: Verdict, index: number): State['job'] {
  const free = { ...job, owner: null, leaseUntil: 0, deaths: 0 };
  switch (verdict.job.kind) {
    case 'go-on':
      return { ...job, state: 'running', owner: index, leaseUntil: now + timings.host.leaseMs, deaths: 1 };
    case 'wait':
      return { ...free, state: 'waiting', runAt: verdict.job.at, failures: verdict.job.failures };
    case 'finish':
      return { ...free, state: 'finished', failures: 0 };
  }
}

function workOf(state: State): PublishingWork {
  const attempt = openAttempt(state);
  const channel = { id: 1, teamId: 1, accountId: 'a', nickname: 'North Roast', username: 'northroast' } as const;
  const scopes = ['video.publish'];
  return {
    ...{ id: 1, postId: 1, teamId: 1, plugin: 'tiktok', revision: 0, dueAt, publishedAt: null, linkPending: false },
    ...{
      graceMs,
      needsApproval: false,
      isPaused: false,
      isDisconnected: false,
      state: state.delivery.state,
      hold: state.delivery.hold,
    },
    credential: { id: 1, accountId: 'a', scopes },
    lastAttemptN: state.attempts.length,
    attempt: attempt === undefined ? null : storedAttempt(attempt),
    view: {
      id: 1,
      channel: { ...channel, mode: 'live', appKey: 'aw', state: 'connected', scopes, zone: 'UTC' },
      ...{ caption: '', media: [], cover: null, options: null },
    },
  };
}

function storedAttempt({ n, reference, startedAt, pointOfNoReturnAt }: AttemptRow): PublishingWork['attempt'] {
  return { n, reference, startedAt, pointOfNoReturnAt, credentialId: 1, revision: 0, sealedProgress: null };
}
