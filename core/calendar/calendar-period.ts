import { Temporal } from 'temporal-polyfill';
import { daysFrom, type Day } from '../time/days.ts';
import { wallTimeAt } from '../time/zones.ts';
import { calendarDates, type CalendarSpan } from './calendar-store.ts';

export const calendarViews = ['month', 'week', 'list'] as const;
export type CalendarView = (typeof calendarViews)[number];

/** What a view shows around a day. Dates are e.g. `2026-12-09`, days of the team's zone. */
export interface CalendarPeriod extends CalendarSpan {
  readonly view: CalendarView;
  /** The chosen day. */
  readonly at: string;
  readonly today: string;
  /** The month that a month or a list is about; a week's first day. */
  readonly start: string;
  /** Every day that is shown: whole weeks in a month. */
  readonly days: readonly Day[];
  /** The first day of the period before and after. */
  readonly previous: string;
  readonly next: string;
}

interface PeriodQuestion {
  readonly view: CalendarView;
  /** Undefined, or no date: today. */
  readonly at: string | undefined;
  readonly now: number;
  readonly zone: string;
}

export function periodOf({ view, at, now, zone }: PeriodQuestion): CalendarPeriod {
  const today = Temporal.PlainDate.from(wallTimeAt(now, zone));
  const chosen = readDate(at) ?? today;
  const start = view === 'week' ? mondayOf(chosen) : chosen.with({ day: 1 });
  const first = view === 'list' ? start : mondayOf(start);
  const next = view === 'week' ? start.add({ weeks: 1 }) : start.add({ months: 1 });
  const end = view === 'month' ? mondayOf(next.subtract({ days: 1 })).add({ weeks: 1 }) : next;
  const days = daysFrom(first, first.until(end).days, zone);
  const previous = view === 'week' ? start.subtract({ weeks: 1 }) : start.subtract({ months: 1 });
  return {
    view,
    at: chosen.toString(),
    today: today.toString(),
    start: start.toString(),
    days,
    from: days[0]?.from ?? now,
    to: days.at(-1)?.to ?? now,
    firstDate: first.toString(),
    endDate: end.toString(),
    previous: previous.toString(),
    next: next.toString(),
  };
}

const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** @returns undefined for what is no date */
export function readDate(text: string | undefined): Temporal.PlainDate | undefined {
  if (text === undefined || !datePattern.test(text)) return undefined;
  if (text < calendarDates.first || text >= calendarDates.end) return undefined;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    return undefined;
  }
}

function mondayOf(date: Temporal.PlainDate): Temporal.PlainDate {
  return date.subtract({ days: date.dayOfWeek - 1 });
}

const dayMs = 24 * 3_600_000;

/**
 * Reads instants as wall times `YYYY-MM-DDTHH:mm` of the days. A day of 24 hours is counted through; asking the zone
 * for each of a thousand posts would cost more than the rest of the page.
 */
export function wallClockOf(days: readonly Day[], zone: string): (at: number) => string {
  return (at) => {
    const day = days.find(({ from, to }) => at >= from && at < to);
    if (day === undefined || day.to - day.from !== dayMs) return wallTimeAt(at, zone);
    const minutes = Math.floor((at - day.from) / 60_000);
    return `${day.date}T${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
  };
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
