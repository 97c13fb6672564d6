const dayMs = 24 * 3_600_000;
/** So many days of a video's life each have numbers of their own, then each week, then each month. */
export const [dailyDays, weeklyDays] = [30, 180];

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day of this moment in the zone, YYYY-MM-DD. */
export function dayIn(zone: string, at: number): string {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(zone, format);
  return format.format(at);
}

/** Whole days from one moment to a later one; never less than none. */
export function daysBetween(from: number, to: number): number {
  return Math.max(0, Math.floor((to - from) / dayMs));
}

/** Another day of the calendar. @param day YYYY-MM-DD */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/**
 * What numbers of that day stand for, by its first day: a young video's own day, later its week from Monday on, at last
 * its month. So a video's past thins out by itself. The first week begins when the days are over, and the first month
 * when the weeks are: nothing takes the place of what was before.
 */
export function slotOf(day: string, ageDays: number): string {
  if (ageDays <= dailyDays) return day;
  if (ageDays > weeklyDays) return later(`${day.slice(0, 7)}-01`, addDays(day, weeklyDays + 1 - ageDays));
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return later(addDays(day, -((weekday + 6) % 7)), addDays(day, dailyDays + 1 - ageDays));
}

/** The last day of what a day of that age stands for, its Sunday or the end of its month. */
export function lastOfSlot(day: string, ageDays: number): string {
  if (ageDays <= dailyDays) return day;
  const date = new Date(`${day}T00:00:00Z`);
  if (ageDays <= weeklyDays) return addDays(day, (7 - date.getUTCDay()) % 7);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).toISOString().slice(0, 10);
}

function later(one: string, other: string): string {
  return one > other ? one : other;
}
