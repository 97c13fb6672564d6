import type { ChannelAbout, ChannelPage, ChannelView, Translate } from '#plugin-api';
import { numbersModel } from './numbers-model.ts';
import type { InsightParts } from './parts.ts';
import { passProgress } from './pass-progress.ts';
import type { Profile } from './profile-store.ts';
import { videoList, videoPath } from './video-list.ts';

/** What the page of a TikTok channel shows below its head: numbers with their history, and every video. */
export function insightPage(parts: InsightParts): ChannelPage {
  return {
    view: 'channel',
    about: async (channel) => aboutOf(channel, await parts.profiles.find(channel.id)),
    load: async (channel, query) => {
      const profile = await parts.profiles.find(channel.id);
      return {
        base: `/team/${channel.teamId}/channels/${channel.id}`,
        profile: profile ?? null,
        progress: passProgress(channel, profile, parts.host.clock.now()),
        notes: missingNotes(parts.host.t, channel, profile),
        numbers: await numbersModel(parts, { channel, profile }, query),
        ...(await videoList(parts, channel, query)),
      };
    },
    ofPublished: async (channel, remoteIds) => {
      if (!channel.scopes.includes('video.list')) return undefined;
      const [video] = await parts.videos.findMany(channel.id, remoteIds);
      return video === undefined ? undefined : videoPath(video);
    },
  };
}

/** TikTok's own link to the profile, where it is one; else the address people know. */
function aboutOf(channel: ChannelView, profile: Profile | undefined): ChannelAbout {
  const told = profile?.link?.startsWith('https://') === true ? profile.link : null;
  const url = told ?? (channel.username === null ? null : `https://www.tiktok.com/@${channel.username}`);
  return { url, bio: profile?.bio ?? null, isVerified: profile?.isVerified ?? false };
}

/**
 * A missing scope hides only what needs it, and the page says which and how to get it back. Where nothing works any more
 * the head of the page asks for reconnecting, which brings the scopes back too.
 */
function missingNotes(t: Translate, channel: ChannelView, profile: Profile | undefined): readonly string[] {
  if (channel.state === 'reconnect-needed') return [];
  const note = (why: 'missing' | 'refused', scope: string): string =>
    t(`tiktok-numbers:${why}.${scope.replaceAll('.', '_')}`);
  const missing = ['user.info.profile', 'user.info.stats', 'video.list'].filter(
    (scope) => !channel.scopes.includes(scope),
  );
  const refused = (profile?.refused ?? []).filter((scope) => channel.scopes.includes(scope));
  return [...missing.map((scope) => note('missing', scope)), ...refused.map((scope) => note('refused', scope))];
}
