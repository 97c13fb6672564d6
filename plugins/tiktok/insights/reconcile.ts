import type { VideoNumbers } from './number-store.ts';
import { addDays, dayIn, daysBetween, lastOfSlot, slotOf } from './slots.ts';
import type { VideoChange } from './video-store.ts';
import type { SeenVideo, Video, VideoCounts } from './video.ts';
import { zoneOffsets } from './zone-offsets.ts';

interface Known {
  /** What is kept of the answered videos, by id. */
  readonly stored: ReadonlyMap<string, Video>;
  /** Posts of ours, by the id of the video that each became. */
  readonly posts: ReadonlyMap<string, number>;
  /** The team's. */
  readonly zone: string;
  /** UTC milliseconds. */
  readonly now: number;
}

interface Differences {
  readonly changes: readonly VideoChange[];
  readonly numbers: readonly VideoNumbers[];
}

const counts = ['views', 'likes', 'comments', 'shares'] as const;
const halfDayMs = 12 * 3_600_000;

/** What has to be written after TikTok answered these videos: of what stands still, nothing. Pure. */
export function differencesOf(answered: readonly SeenVideo[], known: Known): Differences {
  const changes: VideoChange[] = [];
  const numbers: VideoNumbers[] = [];
  const day = dayIn(known.zone, known.now);
  for (const seen of new Map(answered.map((video) => [video.videoId, video])).values()) {
    const before = known.stored.get(seen.videoId);
    const video = { ...seen, ...countsOf(seen, before) };
    const postId = known.posts.get(seen.videoId) ?? before?.postId ?? null;
    const isBack = before !== undefined && before.missingSince !== null;
    const areNew = before === undefined || isBack || counts.some((name) => video[name] !== before[name]);
    if (isBack) numbers.push(...untold(before, known));
    if (areNew) numbers.push(numbersOf(video, { day, now: known.now }));
    if (!areNew && !isOtherwise({ ...video, postId }, before)) continue;
    changes.push({ ...video, postId, firstSeenAt: before === undefined ? known.now : before.firstSeenAt });
  }
  return { changes, numbers };
}

/** What TikTok leaves out of one answer is not gone. */
function countsOf(seen: VideoCounts, before: VideoCounts | undefined): VideoCounts {
  return {
    views: seen.views ?? before?.views ?? null,
    likes: seen.likes ?? before?.likes ?? null,
    comments: seen.comments ?? before?.comments ?? null,
    shares: seen.shares ?? before?.shares ?? null,
  };
}

/** The address of its cover is another one at each look: that alone is no change. */
function isOtherwise(seen: SeenVideo & Pick<Video, 'postId'>, before: Video): boolean {
  const same = ['caption', 'durationSeconds', 'publishedAt', 'postId'] as const;
  return before.missingSince !== null || same.some((name) => seen[name] !== before[name]);
}

/** Of a video that was not public for a while: from the first day of which nothing could be known, no numbers. */
function untold(before: Video, { zone, now }: Known): readonly VideoNumbers[] {
  const { publishedAt, missingSince } = before;
  if (missingSince === null) return [];
  const day = addDays(lastOfSlot(dayIn(zone, missingSince), daysBetween(publishedAt, missingSince)), 1);
  const noon = Date.parse(day) + halfDayMs;
  const at = noon - zoneOffsets(zone)(noon);
  const nothing = { views: null, likes: null, comments: null, shares: null };
  const row = numbersOf({ ...before, ...nothing }, { day, now: at });
  const isOver = row.slot < slotOf(dayIn(zone, now), daysBetween(publishedAt, now));
  return isOver ? [row] : [];
}

function numbersOf(video: SeenVideo, { day, now }: { readonly day: string; readonly now: number }): VideoNumbers {
  const { videoId, views, likes, comments, shares } = video;
  const ageDays = daysBetween(video.publishedAt, now);
  return { videoId, slot: slotOf(day, ageDays), at: now, ageDays, views, likes, comments, shares };
}
