import type { Clock, PluginDeliveries } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { findDeliveryByReference } from './attempt-store.ts';
import { publishJobKind } from './publishing-context.ts';
import { selectPublishedPosts, wakeForLateLook } from './wake-store.ts';

/** A plugin's door to the deliveries that went through it. */
export function createPluginDeliveries(
  plugin: string,
  deps: { readonly db: Database; readonly queue: JobQueue; readonly clock: Clock },
): PluginDeliveries {
  const { db, queue, clock } = deps;
  return {
    async wake(reference) {
      const id = await findDeliveryByReference(db.knex, plugin, reference);
      if (id === undefined) return;
      await wakeForLateLook(db.knex, id, clock.now());
      await queue.wake(publishJobKind, String(id));
    },
    findByRemoteIds: (channelId, remoteIds) => selectPublishedPosts(db.knex, channelId, remoteIds),
  };
}
