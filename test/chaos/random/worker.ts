import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import type { Attempt, PluginHttp, PublishingDelivery } from '#plugin-api';
import { createPluginHttp } from '../../../core/plugin-host/http.ts';
import { TikTokClient } from '../../../plugins/tiktok/api/client.ts';
import { TikTokPublisher } from '../../../plugins/tiktok/publisher.ts';
import { type EngineWorld, makeWorker } from '../../support/engine-world.ts';
import { liveApp } from '../../plugins/tiktok/login.ts';
import {
  account,
  asPhoto,
  credentialSet,
  errors,
  pluginHost,
  unfetchedLinks,
  video,
} from '../../plugins/tiktok/support.ts';
import { lotOf, type ProcessOrder } from './order.ts';
import { networkTimings, requestTimeoutMs } from './quick.ts';

/** The product's queue, engine and TikTok publisher. */
export async function runWorker(world: EngineWorld, order: ProcessOrder): Promise<void> {
  const app = liveApp();
  const set = credentialSet({ ...app, isAddressVerified: true });
  const host = pluginHost({ url: order.url, clock: world.clock, set, mediaLinks: unfetchedLinks });
  const client = new TikTokClient(impatient(createPluginHttp({ mayCallLoopback: true })), order.url);
  const publisher = new TikTokPublisher({ host, client, errors, timings: networkTimings });
  const file = video(order.file);
  world.network.advance = (delivery, attempt, { signal }) => {
    if (lotOf(delivery.caption) === 'poison') process.kill(process.pid, 'SIGKILL');
    const media = [lotOf(delivery.caption) === 'photos' ? asPhoto(file) : file];
    const channel = { ...delivery.channel, appKey: app.appKey };
    return publisher.advance({ ...delivery, channel, media }, attempt, {
      account: accessOf(order, delivery, attempt),
      signal,
    });
  };
  await makeWorker(world).start();
}

function accessOf({ tokens }: ProcessOrder, { caption }: PublishingDelivery, attempt: Attempt) {
  const lot = lotOf(caption);
  if (lot === 'forgotten') return account(tokens.forgotten);
  return account(lot === 'switched' && attempt.pointOfNoReturnAt !== null ? tokens.other : tokens.usual);
}

/** Time-outs are the client's own; here they are as short as everything else. */
function impatient(plain: PluginHttp): PluginHttp {
  const hurried = (made: AxiosInstance): AxiosInstance => {
    const request = (config: AxiosRequestConfig): Promise<unknown> =>
      made.request({ ...config, timeout: requestTimeoutMs });
    return new Proxy(made, { get: (to, name): unknown => (name === 'request' ? request : Reflect.get(to, name)) });
  };
  return {
    heldUntil: (url) => plain.heldUntil(url),
    create: (defaults) => hurried(plain.create(defaults)),
    createReading: (defaults) => hurried(plain.createReading(defaults)),
  };
}
