import type { CalendarPeriod } from './calendar-period.ts';
import { readDate } from './calendar-period.ts';

/** Dates without a zone, in one language: they are days of the team's own calendar. */
export interface CalendarWords {
  /** “December 2026”, “7–13 December 2026”. */
  period(view: CalendarPeriod['view'], start: string): string;
  /** “Wednesday 9 December”. */
  day(date: string): string;
  /** “Thu 10 Dec, 18:00”; only the day where there is no time yet. */
  moment(planned: { readonly date: string; readonly time: string }): string;
}

const known = new Map<string, CalendarWords>();

export function calendarWords(locale: string): CalendarWords {
  const words = known.get(locale) ?? makeWords(locale);
  known.set(locale, words);
  return words;
}

function makeWords(locale: string): CalendarWords {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  const month = format({ month: 'long', year: 'numeric' });
  const week = format({ day: 'numeric', month: 'long', year: 'numeric' });
  const day = format({ weekday: 'long', day: 'numeric', month: 'long' });
  const shortDay = format({ weekday: 'short', day: 'numeric', month: 'short' });
  return {
    period: (view, start) => {
      if (view !== 'week') return month.format(instantOf(start));
      const first = instantOf(start);
      return week.formatRange(first, first + 6 * 86_400_000).replaceAll('\u2009', ' ');
    },
    day: (date) => day.format(instantOf(date)).replace(',', ''),
    moment: ({ date, time }) => {
      const words = readDate(date) === undefined ? date : shortDay.format(instantOf(date)).replace(',', '');
      return time === '' ? words : `${words}, ${time}`;
    },
  };
}

function instantOf(date: string): number {
  return Date.parse(`${date}T00:00Z`);
}
