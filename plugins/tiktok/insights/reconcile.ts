import type { VideoNumbers } from './number-store.ts';
import { addDays, dayIn, daysBetween, lastOfSlot, slotOf } from './slots.ts';
import type { VideoChange } from './video-store.ts';
import type { SeenVideo, Video } from './video.ts';
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
  const numbersOf = numbersAt(dayIn(known.zone, known.now), known.now);
  for (const seen of new Map(answered.map((video) => [video.videoId, video])).values()) {
    const before = known.stored.get(seen.videoId);
    const video = changeOf(seen, { before, known });
    const isBack = before !== undefined && before.missingSince !== null;
    const areNew = before === undefined || isBack || counts.some((name) => video[name] !== before[name]);
    if (isBack) numbers.push(...untold(before, known));
    if (areNew) numbers.push(numbersOf(video));
    if (areNew || isOtherwise(video, before)) changes.push(video);
  }
  return { changes, numbers };
}

/**
 * What would be written of it; what TikTok leaves out of one answer is not gone. Each field by name: of a hundred thousand
 * videos, putting objects together takes as long as all the rest of this.
 */
function changeOf(
  seen: SeenVideo,
  { before, known }: { readonly before: Video | undefined; readonly known: Known },
): VideoChange {
  return {
    videoId: seen.videoId,
    publishedAt: seen.publishedAt,
    caption: seen.caption,
    durationSeconds: seen.durationSeconds,
    shareUrl: seen.shareUrl,
    coverUrl: seen.coverUrl,
    views: seen.views ?? before?.views ?? null,
    likes: seen.likes ?? before?.likes ?? null,
    comments: seen.comments ?? before?.comments ?? null,
    shares: seen.shares ?? before?.shares ?? null,
    postId: known.posts.get(seen.videoId) ?? before?.postId ?? null,
    firstSeenAt: before === undefined ? known.now : before.firstSeenAt,
  };
}

/** The address of its cover is another one at each look: that alone is no change. */
function isOtherwise(seen: VideoChange, before: Video): boolean {
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
  const row = numbersAt(day, at)({ ...before, ...nothing });
  const isOver = row.slot < slotOf(dayIn(zone, now), daysBetween(publishedAt, now));
  return isOver ? [row] : [];
}

/** Numbers of that day; videos of the same age, of which a page is full, stand for the same slot. */
function numbersAt(day: string, now: number): (video: SeenVideo) => VideoNumbers {
  const slots = new Map<number, string>();
  return ({ videoId, publishedAt, views, likes, comments, shares }) => {
    const ageDays = daysBetween(publishedAt, now);
    const slot = slots.get(ageDays) ?? slotOf(day, ageDays);
    slots.set(ageDays, slot);
    return { videoId, slot, at: now, ageDays, views, likes, comments, shares };
  };
}
