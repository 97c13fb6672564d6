import { Temporal } from 'temporal-polyfill';
import { readWallTime, resolveWallTime } from '../time/zones.ts';

/** The same times every day from one day on. */
export interface TimePattern {
  /** E.g. `2026-12-10`. */
  readonly from: string;
  /** E.g. `07:30`, in any order. */
  readonly times: readonly string[];
  /** Monday to Friday. */
  readonly weekdaysOnly: boolean;
}

export interface PatternPlace {
  /** IANA name. */
  readonly zone: string;
  /** UTC milliseconds: what lies before is left out. */
  readonly notBefore: number;
  readonly count: number;
}

/** One time of the pattern: the wall time as the pattern says it, and when that is (UTC milliseconds). */
export interface PatternTime {
  readonly wall: string;
  readonly at: number;
}

/** A pattern that finds nothing in so many days has nothing to find. */
const mostDays = 4_000;

/**
 * The first `count` times of a pattern, each a moment of its own and later than the one before. What the clocks jump over
 * becomes the first valid later time, of what comes twice the first counts; where two times of a day become the same
 * moment it is given once. Pure.
 */
export function timesOf(pattern: TimePattern, { zone, notBefore, count }: PatternPlace): readonly PatternTime[] {
  const found: PatternTime[] = [];
  if (pattern.times.length === 0 || readWallTime(pattern.from, '00:00') === undefined) return found;
  let day = Temporal.PlainDate.from(pattern.from);
  let last = notBefore - 1;
  for (let n = 0; n < mostDays && found.length < count; n += 1, day = day.add({ days: 1 })) {
    if (pattern.weekdaysOnly && day.dayOfWeek > 5) continue;
    for (const time of onDay(day, pattern.times, zone)) {
      if (time.at <= last || found.length === count) continue;
      found.push(time);
      last = time.at;
    }
  }
  return found;
}

function onDay(day: Temporal.PlainDate, times: readonly string[], zone: string): readonly PatternTime[] {
  return times
    .flatMap((time): readonly PatternTime[] => {
      const wall = readWallTime(day.toString(), time);
      return wall === undefined ? [] : [{ wall, at: resolveWallTime(wall, zone).at }];
    })
    .sort((one, other) => one.at - other.at || one.wall.localeCompare(other.wall));
}
