import { z } from 'zod';
import { connectDatabase } from '../../../core/db/connect.ts';
import { nextNumber } from '../../support/factories.ts';
import { openBatchesWorld } from './batches-world.ts';
import { press, pressOrder } from './press.ts';

// A web process of the same installation that is told to schedule a table, and dies before one of its statements.

const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sqlite'), file: z.string() }),
  z.object({
    ...{ kind: z.literal('mysql'), host: z.string(), port: z.number() },
    ...{ user: z.string(), password: z.string(), database: z.string() },
  }),
]);

const order = pressOrder.extend({ dieAt: z.number() });

const db = await connectDatabase(target.parse(JSON.parse(process.argv[2] ?? '')));
// The people that this process makes for itself are others than those of its parent.
for (let n = 0; n < process.pid; n += 1) nextNumber();
const world = await openBatchesWorld({ db });

process.once('message', (message) => {
  const { dieAt, ...what } = order.parse(message);
  let asked = 0;
  db.knex.on('query', () => {
    asked += 1;
    if (asked === dieAt) process.kill(process.pid, 'SIGKILL');
  });
  void press(world, what).finally(() => process.disconnect());
});
process.send?.('ready');
