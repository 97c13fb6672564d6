import type { ChannelRoute, ChannelView } from '#plugin-api';
import type { InsightParts } from './parts.ts';
import { addDays, dayIn } from './slots.ts';
import { coursesUntil, toldAt } from './usual-of.ts';
import { compare, type Course, earliestMs, isFollowed, usualAt } from './usual.ts';
import { courseOf, type CoursePoint, gapsOf, thinningOf } from './video-course.ts';
import { listed } from './video-list.ts';
import type { Video } from './video.ts';
import { zoneOffsets } from './zone-offsets.ts';

/** A point of the chart, beside what is usual for the channel at that age; null = of too few videos, or too early. */
interface Point extends CoursePoint {
  readonly usual: number | null;
}

/** One video: what it is, how its numbers came together, and what is usual for its channel. Eight statements at most. */
export function videoRoute(parts: InsightParts): ChannelRoute {
  return {
    method: 'get',
    path: 'videos/:video',
    permission: 'team.see',
    handle: async ({ channel, params }) => {
      const video = await parts.videos.find(channel.id, params['video'] ?? '');
      if (!video || !channel.scopes.includes('video.list')) return { kind: 'absent' };
      return { kind: 'view', view: 'video', model: await videoModel(parts, channel, video) };
    },
  };
}

async function videoModel(parts: InsightParts, channel: ChannelView, video: Video) {
  const told = { ...video, toldAt: toldAt(video, await parts.profiles.find(channel.id)) };
  const courses = await coursesUntil(parts, channel.id, told.toldAt - video.publishedAt);
  const [shown] = await listed(parts, { channel, videos: [video], coverQuery: '' });
  const points = await pointsOf(parts, { channel, video: told }, courses);
  const hasUsual = points.some(({ usual }) => usual !== null);
  return {
    base: `/team/${channel.teamId}/channels/${channel.id}`,
    video: { ...told, ...shown },
    points,
    hasUsual,
    thinning: thinningOf(points),
    gaps: gapsOf(points),
    /** Null where its numbers are known from its beginning. */
    followedSince: isFollowed(video) ? null : followedSince(video, channel.zone),
    comparison: compare(told, courses, parts.host.clock.now()),
  };
}

/** Of videos from before it was noted when they were first seen nothing is said. */
function followedSince({ firstSeenAt }: Video, zone: string): string | null {
  return firstSeenAt === null ? null : dayIn(zone, firstSeenAt);
}

interface Wanted {
  readonly channel: ChannelView;
  readonly video: Video & { readonly toldAt: number };
}

async function pointsOf(
  parts: InsightParts,
  { channel, video }: Wanted,
  courses: readonly Course[],
): Promise<readonly Point[]> {
  const { zone } = channel;
  const rows = await parts.numbers.ofVideos(channel.id, [video.videoId]);
  const snapshots = await parts.profiles.snapshots(channel.id, dayIn(zone, rows[0]?.at ?? video.toldAt));
  const lookedOn = new Set(snapshots.filter(({ videosAt }) => videosAt !== null).map(({ day }) => day));
  const points = courseOf({ ...video, rows, lookedOn, zone });
  const others = courses.filter(({ videoId }) => videoId !== video.videoId);
  const now = parts.host.clock.now();
  const offset = zoneOffsets(zone);
  return points.map((point) => {
    const midnight = Date.parse(addDays(point.day, 1));
    const ageMs = Math.min(midnight - offset(midnight), video.toldAt) - video.publishedAt;
    return { ...point, usual: ageMs < earliestMs ? null : usualAt(others, ageMs, now).views };
  });
}
