import type { PublishingDelivery, Step } from '#plugin-api';
import type { ActivePlugin } from '../plugin-host/plugin-registry.ts';
import { systemRandom } from '../queue/backoff.ts';
import type { ClaimedJob, JobHandler, JobOutcome } from '../queue/job-queue.ts';
import { replaceAttempt } from './attempt-store.ts';
import { budgetEndsAt, decideRetry, type RetryDecision } from './decide-retry.ts';
import { passGate } from './gate.ts';
import { lookLate } from './late-look.ts';
import { lookForLink } from './link-look.ts';
import {
  attemptView,
  type PublishDeps,
  publishingTools,
  publishJobKind,
  type PublishRoom,
} from './publishing-context.ts';
import { type PublishPayload, readPayload } from './publish-payload.ts';
import type { PublishingWork, StoredAttempt } from './publishing-store.ts';
import { createTogether } from './together.ts';
import { endUnreadable, staysUnreadable } from './unreadable.ts';
import { verdictOfDecision, verdictOfStep, type Verdict, type VerdictSituation } from './verdict.ts';

/**
 * Publishes a delivery step by step. Each step is stored under the fence before the next begins; a step whose time is
 * not in the future goes on under the same claim.
 */
export function createPublishHandler(deps: PublishDeps): JobHandler {
  const room = { ...deps, together: createTogether(deps) };
  return { kind: publishJobKind, budgetMs: deps.timings.stepBudgetMs, run: (job) => publishDelivery(room, job) };
}

async function publishDelivery(deps: PublishRoom, claimed: ClaimedJob): Promise<JobOutcome> {
  let job = claimed;
  for (;;) {
    const read = await readStored(deps, job);
    if (read === undefined) return { kind: 'done' };
    if (read === 'unreadable') return endUnreadable(deps, job);
    const outcome = await takeStep(deps, job, read);
    if (typeof outcome !== 'string') return outcome;
    job.pieceDone();
    // What the point of no return was passed for is done at once: another process could not know whether it was.
    const stops = outcome !== 'committed' && job.isStopping();
    if (job.signal.aborted || stops) return { kind: 'again', at: deps.clock.now() };
    // It got on: the errors before are not in a row with the next one.
    job = { ...job, failures: 0 };
  }
}

interface Stored {
  readonly work: PublishingWork;
  /** What people did about it since it was scheduled. */
  readonly since: PublishPayload;
}

/** @returns undefined when the delivery is gone. @throws what is tried again, a row that cannot be read up to ten times */
async function readStored(deps: PublishRoom, job: ClaimedJob): Promise<Stored | 'unreadable' | undefined> {
  try {
    const work = await deps.together.load(Number(job.key));
    return work === undefined ? undefined : { work, since: readPayload(job.payload) };
  } catch (error) {
    if (!staysUnreadable(error, job)) throw error;
    deps.log.error({ err: error, delivery: job.key }, 'what is stored about a delivery cannot be read: it is stopped');
    return 'unreadable';
  }
}

/** Where a step that is stored leads under the same claim. */
type GoOn = 'go-on' | 'committed';

async function takeStep(deps: PublishRoom, job: ClaimedJob, stored: Stored): Promise<JobOutcome | GoOn> {
  const { work, since } = stored;
  const now = deps.clock.now();
  const passage = passGate({ work, job, since, now, timings: deps.timings });
  switch (passage.pass) {
    case 'done':
      return { kind: 'done' };
    case 'later':
      return { kind: 'again', at: passage.at };
    case 'look-for-link':
      return lookForLink(deps, job, { work, since });
    case 'late-look':
      return lookLate(deps, job, { work, since });
    case 'failed':
      return decide(deps, job, { work, dueAt: now, since, decision: { next: 'failed', because: passage.because } });
    case 'needs-attention': {
      const { because, mayBePosted } = passage;
      return decide(deps, job, {
        work,
        dueAt: now,
        since,
        decision: { next: 'needs-attention', because, mayBePosted },
      });
    }
    case 'publish':
      return publish(deps, job, { work, dueAt: passage.dueAt, since });
  }
}

interface DueWork extends Stored {
  /** From when the grace counts. */
  readonly dueAt: number;
}

async function publish(deps: PublishRoom, job: ClaimedJob, due: DueWork): Promise<JobOutcome | GoOn> {
  const active = deps.registry.find(due.work.plugin);
  if (active === undefined || !(await mayPublish(deps, active, due.work))) {
    return { kind: 'again', at: deps.clock.now() + deps.timings.absentPluginMs };
  }
  const attempt = await openAttempt(deps, job, due.work);
  if (attempt === undefined) return { kind: 'stored' };
  const step = await advance(deps, job, { ...due, attempt, active });
  const commits = step !== 'aborted' && 'kind' in step && isBeforeWhatCannotBeUndone(step);
  // While the process stops, the point of no return is left to the next one, which does this piece anew.
  if (step === 'aborted' || (commits && job.isStopping())) return { kind: 'again', at: deps.clock.now() };
  const situation = situationOf(deps, due);
  const verdict = 'kind' in step ? verdictOfStep(step, situation) : verdictOfDecision(step, situation);
  const kept = await keep(deps, job, { work: due.work, attemptN: attempt.n, verdict });
  return kept === 'go-on' && commits ? 'committed' : kept;
}

/** A point of no return that was passed by what has been done already is no such step: it is stored, come what may. */
function isBeforeWhatCannotBeUndone(step: Step): boolean {
  return step.kind === 'continue' && step.stage === 'publishing' && step.pointOfNoReturn === true;
}

/** Switched off by an admin: nothing new is published, what is past the point of no return is still looked after. */
async function mayPublish({ together }: PublishRoom, active: ActivePlugin, work: PublishingWork): Promise<boolean> {
  const isCommitted = (work.attempt?.pointOfNoReturnAt ?? null) !== null;
  return isCommitted || (await together.isEnabled(active));
}

async function decide(
  deps: PublishRoom,
  job: ClaimedJob,
  { decision, ...due }: DueWork & { readonly decision: RetryDecision },
): Promise<JobOutcome | GoOn> {
  const verdict = verdictOfDecision(decision, situationOf(deps, due));
  return keep(deps, job, { work: due.work, attemptN: due.work.attempt?.n ?? null, verdict });
}

async function keep(
  deps: PublishRoom,
  job: ClaimedJob,
  entry: { readonly work: PublishingWork; readonly attemptN: number | null; readonly verdict: Verdict },
): Promise<JobOutcome | 'go-on'> {
  if (entry.verdict.job.kind !== 'go-on') job.freeSlot();
  const isStored = await deps.together.store({ job, ...entry });
  return isStored && entry.verdict.job.kind === 'go-on' ? 'go-on' : { kind: 'stored' };
}

/**
 * The attempt that goes on, or a new one. Before the point of no return an attempt made for an earlier revision or with
 * another access is given up: what is published is exactly one revision.
 * @returns undefined when the claim is lost
 */
async function openAttempt(
  deps: PublishRoom,
  job: ClaimedJob,
  work: PublishingWork,
): Promise<StoredAttempt | undefined> {
  const { attempt } = work;
  const fits = attempt?.revision === work.revision && attempt.credentialId === work.credential.id;
  if (attempt !== null && (fits || attempt.pointOfNoReturnAt !== null)) return attempt;
  const n = work.lastAttemptN + 1;
  const begun = { n, credentialId: work.credential.id, revision: work.revision, startedAt: deps.clock.now() };
  const begin = { attempt: { ...begun, deliveryId: work.id, plugin: work.plugin }, claim: job };
  const isBegun = await (attempt === null ? deps.together.begin(begin) : replaceAttempt(deps.db, begin));
  if (!isBegun) return undefined;
  return { ...begun, reference: null, sealedProgress: null, pointOfNoReturnAt: null };
}

interface Advance extends DueWork {
  readonly attempt: StoredAttempt;
  readonly active: ActivePlugin;
}

/** One call of the plugin. Its errors become decisions; what an abort interrupted decides nothing. */
async function advance(deps: PublishDeps, job: ClaimedJob, work: Advance): Promise<Step | RetryDecision | 'aborted'> {
  const { since } = work;
  const view: PublishingDelivery = { ...work.work.view, dueAt: work.dueAt };
  try {
    const attempt = await attemptView(deps, { deliveryId: work.work.id, attempt: work.attempt, since });
    const tools = await publishingTools(deps, job, { work: work.work, attempt: work.attempt });
    return await work.active.parts.publisher.advance(view, attempt, tools);
  } catch (error) {
    if (job.signal.aborted) return 'aborted';
    deps.log.warn({ err: error, delivery: work.work.id, attempt: work.attempt.n }, 'a step of a delivery failed');
    return decideRetry(error, {
      now: deps.clock.now(),
      dueAt: work.dueAt,
      graceMs: work.work.graceMs,
      pointOfNoReturnAt: work.attempt.pointOfNoReturnAt,
      askedAgainAt: since.askedAgainAt,
      isAccessReplaced: work.attempt.credentialId !== work.work.credential.id,
      failures: job.failures,
      unexplained: since.unexplained,
      timings: deps.timings,
      random: deps.random ?? systemRandom,
    });
  }
}

function situationOf(deps: PublishDeps, { work, dueAt, since }: DueWork): VerdictSituation {
  const pointOfNoReturnAt = work.attempt?.pointOfNoReturnAt ?? null;
  const { askedAgainAt } = since;
  const { graceMs } = work;
  return {
    now: deps.clock.now(),
    state: work.state,
    hold: work.hold,
    pointOfNoReturnAt,
    budgetEndsAt: budgetEndsAt({ dueAt, graceMs, pointOfNoReturnAt, askedAgainAt, timings: deps.timings }),
    firstLinkLookMs: deps.timings.linkLooks[0] ?? deps.timings.linkLookMs,
    t: deps.t,
  };
}
