import { ensureFirstAdmin } from './auth/first-admin.ts';
import type { Config } from './config.ts';
import { measureRepeatedly } from './db/database-clock.ts';
import { type Foundation, layFoundation, type PanelOptions } from './panel/foundation.ts';
import { wakePlugins } from './panel/plugins.ts';
import { drain, listenAt } from './panel/server.ts';
import { makeServices, type Services } from './panel/services.ts';
import { makeWeb } from './panel/web.ts';
import { startPanelWorker } from './panel/worker.ts';
import { closePlugins } from './plugin-host/activate.ts';

export type { PanelOptions } from './panel/foundation.ts';

/** The whole installation in one process. It may serve the web, run a worker, or both. */
export interface Panel {
  readonly services: Services;
  readonly base: Foundation;
  /** Serves the web. @returns the address it listens at @throws StartError when the port cannot be used */
  listen(): Promise<{ readonly url: string }>;
  startWorker(): Promise<void>;
  /** No new work, web and worker end what runs at the same time, then plugins and database are closed. */
  close(): Promise<void>;
}

/**
 * Makes everything by hand, in order. Two panels in one process do not meet.
 * @throws StartError with what an operator must do
 */
export async function createPanel(config: Config, options: PanelOptions): Promise<Panel> {
  const undo = createUndo();
  try {
    const base = await layFoundation(config, options);
    undo.later(() => base.db.close());
    const counting = base.calls.counts.start(base.timings.countCallsMs);
    undo.later(() => counting.stop());
    const services = makeServices(base);
    await wakePlugins(base, services);
    undo.later(() => closePlugins(services.registry));
    undo.later(() => services.credentials.stop());
    if (config.firstAdmin !== undefined) await ensureFirstAdmin({ ...base, ...services }, config.firstAdmin);
    await services.media.prepare();
    services.uploads.prepare();
    return openPanel({ base, services, options, undo });
  } catch (error) {
    await undo.all();
    throw error;
  }
}

interface Opened {
  readonly base: Foundation;
  readonly services: Services;
  readonly options: PanelOptions;
  readonly undo: Undo;
}

function openPanel({ base, services, options, undo }: Opened): Panel {
  const duties: (() => Promise<unknown>)[] = [];
  // All at once: a request that takes its time must not let the worker go on claiming, nor use up its time to stop.
  undo.later(() => allEnded(duties.map((end) => end())));
  return {
    base,
    services,
    listen: async () => {
      const { host, port } = base.config;
      const server = await listenAt(makeWeb(base, services, options.readsAnew === true), { host, port });
      duties.push(() => drain(server));
      const measuring = measureRepeatedly(base.clock, { everyMs: base.timings.heartbeatMs, log: base.log });
      duties.push(() => measuring.stop());
      return { url: base.config.publicUrl };
    },
    startWorker: async () => {
      const worker = await startPanelWorker(base, services, options.slots);
      duties.push(() => worker.stop());
    },
    close: () => undo.all(),
  };
}

interface Undo {
  later(step: () => Promise<unknown>): void;
  /** Runs every step once, the last one first; an error of one does not keep the others from running. */
  all(): Promise<void>;
}

function createUndo(): Undo {
  const steps: (() => Promise<unknown>)[] = [];
  return {
    later: (step) => void steps.push(step),
    all: async () => {
      const failures: unknown[] = [];
      for (const step of steps.splice(0).reverse()) await step().catch((error: unknown) => failures.push(error));
      throwAll(failures);
    },
  };
}

async function allEnded(ends: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(ends);
  throwAll(results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : [])));
}

function throwAll(failures: readonly unknown[]): void {
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be closed.');
}
