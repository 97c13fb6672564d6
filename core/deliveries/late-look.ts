import type { PublishingDelivery, Step } from '#plugin-api';
import type { ClaimedJob, JobOutcome } from '../queue/job-queue.ts';
import type { PublishPayload } from './publish-payload.ts';
import { attemptView, type PublishDeps, publishingTools, type PublishRoom } from './publishing-context.ts';
import type { PublishingWork } from './publishing-store.ts';
import { verdictOfStep } from './verdict.ts';

/**
 * Asks once what became of a delivery that waits for a person's decision, because the network has called about it. Only
 * an outcome changes anything; whatever else is learnt, it goes on waiting for the person.
 */
export async function lookLate(
  deps: PublishRoom,
  job: ClaimedJob,
  { work, since }: { readonly work: PublishingWork; readonly since: PublishPayload },
): Promise<JobOutcome> {
  const step = await ask(deps, job, { work, since });
  if (job.signal.aborted) return { kind: 'again', at: deps.clock.now() };
  if (step?.kind !== 'published' && step?.kind !== 'failed') return { kind: 'done' };
  const now = deps.clock.now();
  const verdict = verdictOfStep(step, {
    now,
    state: work.state,
    hold: work.hold,
    pointOfNoReturnAt: work.attempt?.pointOfNoReturnAt ?? null,
    budgetEndsAt: now,
    firstLinkLookMs: deps.timings.linkLooks[0] ?? deps.timings.linkLookMs,
    t: deps.t,
  });
  await deps.together.store({ job, work, attemptN: work.attempt?.n ?? null, verdict });
  return { kind: 'stored' };
}

async function ask(
  deps: PublishDeps,
  job: ClaimedJob,
  { work, since }: { readonly work: PublishingWork; readonly since: PublishPayload },
): Promise<Step | undefined> {
  const publisher = deps.registry.find(work.plugin)?.parts.publisher;
  if (publisher === undefined || work.attempt === null) return undefined;
  const now = deps.clock.now();
  try {
    const delivery: PublishingDelivery = { ...work.view, dueAt: work.dueAt ?? now };
    const asked = { ...since, askedAgainAt: now };
    const attempt = await attemptView(deps, { deliveryId: work.id, attempt: work.attempt, since: asked });
    const tools = await publishingTools(deps, job, { work, attempt: work.attempt });
    return await publisher.advance(delivery, attempt, tools);
  } catch (error) {
    deps.log.warn({ err: error, delivery: work.id }, 'looking once more at a delivery that waits for a person failed');
    return undefined;
  }
}
