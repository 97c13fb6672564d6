import type { AccountAccess, LinklessPost, PluginHost, PublishingDelivery } from '#plugin-api';
import { type TikTokClient, workerTimeoutMs } from './api/client.ts';
import type { Failure, Reply, VideoList, VideoObject } from './api/replies.ts';
import { withToken } from './creator.ts';
import type { ErrorBook } from './errors.ts';
import { clocksDifferMs, mayBePostOf } from './insights/late-links.ts';
import type { ListedPhotos } from './situation.ts';

interface ListParts {
  readonly host: { readonly deliveries: Pick<PluginHost['deliveries'], 'rivals'> };
  readonly client: Pick<TikTokClient, 'videoList'>;
  readonly errors: ErrorBook;
}

interface Wanted {
  readonly delivery: PublishingDelivery;
  readonly account: AccountAccess;
  readonly signal: AbortSignal;
  /** The point of no return, UTC milliseconds. */
  readonly sentAt: number;
}

const pageSize = 20;
/** A hundred posts: nobody publishes more between two questions. */
const mostPages = 5;
const fields = ['id', 'create_time', 'video_description', 'title', 'duration'];

/**
 * Photos whose publish_id nobody heard are at TikTok under no name. All it tells of them then is its list of the profile's
 * public posts, newest first: developers.tiktok.com/doc/tiktok-api-v2-video-list. Photos have a duration of 0 there, which
 * is seen and not documented. A post that could be another one of ours is none.
 */
export async function findInList(parts: ListParts, wanted: Wanted): Promise<Reply<ListedPhotos>> {
  const listed = await readSince(parts, wanted);
  if (!Array.isArray(listed)) return listed;
  const { delivery, sentAt } = wanted;
  const rivals = await parts.host.deliveries.rivals(delivery.id);
  const { caption, id: deliveryId } = delivery;
  const sought: LinklessPost = { deliveryId, caption, durationMs: null, sentAt, publishedAt: sentAt };
  const ids = listed.map(seen).filter((post) => mayBePostOf(sought, post) && !rivals.linkedIds.has(post.videoId));
  const mine = ids.filter((post) => !rivals.posts.some((rival) => mayBePostOf(rival, post)));
  const id = ids.length === 1 ? mine[0]?.videoId : undefined;
  return { ok: true, value: { seen: listed.length, alike: ids.length, id: id ?? null } };
}

/** Every post since the photos may have been sent. */
async function readSince(parts: ListParts, wanted: Wanted): Promise<VideoObject[] | Failure> {
  const { sentAt } = wanted;
  const since = sentAt - clocksDifferMs;
  const found: VideoObject[] = [];
  let cursor: number | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const reply = await readPage(parts, wanted, cursor);
    if (!reply.ok) return reply;
    const young = reply.value.videos.filter((video) => publishedAt(video) >= since);
    found.push(...young);
    if (!reply.value.has_more || young.length < reply.value.videos.length) break;
    cursor = reply.value.cursor;
  }
  return found;
}

function readPage(
  { client, errors }: ListParts,
  { account, signal }: Wanted,
  cursor: number | null,
): Promise<Reply<VideoList>> {
  const limits = { timeoutMs: workerTimeoutMs, signal };
  const order = { fields, cursor, maxCount: pageSize };
  return withToken(errors, account, (token) => client.videoList(token, order, limits));
}

/** Seconds at TikTok. */
function publishedAt({ create_time: seconds }: VideoObject): number {
  return (seconds ?? 0) * 1000;
}

function seen(video: VideoObject) {
  return {
    videoId: video.id,
    publishedAt: publishedAt(video),
    caption: video.video_description ?? video.title ?? '',
    durationSeconds: video.duration ?? null,
  };
}
