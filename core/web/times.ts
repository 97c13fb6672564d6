import type { Translate } from '#plugin-api';
import { MinuteFormat, MinuteMemo } from './minute-format.ts';

/** Times as people of one team read them. All take UTC milliseconds. */
export interface TimeWords {
  /** “Today, 10:41”, “8 Dec, 10:41”, with the year where it is another one. */
  short(at: number): string;
  /** “Wednesday 9 December 2026, 10:42”. */
  long(at: number): string;
  /** “Wednesday 9 December”. */
  day(at: number): string;
  /** “9 Dec”, of a day of the calendar, YYYY-MM-DD; with the year where it is another one. */
  date(day: string): string;
  /** “27–28 Nov and 3 Dec”, of days of the calendar. */
  dates(spans: readonly DaySpan[]): string;
  /** “10:42”. */
  clock(at: number): string;
  /** “10:42:07”. */
  seconds(at: number): string;
  /** “37 minutes ago”, “in 2 hours”. */
  ago(at: number): string;
  readonly zone: string;
}

/** From the first to the last day, YYYY-MM-DD, both with. */
interface DaySpan {
  readonly from: string;
  readonly to: string;
}

interface Formats {
  readonly clock: MinuteFormat;
  readonly seconds: Intl.DateTimeFormat;
  readonly date: MinuteFormat;
  readonly dateWithYear: MinuteFormat;
  readonly day: MinuteFormat;
  readonly dayWithYear: MinuteFormat;
  /** Tells days apart: 2026-12-09. */
  readonly key: MinuteFormat;
  readonly ago: Intl.RelativeTimeFormat;
  readonly list: Intl.ListFormat;
  /** Whole, as they were said today and with these words; “today” is another day tomorrow. */
  said: {
    readonly today: string;
    readonly t: Translate | undefined;
    readonly short: MinuteMemo;
    readonly long: MinuteMemo;
  };
}

/** Making one of these costs more than a whole page: they are kept, but never without bound (zones come from people). */
const mostKept = 200;
const kept = new Map<string, Formats>();

interface TimeContext {
  readonly zone: string;
  /** E.g. `en-GB`: 24 hours, day before month. */
  readonly locale: string;
  readonly now: number;
  readonly t: Translate;
}

export function timeWords({ zone, locale, now, t }: TimeContext): TimeWords {
  const formats = formatsOf(locale, zone);
  const today = formats.key.format(now);
  if (formats.said.today !== today || formats.said.t !== t) formats.said = newlySaid(today, t);
  const { said } = formats;
  const isSameDay = (day: string) => day === today;
  const isSameYear = (day: string) => day.slice(0, 4) === today.slice(0, 4);
  const clock = (at: number) => formats.clock.format(at);
  const short = (at: number) => {
    const day = formats.key.format(at);
    if (isSameDay(day)) return t('web:time.today', { clock: clock(at) });
    const date = (isSameYear(day) ? formats.date : formats.dateWithYear).format(at);
    return t('web:time.date', { date, clock: clock(at) });
  };
  const long = (at: number) =>
    t('web:time.date', { date: withoutComma(formats.dayWithYear.format(at)), clock: clock(at) });
  // A day of the calendar is the same one everywhere.
  const days = formatsOf(locale, 'UTC');
  const dateFormat = ({ from, to }: DaySpan) => {
    const year = today.slice(0, 4);
    return from.slice(0, 4) === year && to.slice(0, 4) === year ? days.date : days.dateWithYear;
  };
  return {
    zone,
    clock,
    seconds: (at) => formats.seconds.format(at),
    short: (at) => said.short.of(at, short),
    long: (at) => said.long.of(at, long),
    day: (at) => withoutComma((isSameYear(formats.key.format(at)) ? formats.day : formats.dayWithYear).format(at)),
    date: (day) => dateFormat({ from: day, to: day }).format(Date.parse(day)),
    dates: (spans) =>
      formats.list.format(
        spans.map((span) => dateFormat(span).formatRange(Date.parse(span.from), Date.parse(span.to))),
      ),
    ago: (at) => inWords(formats.ago, at - now),
  };
}

function newlySaid(today: string, t?: Translate): Formats['said'] {
  return { today, t, short: new MinuteMemo(), long: new MinuteMemo() };
}

function withoutComma(day: string): string {
  return day.replace(',', '');
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

function inWords(ago: Intl.RelativeTimeFormat, differenceMs: number): string {
  for (const [unit, ms] of units) {
    if (Math.abs(differenceMs) >= ms) return ago.format(Math.trunc(differenceMs / ms), unit);
  }
  return ago.format(Math.trunc(differenceMs / 1_000), 'second');
}

function formatsOf(locale: string, zone: string): Formats {
  const key = `${locale} ${zone}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= mostKept) kept.clear();
  const made = makeFormats(locale, zone);
  kept.set(key, made);
  return made;
}

function makeFormats(locale: string, timeZone: string): Formats {
  const date = { timeZone, day: 'numeric', month: 'short' } as const;
  const day = { timeZone, weekday: 'long', day: 'numeric', month: 'long' } as const;
  return {
    clock: new MinuteFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    seconds: new Intl.DateTimeFormat(locale, { timeZone, timeStyle: 'medium', hourCycle: 'h23' }),
    date: new MinuteFormat(locale, date),
    dateWithYear: new MinuteFormat(locale, { ...date, year: 'numeric' }),
    day: new MinuteFormat(locale, day),
    dayWithYear: new MinuteFormat(locale, { ...day, year: 'numeric' }),
    key: new MinuteFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
    ago: new Intl.RelativeTimeFormat(locale, { numeric: 'always' }),
    list: new Intl.ListFormat(locale),
    said: newlySaid(''),
  };
}
