import type { CheckVerdict, GoingLiveFacts, GoingLiveStep } from '#plugin-api';
import type { Said } from './going-live-store.ts';

export interface TickedCheck extends CheckVerdict {
  readonly id: string;
  readonly isHint: boolean;
}

/**
 * done: nothing is left. next: the one to do now. open: to be done later. failing: it was said to be done, and what the
 * host sees speaks against it. optional: may be left out.
 */
export type StepState = 'done' | 'next' | 'open' | 'failing' | 'optional';

export interface TickedStep {
  readonly step: GoingLiveStep;
  readonly state: StepState;
  readonly checks: readonly TickedCheck[];
  /** Who said it was done; undefined: nobody, or it needs no saying. */
  readonly said: Said | undefined;
}

/**
 * Which steps are done and which comes next: what the host sees by itself, and what an admin said where only a person can
 * see. The same facts and words give the same ticks.
 */
export function tickSteps(
  steps: readonly GoingLiveStep[],
  facts: GoingLiveFacts,
  marks: ReadonlyMap<string, Said>,
): readonly TickedStep[] {
  const ticked = steps
    .filter((step) => step.isNeeded?.(facts) ?? true)
    .map((step) => tick(step, facts, step.byHand === undefined ? undefined : marks.get(step.id)));
  const next = ticked.find(({ state }) => state === 'failing') ?? ticked.find(({ state }) => state === 'open');
  return ticked.map((one) => (one === next && one.state === 'open' ? { ...one, state: 'next' } : one));
}

function tick(step: GoingLiveStep, facts: GoingLiveFacts, said: Said | undefined): TickedStep {
  const checks = step.checks.map((check) => ({ id: check.id, isHint: check.isHint === true, ...check.look(facts) }));
  const isSeen = checks.every(({ isMet, isHint }) => isMet || isHint);
  const isSaid = step.byHand === undefined || said !== undefined;
  return { step, checks, said, state: stateOf(step, { isSeen, isSaid, wasSaid: said !== undefined }) };
}

function stateOf(
  step: GoingLiveStep,
  { isSeen, isSaid, wasSaid }: { isSeen: boolean; isSaid: boolean; wasSaid: boolean },
): StepState {
  if (isSeen && isSaid) return 'done';
  if (wasSaid) return 'failing';
  return step.isOptional === true ? 'optional' : 'open';
}

/** Where to begin reading: what was said and does not hold, else what comes next; undefined: all is done. */
export function nextOf(ticked: readonly TickedStep[]): TickedStep | undefined {
  return ticked.find(({ state }) => state === 'failing') ?? ticked.find(({ state }) => state === 'next');
}
