import { createConfirmHandler } from '../credentials/confirm-access.ts';
import { createPublishHandler } from '../deliveries/publish-delivery.ts';
import { housekeeping } from '../queue/housekeeping.ts';
import type { JobHandler } from '../queue/job-queue.ts';
import { channelFolder } from '../plugin-host/host.ts';
import { pluginJobHandlers, seedPluginJobs } from '../queue/plugin-jobs.ts';
import { recurringHandler, type RecurringWork, watchRecurring } from '../queue/recurring.ts';
import { createWorker } from '../queue/worker.ts';
import { teamRemovalHandler } from '../teams/team-removal.ts';
import type { Foundation } from './foundation.ts';
import type { Services } from './services.ts';
import { letters, telling } from './telling.ts';

/** A worker that knows every kind of job of the host and of the plugins, started, and the looks at what recurs. */
export async function startPanelWorker(
  base: Foundation,
  services: Services,
  slots?: number,
): Promise<{ stop(): Promise<void> }> {
  const { db, clock, timings, log } = base;
  const { queue, registry, credentials, mediaFolder } = services;
  const jobDeps = { db, clock, timings, log, queue, registry };
  const recurring = [
    ...housekeeping({ db, clock, timings, credentials }),
    sweepingFiles(base, services),
    seedPluginJobs(jobDeps),
    ...telling(base, services),
  ];
  const handlers: readonly JobHandler[] = [
    createPublishHandler({ ...base, registry, credentials, mediaFolder }),
    createConfirmHandler({ db, clock, registry, credentials, log }),
    ...recurring.map((work) => recurringHandler(work, { clock })),
    ...letters(base, services),
    removingTeams(base, services),
    ...pluginJobHandlers(jobDeps),
  ];
  const worker = createWorker({
    ...jobDeps,
    handlers,
    measureClock: () => clock.measure(),
    facts: () => ({ breakers: base.calls.breakers.states().map((state) => ({ ...state })) }),
    ...(slots === undefined ? {} : { slots }),
  });
  await worker.start();
  const watching = watchRecurring(recurring, jobDeps);
  return {
    stop: async () => {
      await Promise.all([watching.stop(), worker.stop()]);
    },
  };
}

function removingTeams(base: Foundation, services: Services): JobHandler {
  return teamRemovalHandler({
    ...{ ...base, ...services, store: services.teamRemovals },
    avatarFile: (name) => services.avatars.file(name),
    channelFolder: (channel) => channelFolder(base.config.dataDir, channel),
  });
}

function sweepingFiles({ timings }: Foundation, { media, uploads }: Services): RecurringWork {
  return {
    kind: 'sweep-files',
    everyMs: timings.purgeEveryMs,
    isDue: async () => (await media.hasLeftovers()) || (await uploads.hasLeftovers()),
    async run() {
      await media.sweep();
      await uploads.sweep();
      return false;
    },
  };
}
