import { once } from 'node:events';
import { connectDatabase } from '../../../core/db/connect.ts';
import { createRunningClock } from '../../support/clock.ts';
import { createEngineWorld } from '../../support/engine-world.ts';
import { processOrder } from './order.ts';
import { hostTimings } from './quick.ts';
import { runWeb } from './web.ts';
import { runWorker } from './worker.ts';

// A process of the product, to be killed and stopped at any moment: it loads, waits until it is needed, and then is what
// its order says.

process.on('disconnect', () => process.exit(1));
const told: unknown[] = await once(process, 'message');
const order = processOrder.parse(told[0]);
const db = await connectDatabase(order.target);
const world = await createEngineWorld(db, hostTimings, { ...createRunningClock(), set: () => undefined });
await (order.role === 'web' ? runWeb(world, order) : runWorker(world, order));
process.send?.('ready');
