import { z } from 'zod';
import type { LinklessPost } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { restartJob } from '../queue/job-store.ts';
import { publishedColumns } from './delivery-store.ts';
import type { PublishPayload } from './publish-payload.ts';
import { publishJobKind } from './publishing-context.ts';

const mostAtOnce = 100;

/** Channels of all teams that this account is connected to, also those that were disconnected. */
export async function selectChannelsOfAccount(sql: Sql, channelId: number): Promise<readonly number[]> {
  const rows: unknown = await sql('channels as same')
    .join('channels as this', (join) => {
      join.on('this.plugin', 'same.plugin').on('this.account_id', 'same.account_id');
    })
    .where('this.id', channelId)
    .select('same.id');
  return z
    .array(z.object({ id: rowId }))
    .parse(rows)
    .map(({ id }) => id);
}

// Channels are values and no subquery below: from a subquery MariaDB would not go on to the time in the index, and read
// every post of the channel that still waits.

/** Published through any of the channels, and still without a public link; newest first. */
export async function selectLinkless(
  sql: Sql,
  channelIds: readonly number[],
  publishedSince: number,
): Promise<readonly LinklessPost[]> {
  const rows: unknown = await sql('deliveries as d')
    .join('posts as p', 'p.id', 'd.post_id')
    .join('attempts as a', (join) => {
      join.on('a.delivery_id', 'd.id').onVal('a.outcome', 'published');
    })
    .leftJoin('post_media as pm', (join) => {
      join.on('pm.post_id', 'd.post_id').onVal('pm.position', 0);
    })
    .leftJoin('media as m', 'm.id', 'pm.media_id')
    .whereIn('d.channel_id', [...channelIds])
    .whereNull('d.remote_id')
    .whereNull('d.url')
    .where({ 'd.state': 'published' })
    .where('d.published_at', '>=', publishedSince)
    .whereNotNull('a.point_of_no_return_at')
    .orderBy('d.published_at', 'desc')
    .limit(mostAtOnce)
    .select('d.id', 'm.duration_ms', 'a.point_of_no_return_at', 'd.published_at')
    .select(sql.raw('coalesce(d.caption, p.caption) as caption'));
  return z.array(linklessRow).parse(rows);
}

const linklessRow = z
  .object({
    id: rowId,
    caption: z.string(),
    duration_ms: z.int().nullable(),
    point_of_no_return_at: rowTime,
    published_at: rowTime,
  })
  .transform((row): LinklessPost => ({
    deliveryId: row.id,
    caption: row.caption,
    durationMs: row.duration_ms,
    sentAt: row.point_of_no_return_at,
    publishedAt: row.published_at,
  }));

/** Sent to its end through any of the channels, whatever became of it, and without a link; newest first. */
export async function selectUnlinkedRivals(
  sql: Sql,
  channelIds: readonly number[],
  { since, deliveryId }: { readonly since: number; readonly deliveryId: number },
): Promise<readonly LinklessPost[]> {
  const rows: unknown = await sql('deliveries as d')
    .join('posts as p', 'p.id', 'd.post_id')
    .join('attempts as a', 'a.delivery_id', 'd.id')
    .leftJoin('post_media as pm', (join) => {
      join.on('pm.post_id', 'd.post_id').onVal('pm.position', 0);
    })
    .leftJoin('media as m', 'm.id', 'pm.media_id')
    .whereIn('d.channel_id', [...channelIds])
    .whereNot('d.id', deliveryId)
    .whereNull('d.remote_id')
    .whereNull('d.url')
    .whereIn('a.outcome', ['open', 'published'])
    .where('a.point_of_no_return_at', '>=', since)
    .orderBy('a.point_of_no_return_at', 'desc')
    .limit(mostAtOnce)
    .select('d.id', 'm.duration_ms', 'a.point_of_no_return_at')
    .select(sql.raw('coalesce(d.published_at, a.point_of_no_return_at) as published_at'))
    .select(sql.raw('coalesce(d.caption, p.caption) as caption'));
  return z.array(linklessRow).parse(rows);
}

export async function selectChannelOf(sql: Sql, deliveryId: number): Promise<number | undefined> {
  const rows: unknown = await sql('deliveries').where({ id: deliveryId }).select('channel_id');
  return z.array(z.object({ channel_id: rowId })).parse(rows)[0]?.channel_id;
}

/** The network's ids that posts of the channels have. */
export async function selectLinkedIds(
  sql: Sql,
  channelIds: readonly number[],
  publishedSince: number,
): Promise<ReadonlySet<string>> {
  const rows: unknown = await sql('deliveries as d')
    .whereIn('d.channel_id', [...channelIds])
    .whereNotNull('d.remote_id')
    .where('d.published_at', '>=', publishedSince)
    .select('d.remote_id');
  return new Set(
    z
      .array(z.object({ remote_id: z.string() }))
      .parse(rows)
      .map((row) => row.remote_id),
  );
}

const linklessDelivery = z.object({ team_id: rowId, channel_id: rowId });

/** @returns undefined where there is no such published delivery, or it has its link */
export async function findLinkless(
  sql: Sql,
  plugin: string,
  deliveryId: number,
): Promise<{ readonly teamId: number; readonly channelId: number } | undefined> {
  const rows: unknown = await sql('deliveries')
    .where({ id: deliveryId, plugin, state: 'published' })
    .whereNull('remote_id')
    .whereNull('url')
    .forUpdate()
    .select('team_id', 'channel_id');
  const [found] = z.array(linklessDelivery).parse(rows);
  return found === undefined ? undefined : { teamId: found.team_id, channelId: found.channel_id };
}

/** Whoever gives a post of the account its link comes one after the other, in whatever team, until the transaction ends. */
export async function holdAccount(sql: Sql, channelId: number): Promise<void> {
  const ids = await selectChannelsOfAccount(sql, channelId);
  await sql('channels')
    .whereIn('id', [...ids])
    .orderBy('id')
    .forUpdate()
    .select('id');
}

/**
 * Whether a post of the account has this link, in whatever team.
 * @param link by the network's id, or where nobody can read that by the address
 */
export async function isLinkTaken(
  sql: Sql,
  channelId: number,
  { remoteId, url }: { readonly remoteId: string | null; readonly url: string },
): Promise<boolean> {
  const rows: unknown[] = await sql('deliveries')
    .whereIn('channel_id', [...(await selectChannelsOfAccount(sql, channelId))])
    .where(remoteId === null ? { url } : { remote_id: remoteId })
    .limit(1)
    .select('id');
  return rows.length > 0;
}

/** What was said about a link that will not come does not hold any more. */
export async function storeLateLink(
  sql: Sql,
  deliveryId: number,
  { remoteId, url, now }: { readonly remoteId: string; readonly url: string; readonly now: number },
): Promise<void> {
  await sql('deliveries')
    .where({ id: deliveryId })
    .update({
      ...publishedColumns({ remoteIds: [remoteId], url }),
      link_pending: false,
      outcome: null,
      outcome_code: null,
      updated_at: now,
    });
}

/** The network has called about a published delivery whose link was given up: it is asked for once more. */
export async function wakeForLateLink(sql: Sql, deliveryId: number, now: number): Promise<void> {
  const changed = await sql('deliveries')
    .where({ id: deliveryId, state: 'published', link_pending: false })
    .whereNull('remote_id')
    .whereNull('url')
    .update({ link_pending: true, updated_at: now });
  if (changed === 0) return;
  const payload = { isLateLook: true } satisfies Partial<PublishPayload>;
  await restartJob(sql, { kind: publishJobKind, key: String(deliveryId), payload, runAt: now }, now);
}
