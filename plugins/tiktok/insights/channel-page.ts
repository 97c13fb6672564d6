import type { ChannelNumber, ChannelPage, ChannelView, Translate } from '#plugin-api';
import type { InsightParts } from './parts.ts';
import type { Profile } from './profile-store.ts';
import { videoList } from './video-list.ts';

const counters = ['followers', 'following', 'likes', 'videos'] as const;

/** What the page of a TikTok channel shows below its head: numbers, and every video, newest first. */
export function insightPage(parts: InsightParts): ChannelPage {
  return {
    view: 'channel',
    load: async (channel, query) => {
      const profile = await parts.profiles.find(channel.id);
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
        ...(await videoList(parts, channel, query)),
      };
    },
    summary: async (channels) => {
      const profiles = await parts.profiles.findMany(channels.map((channel) => channel.id));
      return new Map(profiles.map((profile) => [profile.channelId, numbersOf(parts.host.t, profile)]));
    },
  };
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
