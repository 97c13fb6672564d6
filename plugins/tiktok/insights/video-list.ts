import type { ChannelView } from '#plugin-api';
import type { InsightParts } from './parts.ts';
import type { VideoKey } from './video-store.ts';
import type { Video } from './video.ts';

const videosAPage = 20;

/** What the list of a channel's videos shows: one page of it, newest first. */
export async function videoList(parts: InsightParts, channel: ChannelView, query: Readonly<Record<string, string>>) {
  const older = keyOf(query['older']);
  const newer = keyOf(query['newer']);
  const order = { limit: videosAPage + 1, ...(older ? { older } : {}), ...(newer ? { newer } : {}) };
  const found = await parts.videos.page(channel.id, order);
  const hasMore = found.length > videosAPage;
  // Asked towards the newer, the surplus video is the newest one.
  const shown = newer && hasMore ? found.slice(1) : found.slice(0, videosAPage);
  const [first, last] = [shown[0], shown.at(-1)];
  const hasNewer = newer ? hasMore : older !== undefined;
  const hasOlder = newer ? true : hasMore;
  const ours = await parts.host.deliveries.findByRemoteIds(
    channel.id,
    shown.map((video) => video.videoId),
  );
  return {
    mayList: channel.scopes.includes('video.list'),
    videos: shown.map((video) => ({
      ...video,
      cover: `/team/${channel.teamId}/channels/${channel.id}/covers/${video.videoId}`,
      link: linkOf(channel, video),
      post: ours.get(video.videoId) ?? null,
    })),
    newerHref: hasNewer && first ? `?newer=${keyText(first)}` : null,
    olderHref: hasOlder && last ? `?older=${keyText(last)}` : null,
  };
}

/** The address people know; TikTok's own share link carries the app's key. */
function linkOf(channel: ChannelView, video: Video): string | null {
  return channel.username === null ? null : `https://www.tiktok.com/@${channel.username}/video/${video.videoId}`;
}

function keyText(video: VideoKey): string {
  return `${video.publishedAt}.${video.videoId}`;
}

function keyOf(text: string | undefined): VideoKey | undefined {
  const match = /^(\d{1,15})\.(\d{1,32})$/u.exec(text ?? '');
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { publishedAt: Number(match[1]), videoId: match[2] };
}
