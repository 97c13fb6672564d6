import type { ChannelNumber, ChannelPage, ChannelView, Translate } from '#plugin-api';
import type { InsightParts } from './parts.ts';
import type { Profile } from './profile-store.ts';
import type { VideoKey } from './video-store.ts';
import type { Video } from './video.ts';

const videosAPage = 20;
const counters = ['followers', 'following', 'likes', 'videos'] as const;

/** What the page of a TikTok channel shows below its head: numbers, and every video, newest first. */
export function insightPage(parts: InsightParts): ChannelPage {
  return {
    view: 'channel',
    load: async (channel, query) => {
      const profile = await parts.profiles.find(channel.id);
      const videos = await videoPage(parts, channel, query);
      return {
        base: `/team/${channel.teamId}/channels/${channel.id}`,
        profile: profile ?? null,
        stats: counters.map((name) => ({
          name,
          label: parts.host.t(`tiktok-insights:stats.${name}`),
          value: profile?.[name] ?? null,
        })),
        historySince: (await parts.profiles.firstDay(channel.id)) ?? null,
        notes: missingNotes(parts.host.t, channel),
        mayList: channel.scopes.includes('video.list'),
        ...videos,
      };
    },
    summary: async (channels) => {
      const profiles = await parts.profiles.findMany(channels.map((channel) => channel.id));
      return new Map(profiles.map((profile) => [profile.channelId, numbersOf(parts.host.t, profile)]));
    },
  };
}

async function videoPage(parts: InsightParts, channel: ChannelView, query: Readonly<Record<string, string>>) {
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

/**
 * A missing scope hides only what needs it, and the page says which and how to get it back. Where nothing works any more
 * the head of the page asks for reconnecting, which brings the scopes back too.
 */
function missingNotes(t: Translate, channel: ChannelView): readonly string[] {
  if (channel.state === 'reconnect-needed') return [];
  return ['user.info.profile', 'user.info.stats', 'video.list']
    .filter((scope) => !channel.scopes.includes(scope))
    .map((scope) => t(`tiktok-insights:missing.${scope.replaceAll('.', '_')}`));
}

function numbersOf(t: Translate, profile: Profile): readonly ChannelNumber[] {
  return [
    { label: t('tiktok-insights:stats.followers'), value: profile.followers },
    { label: t('tiktok-insights:stats.videos'), value: profile.videos },
  ];
}
