const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A middle of fewer videos says more of the videos than of the channel. */
const fewest = 5;
/** More say nothing more, and longer ago other things were usual. */
export const mostVideos = 100;
/** Before that a video has not been shown to enough people to be compared. */
export const earliestMs = dayMs;
/** Numbers that were noted from then on at the latest tell how a video began. */
const followedWithinMs = 2 * dayMs;
/** Of a day its last numbers are kept: rows that are no further apart than this are of neighbouring days. */
const neighboursMs = 2 * dayMs;

/** How a video's views came together. Times are UTC milliseconds. */
export interface Course {
  readonly videoId: string;
  readonly publishedAt: number;
  readonly firstSeenAt: number | null;
  readonly missingSince: number | null;
  /** Oldest first; until the next one they stood still. */
  readonly views: readonly ViewsAt[];
}

export interface ViewsAt {
  readonly at: number;
  readonly views: number;
}

/** What is usual for a channel at an age. */
export interface Usual {
  /** The middle of so many videos; null = of too few. */
  readonly views: number | null;
  readonly videos: number;
}

/** A video as it is compared. */
export interface Compared {
  readonly videoId: string;
  readonly publishedAt: number;
  readonly views: number | null;
  /** When these views were told, UTC milliseconds. */
  readonly toldAt: number;
}

export type Comparison =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'too-early' }
  | { readonly kind: 'too-few'; readonly videos: number }
  | {
      readonly kind: 'compared';
      readonly views: number;
      readonly ageDays: number;
      /** The middle of the views that the channel's videos had at this age. */
      readonly usual: number;
      readonly videos: number;
      /** How many times the usual; null where the usual is nothing. */
      readonly times: number | null;
    };

/**
 * The middle (median) of the views that videos had at an age: of the newest that are at least as old, those that were
 * followed from their first two days on and were public.
 *
 * @param courses newest first
 * @param ageMs milliseconds since a video was published
 * @param now UTC milliseconds
 */
export function usualAt(courses: readonly Course[], ageMs: number, now: number): Usual {
  const asOld = courses.filter(({ publishedAt }) => publishedAt + ageMs <= now).slice(0, mostVideos);
  const known = asOld.flatMap((course) => viewsAt(course, ageMs) ?? []);
  return { views: known.length < fewest ? null : medianOf(known), videos: known.length };
}

/** A video beside the others of its channel, newest first, all at the age it had when its views were told. */
export function compare(video: Compared, courses: readonly Course[], now: number): Comparison {
  const { views } = video;
  const ageMs = video.toldAt - video.publishedAt;
  if (views === null) return { kind: 'unknown' };
  if (ageMs < earliestMs) return { kind: 'too-early' };
  const others = courses.filter(({ videoId }) => videoId !== video.videoId);
  const { views: usual, videos } = usualAt(others, ageMs, now);
  if (usual === null) return { kind: 'too-few', videos };
  const ageDays = Math.floor(ageMs / dayMs);
  return { kind: 'compared', views, ageDays, usual, videos, times: usual === 0 ? null : views / usual };
}

/**
 * What a video had at an age. Between the last numbers of two neighbouring days it lies on the line from one to the
 * other: a video that is a day old would otherwise be compared with half days.
 */
function viewsAt(course: Course, ageMs: number): number | undefined {
  const at = course.publishedAt + ageMs;
  if (!isFollowed(course) || at > (course.missingSince ?? at)) return undefined;
  const index = course.views.findLastIndex((row) => row.at <= at);
  const [before, after] = [course.views[index], course.views[index + 1]];
  if (before === undefined) return undefined;
  if (after === undefined || after.at - before.at > neighboursMs) return before.views;
  const share = (at - before.at) / (after.at - before.at);
  return Math.round(before.views + share * (after.views - before.views));
}

/** Whether its numbers are known from its beginning. */
export function isFollowed({ firstSeenAt, publishedAt }: Pick<Course, 'firstSeenAt' | 'publishedAt'>): boolean {
  return firstSeenAt !== null && firstSeenAt - publishedAt <= followedWithinMs;
}

/** The middle of at least one value, whole. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? 0, sorted[sorted.length >> 1] ?? 0];
  return Math.round((low + high) / 2);
}
