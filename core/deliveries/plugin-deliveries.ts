import type { Clock, PluginDeliveries } from '#plugin-api';
import type { Database } from '../db/database.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { findDeliveryByReference } from './attempt-store.ts';
import { wakeForLateLink } from './late-link-store.ts';
import { findLinklessPosts, findRivals, keepLateLink, type LateLinkDeps } from './late-links.ts';
import { publishJobKind } from './publishing-context.ts';
import { selectPublishedPosts, wakeForLateLook } from './wake-store.ts';

export interface WakeDeps {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/** A plugin's door to the deliveries that went through it. */
export function createPluginDeliveries(plugin: string, deps: WakeDeps & LateLinkDeps): PluginDeliveries {
  return {
    wake: (reference) => wakeByReference(deps, plugin, reference),
    findByRemoteIds: (channelId, remoteIds) => selectPublishedPosts(deps.db.knex, channelId, remoteIds),
    linkless: (channelId) => findLinklessPosts(deps, channelId),
    rivals: (deliveryId) => findRivals(deps, deliveryId),
    linkFound: (deliveryId, link) => keepLateLink(deps, { plugin, deliveryId, ...link }),
  };
}

/** Brings the next look forward, also of what has ended without an outcome or without its link. */
export async function wakeByReference(
  { db, queue, clock }: WakeDeps,
  plugin: string,
  reference: string,
): Promise<void> {
  const id = await findDeliveryByReference(db.knex, plugin, reference);
  if (id === undefined) return;
  const now = clock.now();
  await wakeForLateLook(db.knex, id, now);
  await db.transaction((sql) => wakeForLateLink(sql, id, now));
  await queue.wake(publishJobKind, String(id));
}
