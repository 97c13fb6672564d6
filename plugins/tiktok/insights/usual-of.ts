import type { InsightParts } from './parts.ts';
import type { Profile } from './profile-store.ts';
import { daysBetween } from './slots.ts';
import { recentMs } from './sync.ts';
import { UsualStore } from './usual-store.ts';
import { compare, type Comparison, type Course } from './usual.ts';
import type { Video } from './video.ts';

/** More of the newest say nothing more about what is usual. */
const mostVideos = 200;

/** What is compared, and with which video's life it ends. */
type Told = Pick<Video, 'videoId' | 'publishedAt' | 'views' | 'seenAt' | 'missingSince'>;

/**
 * These videos of one channel beside what is usual for it at their age, by id: three statements, however many they are
 * and however many the channel has.
 */
export async function usualOf(
  parts: Pick<InsightParts, 'host' | 'profiles'>,
  channelId: number,
  videos: readonly Told[],
): Promise<ReadonlyMap<string, Comparison>> {
  if (videos.length === 0) return new Map();
  const profile = await parts.profiles.find(channelId);
  const told = videos.map((video) => ({ ...video, toldAt: toldAt(video, profile) }));
  const courses = await coursesUntil(parts, channelId, Math.max(...told.map((one) => one.toldAt - one.publishedAt)));
  const now = parts.host.clock.now();
  return new Map(told.map((video) => [video.videoId, compare(video, courses, now)]));
}

/** How the channel's newest videos came to their views, up to an age. @param ageMs milliseconds */
export function coursesUntil(
  { host }: Pick<InsightParts, 'host'>,
  channelId: number,
  ageMs: number,
): Promise<readonly Course[]> {
  // Two days more: what came next tells what was in between.
  const order = { limit: mostVideos, mostAgeDays: daysBetween(0, ageMs) + 2 };
  return new UsualStore((name) => host.table(name)).courses(channelId, order);
}

/** When a video's numbers were looked at last: they may have stood still since they were written. */
export function toldAt(
  { publishedAt, seenAt, missingSince }: Told,
  profile: Pick<Profile, 'videosAt' | 'recentAt'> | undefined,
): number {
  if (missingSince !== null) return missingSince;
  const { videosAt, recentAt } = profile ?? { videosAt: null, recentAt: null };
  const isRecent = recentAt !== null && publishedAt >= recentAt - recentMs;
  return Math.max(seenAt, videosAt ?? 0, isRecent ? recentAt : 0);
}
