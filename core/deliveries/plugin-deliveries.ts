import type { PluginDeliveries } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { findDeliveryByReference } from './attempt-store.ts';
import { publishJobKind } from './publishing-context.ts';
import { selectPublishedPosts } from './wake-store.ts';

/** A plugin's door to the deliveries that went through it. */
export function createPluginDeliveries(
  plugin: string,
  deps: { readonly db: Database; readonly queue: JobQueue },
): PluginDeliveries {
  const { db, queue } = deps;
  return {
    async wake(reference) {
      const id = await findDeliveryByReference(db.knex, plugin, reference);
      if (id !== undefined) await queue.wake(publishJobKind, String(id));
    },
    findByRemoteIds: (channelId, remoteIds) => selectPublishedPosts(db.knex, channelId, remoteIds),
  };
}
