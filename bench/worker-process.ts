// A process with the product's worker, for measurements that need several. Its network publishes at once and keeps its
// own ledger: a line in a file for each call, which also stands when the process is killed.
import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import { connectDatabase } from '../core/db/connect.ts';
import type { Worker } from '../core/queue/worker.ts';
import { standardTimings } from '../core/timings.ts';
import { createRunningClock } from '../test/support/clock.ts';
import { createEngineWorld, makeWorker } from '../test/support/engine-world.ts';

const order = z
  .object({
    target: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('sqlite'), file: z.string() }),
      z.object({
        kind: z.literal('mysql'),
        ...{ host: z.string(), port: z.number(), user: z.string(), password: z.string(), database: z.string() },
      }),
    ]),
    ledger: z.string(),
    timings: z.object({ leaseMs: z.number(), heartbeatMs: z.number(), rescueMs: z.number() }),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const db = await connectDatabase(order.target);
const clock = { ...createRunningClock(), set: () => undefined };
const world = await createEngineWorld(db, { ...standardTimings, ...order.timings }, clock);
world.network.advance = ({ id }, { n }) => {
  appendFileSync(order.ledger, `${id} ${n}\n`);
  return { kind: 'published', remoteIds: [`v-${id}`], url: `https://example.org/v/${id}` };
};

let worker: Worker | undefined;
const acts: Readonly<Record<string, () => Promise<void>>> = {
  start: async () => {
    worker = makeWorker(world);
    await worker.start();
  },
  stop: async () => worker?.stop(),
};
process.on('message', (said) => {
  void acts[String(said)]?.().then(() => process.send?.(said));
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
