import type { FoundLink } from '#plugin-api';
import type { ClaimedJob, JobOutcome } from '../queue/job-queue.ts';
import { attemptView, type PublishDeps, publishingTools, type PublishRoom } from './publishing-context.ts';
import type { PublishPayload } from './publish-payload.ts';
import type { PublishingWork } from './publishing-store.ts';
import type { Verdict } from './verdict.ts';

/**
 * Asks once for the public link of a published delivery. Its outcome is final whatever happens here: an error is the
 * same as no link yet, and after a day the question is dropped.
 */
export async function lookForLink(
  deps: PublishRoom,
  job: ClaimedJob,
  { work, since }: { readonly work: PublishingWork; readonly since: PublishPayload },
): Promise<JobOutcome> {
  const { looks, isLateLook } = since;
  const found = await ask(deps, job, { work, since });
  if (job.signal.aborted) return { kind: 'again', at: deps.clock.now() };
  await deps.together.store({
    job,
    work,
    attemptN: null,
    verdict: verdictOf(deps, { work, looks, isLateLook, found }),
  });
  return { kind: 'stored' };
}

async function ask(
  deps: PublishDeps,
  job: ClaimedJob,
  { work, since }: { readonly work: PublishingWork; readonly since: PublishPayload },
): Promise<FoundLink> {
  const publisher = deps.registry.find(work.plugin)?.parts.publisher;
  if (publisher?.findLink === undefined || work.attempt === null) return { found: false };
  try {
    const attempt = await attemptView(deps, { deliveryId: work.id, attempt: work.attempt, since });
    const tools = await publishingTools(deps, job, { work, attempt: work.attempt });
    return await publisher.findLink({ ...work.view, dueAt: work.dueAt ?? 0 }, attempt, tools);
  } catch (error) {
    deps.log.warn({ err: error, delivery: work.id }, 'looking for the link of a published delivery failed');
    return { found: false };
  }
}

interface Look {
  readonly work: PublishingWork;
  readonly looks: number;
  /** It was given up before, and the network has called. */
  readonly isLateLook: boolean;
  readonly found: FoundLink;
}

function verdictOf(deps: PublishDeps, { work, looks, isLateLook, found }: Look): Verdict {
  const { timings, t } = deps;
  const now = deps.clock.now();
  if (found.found) {
    const published = { remoteIds: found.remoteIds, url: found.url };
    const sentence = t('deliveries:timeline.linkFound');
    return {
      job: { kind: 'finish' },
      delivery: { published, linkPending: false, outcome: null },
      attempt: {},
      events: [{ kind: 'link', sentence }],
    };
  }
  const wait = timings.linkLooks[Math.min(looks + 1, timings.linkLooks.length - 1)] ?? timings.linkLookMs;
  if (!isLateLook && now + wait <= (work.publishedAt ?? now) + timings.linkLookMs) {
    return {
      job: { kind: 'wait', at: now + wait, failures: 0, looks: looks + 1 },
      delivery: {},
      attempt: {},
      events: [],
    };
  }
  const sentence = t('deliveries:timeline.linkMissing');
  return {
    job: { kind: 'finish' },
    delivery: { linkPending: false },
    attempt: {},
    events: isLateLook ? [] : [{ kind: 'link', sentence }],
  };
}
