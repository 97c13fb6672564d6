import path from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import { codeRoot } from '../project-root.ts';
import type { Timings } from '../timings.ts';

const threadFile = path.join(codeRoot, 'core/queue/watchdog-thread.js');

export interface Watchdog {
  stop(): Promise<void>;
}

/**
 * Ends this process without warning when it has stood still for `standstillMs`, in an endless loop or a call that does
 * not return: nothing inside can stop it, and as long as it stands nobody else may have its jobs. They run again with
 * the next worker, and the one that does this three times waits for a person.
 */
export function startWatchdog({ standstillMs, standstillTickMs }: Watched): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const timer = setInterval(() => Atomics.add(beats, 0, 1), standstillTickMs).unref();
  const ticks = Math.ceil(standstillMs / standstillTickMs);
  const thread = new Thread(threadFile, { workerData: { beats, tickMs: standstillTickMs, ticks } });
  thread.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await thread.terminate();
    },
  };
}

type Watched = Pick<Timings, 'standstillMs' | 'standstillTickMs'>;
