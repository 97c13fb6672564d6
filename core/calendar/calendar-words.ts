import type { CalendarPeriod } from './calendar-period.ts';
import { readDate } from './calendar-period.ts';

// Dates without a zone: they are days of the team's own calendar.
const locale = 'en-GB';
const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
const month = format({ month: 'long', year: 'numeric' });
const week = format({ day: 'numeric', month: 'long', year: 'numeric' });
const day = format({ weekday: 'long', day: 'numeric', month: 'long' });
const shortDay = format({ weekday: 'short', day: 'numeric', month: 'short' });

/** “December 2026”, “7–13 December 2026”. */
export function periodWords(view: CalendarPeriod['view'], start: string): string {
  if (view !== 'week') return month.format(instantOf(start));
  const first = instantOf(start);
  return week.formatRange(first, first + 6 * 86_400_000).replaceAll('\u2009', ' ');
}

/** “Wednesday 9 December”. */
export function dayWords(date: string): string {
  return day.format(instantOf(date)).replace(',', '');
}

/** “Thu 10 Dec, 18:00”; only the day where there is no time yet. */
export function momentWords({ date, time }: { readonly date: string; readonly time: string }): string {
  const words = readDate(date) === undefined ? date : shortDay.format(instantOf(date)).replace(',', '');
  return time === '' ? words : `${words}, ${time}`;
}

function instantOf(date: string): number {
  return Date.parse(`${date}T00:00Z`);
}
