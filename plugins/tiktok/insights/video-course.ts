import { addDays, dailyDays, dayIn, lastOfSlot, weeklyDays } from './slots.ts';
import type { VideoNumbers } from './number-store.ts';
import type { VideoCounts } from './video.ts';

/** A video's numbers at the end of a day, or of the last day of a week or month. */
export interface CoursePoint {
  /** YYYY-MM-DD in the team's zone: the first of its days. */
  readonly from: string;
  readonly day: string;
  /** Days of the calendar since the day it was published. */
  readonly ageDays: number;
  /** Null: nothing was read on any of its days. */
  readonly counts: VideoCounts | null;
}

interface Known {
  /** Oldest first. */
  readonly rows: readonly VideoNumbers[];
  /** Days on which all videos were looked at, YYYY-MM-DD. */
  readonly lookedOn: ReadonlySet<string>;
  readonly publishedAt: number;
  /** When the numbers were told last, UTC milliseconds. */
  readonly toldAt: number;
  /** The team's. */
  readonly zone: string;
}

/**
 * A video's numbers from the first that are known to the last: of each day, later of each week, at last of each month.
 * Between two rows they stood still, unless nobody looked, or the video was not public: then nothing is known of that
 * time. Pure.
 */
export function courseOf({ rows, lookedOn, publishedAt, toldAt, zone }: Known): readonly CoursePoint[] {
  const noted = rows.map((row) => ({ day: dayIn(zone, row.at), row }));
  const [first, published, last] = [noted[0]?.day, dayIn(zone, publishedAt), dayIn(zone, toldAt)];
  const seenOn = new Set([...lookedOn, ...noted.map(({ day }) => day), last]);
  const points: CoursePoint[] = [];
  for (let from = first; from !== undefined && from <= last;) {
    const end = lastOfSlot(from, calendarDays(published, from));
    const to = end < last ? end : last;
    const row = noted.findLast(({ day }) => day <= to)?.row;
    const counts = row !== undefined && isTold(row) && isSeen(seenOn, { from, to }) ? countsOf(row) : null;
    points.push({ from, day: to, ageDays: calendarDays(published, to), counts });
    from = addDays(to, 1);
  }
  return points;
}

/** Days of which nothing is known, one stretch after the other. */
export function gapsOf(points: readonly CoursePoint[]): readonly { readonly from: string; readonly to: string }[] {
  return points.flatMap(({ from, counts }, index) => {
    if (counts !== null || points[index - 1]?.counts === null) return [];
    const end = points.slice(index).findIndex((point) => point.counts !== null);
    return { from, to: points[end < 0 ? points.length - 1 : index + end - 1]?.day ?? from };
  });
}

/** How its points thin out: whether there are any of whole weeks, or of whole months. */
export function thinningOf(points: readonly CoursePoint[]): 'days' | 'weeks' | 'months' {
  const oldest = points.at(-1)?.ageDays ?? 0;
  if (oldest <= dailyDays) return 'days';
  return oldest <= weeklyDays ? 'weeks' : 'months';
}

/** A row without any number: from then on the video was not public. */
function isTold({ views, likes, comments, shares }: VideoNumbers): boolean {
  return [views, likes, comments, shares].some((count) => count !== null);
}

function isSeen(seenOn: ReadonlySet<string>, { from, to }: { readonly from: string; readonly to: string }): boolean {
  for (let day = from; day <= to; day = addDays(day, 1)) if (seenOn.has(day)) return true;
  return false;
}

function countsOf({ views, likes, comments, shares }: VideoNumbers): VideoCounts {
  return { views, likes, comments, shares };
}

function calendarDays(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
