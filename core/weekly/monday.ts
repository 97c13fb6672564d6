import { Temporal } from 'temporal-polyfill';
import { resolveWallTime, wallTimeAt } from '../time/zones.ts';

const clock = 'T08:00';

/** The next Monday, 08:00 by the zone's clocks, after this moment. UTC ms. */
export function mondayAfter(now: number, zone: string): number {
  const last = lastMonday(now, zone);
  return at(last.add({ days: 7 }), zone);
}

/** The last Monday, 08:00 by the zone's clocks, that has been: it may be now. UTC ms. */
export function mondayUntil(now: number, zone: string): number {
  return at(lastMonday(now, zone), zone);
}

function lastMonday(now: number, zone: string): Temporal.PlainDate {
  const today = Temporal.PlainDate.from(wallTimeAt(now, zone));
  const monday = today.subtract({ days: today.dayOfWeek - 1 });
  return at(monday, zone) <= now ? monday : monday.subtract({ days: 7 });
}

function at(date: Temporal.PlainDate, zone: string): number {
  return resolveWallTime(`${date.toString()}${clock}`, zone).at;
}
