import { Temporal } from 'temporal-polyfill';

/** When a channel usually posts: a wall time of a weekday on the clocks of its team. */
export interface Slot {
  /** 1 = Monday to 7 = Sunday. */
  readonly weekday: number;
  /** E.g. `09:00`. */
  readonly time: string;
}

/** One slot of one day that nothing takes yet. */
export interface FreeSlot {
  /** UTC milliseconds. */
  readonly at: number;
  /** In the team's zone, e.g. `2026-12-10T07:30`. */
  readonly wall: string;
}

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

/** Which minute of time an instant (UTC ms) lies in: a slot is taken by whatever stands in its minute. */
export function minuteOf(at: number): number {
  return Math.floor(at / 60_000);
}

/** 1 = Monday to 7 = Sunday. @param wall e.g. `2026-12-10T07:30` */
export function weekdayOf(wall: string): number {
  return Temporal.PlainDate.from(wall.slice(0, 10)).dayOfWeek;
}
