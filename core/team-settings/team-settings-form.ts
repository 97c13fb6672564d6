import type { Translate } from '#plugin-api';
import { InputError, type FieldProblem } from '../errors.ts';
import { type Slot, weekdays } from '../slots/slot.ts';
import { isZone, readWallTime } from '../time/zones.ts';
import type { TeamSettings } from './team-settings-store.ts';

type Typed = Readonly<Record<string, string | undefined>>;

/** The longest time a late post is kept, in hours. */
export const mostGraceHours = 168;
/** Of one day. */
const mostSlots = 24;

/** Reads zone, grace (whole hours) and approval. @throws InputError with the problem of each field */
export function readTeamSettings(typed: Typed, t: Translate): TeamSettings {
  const problems: FieldProblem[] = [];
  const zone = (typed['zone'] ?? '').trim();
  if (!isZone(zone)) problems.push({ field: 'zone', message: t('team-settings:zone.wrong') });
  const grace = (typed['grace'] ?? '').trim();
  const hours = /^\d{1,4}$/.test(grace) ? Number(grace) : 0;
  if (hours < 1 || hours > mostGraceHours) {
    problems.push({ field: 'grace', message: t('team-settings:grace.wrong', { most: mostGraceHours }) });
  }
  if (problems.length > 0) throw new InputError(problems);
  return { zone, graceSeconds: hours * 3_600, needsApproval: typed['approval'] === '1' };
}

/** Field of a weekday's times in the form of a channel. */
export function dayField(weekday: number): string {
  return `day${weekday}`;
}

/** `7:30, 18:00`, one field for each weekday. @throws InputError with the problem of each field */
export function readSlots(typed: Typed, t: Translate): readonly Slot[] {
  const problems: FieldProblem[] = [];
  const slots = weekdays.flatMap((weekday) => {
    const words = (typed[dayField(weekday)] ?? '').split(/[\s,;]+/).filter((word) => word !== '');
    const times = words.map(readTime);
    const wrong = words.find((_, n) => times[n] === undefined);
    const field = dayField(weekday);
    if (wrong !== undefined) {
      problems.push({ field, message: t('team-settings:slots.wrong', { typed: wrong.slice(0, 20) }) });
    } else if (words.length > mostSlots) {
      problems.push({ field, message: t('team-settings:slots.tooMany', { most: mostSlots }) });
    }
    const read = new Set(times.filter((time) => time !== undefined));
    return [...read].sort().map((time) => ({ weekday, time }));
  });
  if (problems.length > 0) throw new InputError(problems);
  return slots;
}

/** `7:30` and `07.30` are `07:30`. */
function readTime(typed: string): string | undefined {
  const [, hour = '', minute = ''] = /^(\d{1,2})[:.](\d{2})$/.exec(typed) ?? [];
  const time = `${hour.padStart(2, '0')}:${minute}`;
  return readWallTime('2026-01-01', time) === undefined ? undefined : time;
}

/** The times of each weekday as they are typed. */
export function typedSlots(slots: readonly Slot[]): Readonly<Record<string, string>> {
  const ofDay = (day: number) => slots.filter(({ weekday }) => weekday === day).map(({ time }) => time);
  return Object.fromEntries(weekdays.map((day) => [dayField(day), ofDay(day).join(', ')]));
}
