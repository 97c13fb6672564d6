import type { ChannelView, LinklessPost, LinklessPosts, PluginHost } from '#plugin-api';
import { linkOf } from './video-link.ts';
import type { VideoStore } from './video-store.ts';
import type { Video } from './video.ts';

/** Two machines' clocks never agree quite, and TikTok tells whole seconds. */
export const clocksDifferMs = 60_000;
/** TikTok shows some videos hours after they were published, when its moderation is through. */
const latestMs = 24 * 3_600_000;
/** Where TikTok shortens a description: developers.tiktok.com/doc/tiktok-api-v2-video-object */
const shortenedFrom = 140;

interface LateLinkParts {
  readonly host: { readonly deliveries: Pick<PluginHost['deliveries'], 'linkless' | 'linkFound' | 'findByRemoteIds'> };
  readonly videos: Pick<VideoStore, 'publicSince' | 'savePosts'>;
}

type Seen = Pick<Video, 'videoId' | 'publishedAt' | 'caption' | 'durationSeconds'>;

/** TikTok does not tell the id of every public post; then the list of the profile's videos shows which one it is. */
export async function linkLatePosts(parts: LateLinkParts, channel: ChannelView): Promise<void> {
  const linkless = await parts.host.deliveries.linkless(channel.id);
  if (linkless.posts.length === 0) return;
  const oldest = Math.min(...linkless.posts.map((post) => post.sentAt));
  const videos = await parts.videos.publicSince(channel.id, oldest - clocksDifferMs);
  const links = new Map(videos.map((video) => [video.videoId, linkOf(channel, video)]));
  const matched = matchVideos(linkless, videos);
  for (const [deliveryId, remoteId] of matched) {
    const url = links.get(remoteId);
    if (url) await parts.host.deliveries.linkFound(deliveryId, { remoteId, url });
  }
  if (matched.size === 0) return;
  await parts.videos.savePosts(
    channel.id,
    await parts.host.deliveries.findByRemoteIds(channel.id, [...matched.values()]),
  );
}

/**
 * Which video each post became: created after all of it was sent, with its caption and length, and no other post's.
 * A post that could be two videos stays without a link: a wrong one is worse than none. Pure.
 */
export function matchVideos({ posts, linkedIds }: LinklessPosts, videos: readonly Seen[]): ReadonlyMap<number, string> {
  const taken = new Set(linkedIds);
  const matched = new Map<number, string>();
  const newestFirst = [...posts].sort((one, other) => other.sentAt - one.sentAt);
  for (const post of newestFirst) {
    const [only, ...others] = videos.filter((video) => !taken.has(video.videoId) && mayBePostOf(post, video));
    if (only === undefined || others.length > 0) continue;
    taken.add(only.videoId);
    matched.set(post.deliveryId, only.videoId);
  }
  return matched;
}

/** Whether what the list shows could be this post: by its time, its caption and its length, which is 0 of photos. */
export function mayBePostOf(post: LinklessPost, video: Seen): boolean {
  if (video.publishedAt < post.sentAt - clocksDifferMs || video.publishedAt > post.publishedAt + latestMs) return false;
  if (video.durationSeconds === null) return false;
  // Where TikTok tells whole seconds it rounds one way or the other; a real video has never none.
  if (post.durationMs === null || video.durationSeconds === 0) {
    if (post.durationMs !== null || video.durationSeconds !== 0) return false;
  } else if (Math.abs(video.durationSeconds * 1000 - post.durationMs) > 1000) return false;
  const [ours, theirs] = [plain(post.caption), plain(video.caption)];
  // Two posts without a word look the same.
  if (ours === '' || theirs === '') return false;
  return ours === theirs || (theirs.length >= shortenedFrom && ours.startsWith(theirs));
}

function plain(text: string): string {
  return text.normalize('NFC').replaceAll(/\s+/gu, ' ').trim();
}
