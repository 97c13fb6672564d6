import type {
  ChannelOverview,
  ChannelOverviews,
  ChannelVideo,
  ChannelView,
  CountedNumber,
  PublishedInPeriod,
  Translate,
} from '#plugin-api';
import { mayCount } from './numbers-model.ts';
import { type DayCounters, OverviewStore, type OverviewVideo, type VideoTotals } from './overview-store.ts';
import type { InsightParts } from './parts.ts';
import type { Profile } from './profile-store.ts';
import { addDays, dayIn } from './slots.ts';
import { usualOf } from './usual-of.ts';
import type { Comparison } from './usual.ts';

const dayMs = 24 * 3_600_000;
/** What was published within so many days is looked at each hour, everything else once a day. */
const recentDays = 7;
const nothing: VideoTotals = { videos: 0, views: null, likes: null, comments: null, shares: null };

/** TikTok channels beside each other, from what was stored: TikTok is not asked. */
export function channelOverviews(parts: InsightParts): ChannelOverviews {
  const store = new OverviewStore((name) => parts.host.table(name));
  return {
    load: (channels, { days }) => loadOverviews(parts, store, { channels, days }),
    best: async (channels, { days, by, limit }) => {
      const since = parts.host.clock.now() - days * dayMs;
      const listed = channels.filter(mayList).map(({ id }) => id);
      return told(parts, channels, await store.best(listed, { since, by, limit }));
    },
    find: async (channels, remoteIds) => {
      const ids = channels.filter(mayList).map(({ id }) => id);
      return told(parts, channels, await store.find(ids, remoteIds));
    },
    latest: async (channels, limit) => {
      const listed = channels.filter(mayList);
      const videos = await store.latest(
        listed.map(({ id }) => id),
        limit,
      );
      const own = ({ id }: ChannelView) => videos.filter(({ channelId }) => channelId === id);
      return new Map(
        listed.map((channel) => [
          channel.id,
          own(channel).map(({ videoId, caption }) => ({ caption, ...addressesOf(channel, videoId) })),
        ]),
      );
    },
  };
}

/**
 * How many days before its period a change may be counted from, where the period's first day has no snapshot. After a
 * longer gap there is none: “7 days” would not be true of it.
 */
function earlierDays(days: number): number {
  return Math.floor(days / 7);
}

/** Four statements. */
async function loadOverviews(
  { host, profiles }: InsightParts,
  store: OverviewStore,
  { channels, days }: { readonly channels: readonly ChannelView[]; readonly days: number },
): Promise<ReadonlyMap<number, ChannelOverview>> {
  const now = host.clock.now();
  const ids = channels.map(({ id }) => id);
  // All are of one team, and so of one zone.
  const from = addDays(dayIn(channels[0]?.zone ?? 'UTC', now), -days);
  const [found, before, totals] = await Promise.all([
    profiles.findMany(ids),
    store.newestCounters(ids, { from: addDays(from, -earlierDays(days)), to: from }),
    store.totalsSince(ids, now - days * dayMs),
  ]);
  const byId = new Map(found.map((profile) => [profile.channelId, profile]));
  return new Map(
    channels.map((channel) => {
      const known = { profile: byId.get(channel.id), before: before.get(channel.id), totals: totals.get(channel.id) };
      return [channel.id, overviewOf(host.t, channel, { ...known, days, now })];
    }),
  );
}

interface Known {
  readonly profile: Profile | undefined;
  /** When the period began. */
  readonly before: DayCounters | undefined;
  readonly totals: VideoTotals | undefined;
  readonly days: number;
  readonly now: number;
}

function overviewOf(t: Translate, channel: ChannelView, known: Known): ChannelOverview {
  const { profile } = known;
  const listedAt = listReadAt(channel, known);
  const readAt = [mayCount(channel, profile) ? (profile?.profileAt ?? null) : null, listedAt].filter(
    (at) => at !== null,
  );
  return {
    followers: countedOf('followers', channel, known),
    likes: countedOf('likes', channel, known),
    videos: countedOf('videos', channel, known),
    published: publishedOf(listedAt, known),
    readAt: readAt.length === 0 ? null : Math.min(...readAt),
    notes: notesOf(t, channel, profile),
  };
}

/**
 * What once was read while it was allowed is not shown any more: it would grow old without anybody seeing it. A number
 * that is old keeps its value, but how it changed in the period nobody knows.
 */
function countedOf(
  name: keyof DayCounters,
  channel: ChannelView,
  { profile, before, days, now }: Known,
): CountedNumber {
  const value = mayCount(channel, profile) ? (profile?.[name] ?? null) : null;
  const then = before?.[name] ?? null;
  const isOld = (profile?.profileAt ?? 0) < now - (1 + earlierDays(days)) * dayMs;
  return { value, change: value === null || then === null || isOld ? null : value - then };
}

/** When all that was published in the period was looked at last; null = not yet. */
function listReadAt(channel: ChannelView, { profile, days }: Known): number | null {
  if (profile === undefined || !mayList(channel)) return null;
  return days <= recentDays ? (profile.recentAt ?? profile.videosAt) : profile.videosAt;
}

/** Null where nobody looked since the period began: that nothing is known of is not nothing. */
function publishedOf(listedAt: number | null, { totals = nothing, days, now }: Known): PublishedInPeriod | null {
  return listedAt === null || listedAt <= now - days * dayMs ? null : totals;
}

function notesOf(t: Translate, channel: ChannelView, profile: Profile | undefined): readonly string[] {
  // The page says so, with the way to reconnect.
  if (channel.state === 'reconnect-needed') return [];
  const hasScope = channel.scopes.includes('user.info.stats');
  const missing = [
    ...(mayCount(channel, profile) ? [] : [t(`tiktok-overview:${hasScope ? 'refused' : 'missing'}.stats`)]),
    ...(mayList(channel) ? [] : [t('tiktok-overview:missing.videos')]),
  ];
  if (profile === undefined) return [...missing, t('tiktok-overview:never')];
  const { problem } = profile;
  if (problem === null) return missing;
  return [...missing, t('tiktok-overview:problem', { sentence: problem.sentence, nextStep: problem.nextStep })];
}

function mayList({ scopes }: ChannelView): boolean {
  return scopes.includes('video.list');
}

async function told(
  parts: InsightParts,
  channels: readonly ChannelView[],
  videos: readonly OverviewVideo[],
): Promise<readonly ChannelVideo[]> {
  const byId = new Map(channels.map((channel) => [channel.id, channel]));
  const usual = await usualOf(parts, videos);
  return videos.flatMap((video) => {
    const channel = byId.get(video.channelId);
    if (channel === undefined) return [];
    const { videoId, views, likes, comments, shares, engagement, caption, publishedAt, channelId } = video;
    return {
      ...{ channelId, caption, publishedAt, views, likes, comments, shares, engagement, remoteId: videoId },
      ...addressesOf(channel, videoId),
      timesUsual: timesOf(usual.get(videoId)),
    };
  });
}

function addressesOf({ id, teamId }: ChannelView, videoId: string): { readonly cover: string; readonly href: string } {
  const base = `/team/${teamId}/channels/${id}`;
  return { cover: `${base}/covers/${videoId}`, href: `${base}/videos/${videoId}` };
}

function timesOf(comparison: Comparison | undefined): ChannelVideo['timesUsual'] {
  if (comparison?.kind === 'too-early') return 'too-early';
  return comparison?.kind === 'compared' ? comparison.times : null;
}
