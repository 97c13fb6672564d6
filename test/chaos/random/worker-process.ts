import type { AxiosRequestConfig } from 'axios';
import { z } from 'zod';
import type { PluginHttp } from '#plugin-api';
import { connectDatabase } from '../../../core/db/connect.ts';
import { createPluginHttp } from '../../../core/plugin-host/http.ts';
import { TikTokClient } from '../../../plugins/tiktok/api/client.ts';
import { TikTokPublisher } from '../../../plugins/tiktok/publisher.ts';
import type { TestClock } from '../../support/clock.ts';
import { createEngineWorld, makeWorker } from '../../support/engine-world.ts';
import { liveApp } from '../../plugins/tiktok/login.ts';
import { account, credentialSet, errors, pluginHost, video } from '../../plugins/tiktok/support.ts';
import { hostTimings, networkTimings, requestTimeoutMs } from './quick.ts';
import { processOrder } from './order.ts';

// A worker process of the product's queue, engine and TikTok publisher, to be killed and stopped at any moment.

const order = processOrder.parse(JSON.parse(process.argv[2] ?? ''));
const clock: TestClock = { now: () => Date.now(), advance: () => undefined, set: () => undefined };
const db = await connectDatabase(order.target);
const world = await createEngineWorld(db, hostTimings, clock);
const host = pluginHost({ url: order.url, clock, set: credentialSet(liveApp()) });
const client = new TikTokClient(impatient(createPluginHttp({ mayCallLoopback: true })), order.url);
const publisher = new TikTokPublisher({ host, client, errors, timings: networkTimings });

world.network.advance = (delivery, attempt, { signal }) =>
  publisher.advance({ ...delivery, media: [video(order.file)] }, attempt, { account: account(order.token), signal });

const worker = makeWorker(world);
process.on('message', (said) => {
  if (z.literal('stop').safeParse(said).success) void worker.stop().then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(1));
await worker.start();
process.send?.('ready');

/** Time-outs are the client's own; here they are as short as everything else. */
function impatient(plain: PluginHttp): PluginHttp {
  return {
    create: (defaults) => {
      const made = plain.create(defaults);
      const request = (config: AxiosRequestConfig): Promise<unknown> =>
        made.request({ ...config, timeout: requestTimeoutMs });
      return new Proxy(made, { get: (to, name): unknown => (name === 'request' ? request : Reflect.get(to, name)) });
    },
  };
}
