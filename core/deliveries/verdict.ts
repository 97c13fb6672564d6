import type { Explanation, Json, Step, TimelineEntry, Translate } from '#plugin-api';
import type { CoreReason, RetryDecision } from './decide-retry.ts';
import type { DeliveryState, Hold, Outcome } from './delivery.ts';
import { explain } from './explain.ts';

/** What is stored, all of it or nothing, after one piece of work on a delivery. */
export interface Verdict {
  readonly job:
    | { readonly kind: 'go-on' }
    | {
        readonly kind: 'wait';
        readonly at: number;
        readonly failures: number;
        readonly unexplained?: number;
        readonly looks?: number;
      }
    | { readonly kind: 'finish' };
  readonly delivery: DeliveryPatch;
  readonly attempt: AttemptPatch;
  readonly events: readonly DeliveryEvent[];
}

export interface DeliveryPatch {
  readonly state?: DeliveryState;
  readonly hold?: Hold | null;
  readonly percent?: number | null;
  readonly outcome?: Outcome | null;
  readonly published?: {
    readonly remoteIds: readonly string[];
    readonly url: string | null;
    readonly at?: number;
  };
  readonly linkPending?: boolean;
}

interface AttemptPatch {
  readonly progress?: Json;
  readonly reference?: string;
  readonly pointOfNoReturnAt?: number;
  readonly end?: { readonly outcome: 'superseded' | 'failed' | 'published'; readonly reason: string | null };
}

/** One line of the timeline. `kind` without `delivery.` in front. */
export interface DeliveryEvent extends TimelineEntry {
  readonly kind: string;
  readonly again?: number;
}

export interface VerdictSituation {
  readonly now: number;
  readonly state: DeliveryState;
  readonly hold: Hold | null;
  readonly pointOfNoReturnAt: number | null;
  /** Nothing waits longer than this. */
  readonly budgetEndsAt: number;
  /** When the link is looked for first. */
  readonly firstLinkLookMs: number;
  readonly t: Translate;
}

/** What a step of the plugin means for job, delivery and attempt. Pure. */
export function verdictOfStep(step: Step, situation: VerdictSituation): Verdict {
  const verdict = bareVerdict(step, situation);
  const told = (step.timeline ?? []).map((entry): DeliveryEvent => ({ ...entry, kind: 'step' }));
  return { ...verdict, events: [...told, ...verdict.events] };
}

function bareVerdict(step: Step, situation: VerdictSituation): Verdict {
  switch (step.kind) {
    case 'continue':
      return goingOn(step, situation);
    case 'wait':
      return waiting(step, situation);
    case 'start-over':
      return startingOver(step, situation);
    case 'failed':
      return failing(step.because, situation);
    case 'needs-attention':
      return askingPerson(step.because, step.mayBePosted, situation);
    case 'published':
      return publishing(step, situation);
  }
}

/** What a decided error means. Pure. */
export function verdictOfDecision(decision: RetryDecision, situation: VerdictSituation): Verdict {
  switch (decision.next) {
    case 'failed':
      return failing(decision.because, situation);
    case 'needs-attention':
      return askingPerson(decision.because, decision.mayBePosted, situation);
    case 'again': {
      const because = explain(situation.t, decision.because);
      const { at, failures, unexplained, hold } = decision;
      const isToldAlready = hold !== null && hold === situation.hold;
      return {
        job: { kind: 'wait', at, failures, ...(unexplained === undefined ? {} : { unexplained }) },
        delivery: { hold, outcome: outcomeOf(because, situation) },
        attempt: {},
        events: isToldAlready ? [] : [eventOf(hold === null ? 'again' : 'held', because, { again: at })],
      };
    }
  }
}

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

function jobAt(at: number, situation: VerdictSituation): Verdict['job'] {
  return at <= situation.now ? { kind: 'go-on' } : { kind: 'wait', at, failures: 0 };
}

function goingOn(step: StepOf<'continue'>, situation: VerdictSituation): Verdict {
  const commits = step.pointOfNoReturn === true && situation.pointOfNoReturnAt === null;
  const percent = step.percent ?? (step.stage === 'processing' ? null : undefined);
  return {
    job: jobAt(step.at, situation),
    delivery: { state: step.stage, hold: null, outcome: null, ...(percent === undefined ? {} : { percent }) },
    attempt: {
      progress: step.progress,
      ...(step.reference === undefined ? {} : { reference: step.reference }),
      ...(commits ? { pointOfNoReturnAt: situation.now } : {}),
    },
    events: commits
      ? [{ kind: 'point-of-no-return', sentence: situation.t('deliveries:timeline.pointOfNoReturn') }]
      : [],
  };
}

const shortestWaitMs = 1_000;

function waiting(step: StepOf<'wait'>, situation: VerdictSituation): Verdict {
  // Past the end of its budget there is nothing to wait for: the next claim says so.
  const at = Math.min(
    Math.max(step.at, situation.now + shortestWaitMs),
    Math.max(situation.budgetEndsAt, situation.now) + 1,
  );
  const hold = step.hold ?? null;
  const isNew = hold !== situation.hold || hold === null;
  return {
    job: { kind: 'wait', at, failures: 0 },
    delivery: { hold, outcome: step.because === undefined ? null : outcomeOf(step.because, situation) },
    attempt: {},
    events: step.because === undefined || !isNew ? [] : [eventOf('held', step.because, { again: at })],
  };
}

function startingOver(step: StepOf<'start-over'>, situation: VerdictSituation): Verdict {
  const state = situation.state === 'processing' ? 'publishing' : situation.state;
  const { because } = step;
  // The attempt that is given up was certainly not posted.
  const outcome = because === undefined ? null : { ...outcomeOf(because, situation), mayBePosted: false };
  return {
    job: jobAt(step.at, situation),
    delivery: { state, hold: step.hold ?? null, percent: null, outcome },
    attempt: { end: { outcome: 'superseded', reason: step.reason } },
    events: [
      { kind: 'started-over', sentence: situation.t('deliveries:timeline.startedOver'), code: step.reason },
      ...(because === undefined ? [] : [eventOf('held', because, { again: step.at })]),
    ],
  };
}

function failing(reason: Explanation | CoreReason, situation: VerdictSituation): Verdict {
  const because = explain(situation.t, reason);
  return {
    job: { kind: 'finish' },
    delivery: {
      state: 'failed',
      hold: null,
      percent: null,
      outcome: { ...outcomeOf(because, situation), mayBePosted: false },
    },
    attempt: { end: { outcome: 'failed', reason: because.code } },
    events: [eventOf('failed', because)],
  };
}

function askingPerson(reason: Explanation | CoreReason, mayBePosted: boolean, situation: VerdictSituation): Verdict {
  const because = explain(situation.t, reason);
  return {
    job: { kind: 'finish' },
    delivery: {
      state: 'needs-attention',
      hold: null,
      percent: null,
      outcome: { ...outcomeOf(because, situation), mayBePosted },
    },
    // Past the point of no return the attempt stays open: only a person may say that it is dead.
    attempt: situation.pointOfNoReturnAt === null ? { end: { outcome: 'superseded', reason: because.code } } : {},
    events: [eventOf('needs-attention', because)],
  };
}

function publishing(step: StepOf<'published'>, situation: VerdictSituation): Verdict {
  const { now, t } = situation;
  const linkPending = step.linkPending === true;
  return {
    job: linkPending
      ? { kind: 'wait', at: now + situation.firstLinkLookMs, failures: 0, looks: 0 }
      : { kind: 'finish' },
    delivery: {
      state: 'published',
      hold: null,
      percent: null,
      outcome: step.noLinkBecause === undefined ? null : noLink(step.noLinkBecause, now),
      published: { remoteIds: step.remoteIds, url: step.url ?? null, at: now },
      linkPending,
    },
    attempt: { end: { outcome: 'published', reason: null } },
    events: [{ kind: 'published', sentence: t('deliveries:timeline.published') }],
  };
}

function noLink(sentence: string, at: number): Outcome {
  return { sentence, who: 'network', nextStep: '', code: 'no_public_link', mayBePosted: true, at };
}

function outcomeOf(because: Explanation, situation: VerdictSituation): Outcome {
  return { ...because, mayBePosted: situation.pointOfNoReturnAt !== null, at: situation.now };
}

function eventOf(kind: string, because: Explanation, more: { readonly again?: number } = {}): DeliveryEvent {
  const { sentence, code, logId } = because;
  return { kind, sentence, code, ...(logId === undefined ? {} : { logId }), ...more };
}
