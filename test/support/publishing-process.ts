import { z } from 'zod';
import { connectDatabase } from '../../core/db/connect.ts';
import type { TestClock } from './clock.ts';
import { createEngineWorld, makeWorker, quickTimings } from './engine-world.ts';

// A worker process of its own, for tests that need several. Its network writes each post that becomes real into the
// table `real_posts` of the same database: the test's ledger.

const target = z
  .object({
    kind: z.literal('mysql'),
    host: z.string(),
    port: z.number(),
    user: z.string(),
    password: z.string(),
    database: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const realClock: TestClock = {
  now: () => Date.now(),
  advance: () => undefined,
  set: () => undefined,
};

const db = await connectDatabase(target);
const world = await createEngineWorld(db, { ...quickTimings, idlePollMs: 100 }, realClock);

world.network.advance = async (delivery, attempt) => {
  const at = Date.now();
  if (attempt.reference === null) {
    return { kind: 'continue', stage: 'publishing', progress: 'begun', reference: `r-${delivery.id}-${attempt.n}`, at };
  }
  if (attempt.pointOfNoReturnAt === null) {
    return { kind: 'continue', stage: 'publishing', progress: 'sent', pointOfNoReturn: true, at };
  }
  await db.knex('real_posts').insert({ delivery_id: delivery.id, pid: process.pid });
  return { kind: 'published', remoteIds: [`v-${delivery.id}`], url: `https://example.org/v/${delivery.id}` };
};

const worker = makeWorker(world);
process.on('message', () => {
  void worker
    .stop()
    .then(() => db.close())
    .then(() => process.exit(0));
});
await worker.start();
process.send?.('ready');
