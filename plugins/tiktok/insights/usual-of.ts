import type { InsightParts } from './parts.ts';
import type { Profile } from './profile-store.ts';
import { daysBetween } from './slots.ts';
import { recentMs } from './sync.ts';
import { type Cohorts, UsualStore } from './usual-store.ts';
import { compare, type Comparison, type Course, mostVideos } from './usual.ts';
import type { Video } from './video.ts';

/** What is compared, and with which video's life it ends. */
type Told = Pick<Video, 'videoId' | 'publishedAt' | 'views' | 'seenAt' | 'missingSince'>;

/**
 * These videos beside what is usual for their channels at their age, by id: three statements, however many videos and
 * channels they are.
 */
export async function usualOf(
  { host, profiles }: Pick<InsightParts, 'host' | 'profiles'>,
  videos: readonly (Told & { readonly channelId: number })[],
): Promise<ReadonlyMap<string, Comparison>> {
  if (videos.length === 0) return new Map();
  const channelIds = [...new Set(videos.map(({ channelId }) => channelId))];
  const found = new Map((await profiles.findMany(channelIds)).map((profile) => [profile.channelId, profile]));
  const told = videos.map((video) => ({ ...video, toldAt: toldAt(video, found.get(video.channelId)) }));
  const now = host.clock.now();
  const cohorts = channelIds.map((channelId) => ({
    channelId,
    until: told.filter((one) => one.channelId === channelId).map((one) => now - ageOf(one)),
  }));
  const courses = await coursesOf(host, cohorts, Math.max(...told.map(ageOf)));
  return new Map(told.map((video) => [video.videoId, compare(video, courses.get(video.channelId) ?? [], now)]));
}

/**
 * How videos of the channel came to their views up to an age: its newest ones, which tell how videos begin now, and the
 * newest of those that are at least as old. @param ageMs milliseconds
 */
export async function coursesUntil(
  { host }: Pick<InsightParts, 'host'>,
  channelId: number,
  ageMs: number,
): Promise<readonly Course[]> {
  const now = host.clock.now();
  return (await coursesOf(host, [{ channelId, until: [now, now - ageMs] }], ageMs)).get(channelId) ?? [];
}

function ageOf({ toldAt, publishedAt }: { readonly toldAt: number; readonly publishedAt: number }): number {
  return toldAt - publishedAt;
}

function coursesOf(
  host: Pick<InsightParts['host'], 'table'>,
  cohorts: readonly Cohorts[],
  ageMs: number,
): Promise<ReadonlyMap<number, readonly Course[]>> {
  // Itself is not among the others. Two days more: what came next tells what was in between.
  const order = { limit: mostVideos + 1, mostAgeDays: daysBetween(0, ageMs) + 2 };
  return new UsualStore((name) => host.table(name)).courses(cohorts, order);
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
