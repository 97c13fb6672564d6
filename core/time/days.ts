import { Temporal } from 'temporal-polyfill';
import { resolveWallTime, wallTimeAt } from './zones.ts';

/** One day of a team's zone; it may have 23 or 25 hours. Times are UTC ms, `to` is not included. */
export interface Day {
  /** 2026-12-09. */
  readonly date: string;
  readonly from: number;
  readonly to: number;
}

/** The day that it is in the zone, `days` later. */
export function dayAt(now: number, zone: string, days = 0): Day {
  return day(today(now, zone).add({ days }), zone);
}

/** Monday to Sunday around now. */
export function weekAt(now: number, zone: string): readonly Day[] {
  const date = today(now, zone);
  return daysFrom(date.subtract({ days: date.dayOfWeek - 1 }), 7, zone);
}

/** That many days in a row. */
export function daysFrom(first: Temporal.PlainDate, count: number, zone: string): readonly Day[] {
  return Array.from({ length: count }, (_, days) => day(first.add({ days }), zone));
}

function today(now: number, zone: string): Temporal.PlainDate {
  return Temporal.PlainDate.from(wallTimeAt(now, zone));
}

function day(date: Temporal.PlainDate, zone: string): Day {
  const start = (of: Temporal.PlainDate) => resolveWallTime(`${of.toString()}T00:00`, zone).at;
  return { date: date.toString(), from: start(date), to: start(date.add({ days: 1 })) };
}
