import type { Clock, LinklessPosts, Translate } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { insertEvents } from '../events/event-store.ts';
import { closeJob } from '../queue/job-store.ts';
import {
  findLinkless,
  holdAccount,
  isLinkTaken,
  selectChannelOf,
  selectChannelsOfAccount,
  selectLinkedIds,
  selectLinkless,
  selectUnlinkedRivals,
  storeLateLink,
} from './late-link-store.ts';
import { publishJobKind } from './publishing-context.ts';

export interface LateLinkDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly t: Translate;
}

/** Nobody waits for a link longer than this. */
const linklessForMs = 30 * 24 * 3_600_000;

export async function findLinklessPosts({ db, clock }: LateLinkDeps, channelId: number): Promise<LinklessPosts> {
  const since = clock.now() - linklessForMs;
  const channelIds = await selectChannelsOfAccount(db.knex, channelId);
  const posts = await selectLinkless(db.knex, channelIds, since);
  if (posts.length === 0) return { posts, linkedIds: new Set() };
  return { posts, linkedIds: await selectLinkedIds(db.knex, channelIds, since) };
}

/** What a public post that looks like this delivery may be instead. */
export async function findRivals({ db, clock }: LateLinkDeps, deliveryId: number): Promise<LinklessPosts> {
  const since = clock.now() - linklessForMs;
  const channelId = await selectChannelOf(db.knex, deliveryId);
  const channelIds = channelId === undefined ? [] : await selectChannelsOfAccount(db.knex, channelId);
  return {
    posts: await selectUnlinkedRivals(db.knex, channelIds, { since, deliveryId }),
    linkedIds: await selectLinkedIds(db.knex, channelIds, since),
  };
}

interface LateLink {
  readonly plugin: string;
  readonly deliveryId: number;
  readonly remoteId: string;
  readonly url: string;
}

/**
 * Keeps a link that was found elsewhere than by asking for it; whoever is just asking has lost. Published it stays
 * whatever happens here, so a link that came in between, or that another post of the account has, is no error.
 */
export async function keepLateLink({ db, clock, t }: LateLinkDeps, link: LateLink): Promise<void> {
  const { deliveryId, plugin, remoteId, url } = link;
  const seen = await findLinkless(db.knex, plugin, deliveryId);
  if (seen === undefined || (await isLinkTaken(db.knex, seen.channelId, { remoteId, url }))) return;
  await db.transaction(async (sql) => {
    const now = clock.now();
    // Locks the job's row before the delivery's, as every worker does. What is published stays so: nothing else is lost.
    await closeJob(sql, { kind: publishJobKind, key: String(deliveryId) }, now);
    const delivery = await findLinkless(sql, plugin, deliveryId);
    if (delivery === undefined) return;
    await holdAccount(sql, delivery.channelId);
    if (await isLinkTaken(sql, delivery.channelId, { remoteId, url })) return;
    await storeLateLink(sql, deliveryId, { remoteId, url, now });
    const event = { teamId: delivery.teamId, actorId: null, subject: 'delivery', subjectId: deliveryId } as const;
    const facts = { sentence: t('deliveries:timeline.linkFound') };
    await insertEvents(sql, [{ ...event, kind: 'delivery.link', facts }], now);
  });
}
