import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { connectDatabase } from '../../core/db/connect.ts';
import { readPlace } from '../../core/queue/place.ts';
import { startWatchdog } from '../../core/queue/watchdog.ts';
import { createWorker } from '../../core/queue/worker.ts';
import { createRunningClock } from './clock.ts';
import { createEngineWorld, quickTimings } from './engine-world.ts';

// A worker process whose network does to it what a post's options say. It notes each step and what became real in a
// file, because nothing in its memory survives.

const { file, ledger, leaseMs, rescueMs, slots, budgetMs, watchdogMs, machine } = z
  .object({
    file: z.string(),
    ledger: z.string(),
    leaseMs: z.number(),
    rescueMs: z.number(),
    slots: z.number(),
    budgetMs: z.number(),
    watchdogMs: z.number(),
    /** Its name, where it is not the one of the test. */
    machine: z.string().optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const clock = { ...createRunningClock(), set: () => undefined };
const db = await connectDatabase({ kind: 'sqlite', file });
const times = { leaseMs, heartbeatMs: leaseMs / 4, idlePollMs: 40, rescueMs, backoffBaseMs: 20 };
const timings = { ...quickTimings, ...times, stepBudgetMs: budgetMs, budgetGraceMs: 50 };
const world = await createEngineWorld(db, timings, clock);

if (watchdogMs > 0) startWatchdog({ standstillMs: watchdogMs, standstillTickMs: watchdogMs / 16 });

const never = (): Promise<never> => new Promise(() => undefined);
const blocked = new Set<string>();

/** Stands still with everything that this process does, the first time. */
function standStill(fate: string, ms: number): Promise<void> {
  if (!blocked.has(fate)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  blocked.add(fate);
  return Promise.resolve();
}

const fates = new Map<unknown, () => Promise<unknown>>([
  ['uploads', () => pause(60_000)],
  ['never returns', never],
  [
    'dies',
    () => {
      process.kill(process.pid, 'SIGKILL');
      return never();
    },
  ],
  [
    'eats memory',
    () => {
      const eaten: number[][] = [];
      for (;;) eaten.push(Array.from({ length: 1_000_000 }, (_, n) => n / 3));
    },
  ],
  [
    'loops',
    () => {
      for (;;);
    },
  ],
  ['blocks', () => standStill('blocks', leaseMs * 2.5)],
  // Twenty seconds of a lease of sixty.
  ['blocks shortly', () => standStill('blocks shortly', leaseMs / 3)],
]);

world.network.advance = async (delivery, attempt) => {
  const note = (what: string): void => {
    appendFileSync(ledger, `${JSON.stringify({ id: delivery.id, what, pid: process.pid, at: clock.now() })}\n`);
  };
  note('begun');
  if (attempt.progress === null) await fates.get(delivery.options)?.();
  const at = clock.now();
  if (attempt.pointOfNoReturnAt === null) {
    return { kind: 'continue', stage: 'publishing', progress: 'sent', pointOfNoReturn: true, at };
  }
  // As a network knows what it has published, whoever asks.
  if (!readFileSync(ledger, 'utf8').includes(`{"id":${delivery.id},"what":"real"`)) note('real');
  return { kind: 'published', remoteIds: [`v-${delivery.id}`] };
};

const deps = { ...world, handlers: [world.publishing], slots, log: world.log.log, random: () => 0.5 };
// Those of one machine must know each other by when they really began, or they take each other for dead.
const began = readPlace()?.began ?? '';
await createWorker(machine === undefined ? deps : { ...deps, place: { name: machine, began } }).start();
process.send?.('ready');
