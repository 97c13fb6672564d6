import { Temporal } from 'temporal-polyfill';
import { resolveWallTime, wallTimeAt } from '../time/zones.ts';
import { type FreeSlot, minuteOf, type Slot } from './slot.ts';

/** How far ahead is looked: a channel that is full for so long has no free slot. */
const mostDays = 400;

export interface SlotQuestion {
  readonly slots: readonly Slot[];
  /** IANA name. */
  readonly zone: string;
  /** Minutes that are taken, see `minuteOf`. */
  readonly taken: ReadonlySet<number>;
  /** UTC milliseconds; a slot at this very instant counts. */
  readonly from: number;
  /** UTC milliseconds, not included. */
  readonly until?: number;
  readonly count: number;
}

/**
 * The next free slots, the earliest first. A slot that the clocks jump over on a day is left out that day; of one that
 * comes twice the first counts. Pure.
 */
export function findFreeSlots(question: SlotQuestion): readonly FreeSlot[] {
  const { slots, zone, from, count, until = Infinity } = question;
  const found: FreeSlot[] = [];
  if (slots.length === 0 || count < 1) return found;
  const first = Temporal.PlainDate.from(wallTimeAt(from, zone).slice(0, 10));
  for (let n = 0; n < mostDays; n += 1) {
    for (const slot of onDay(first.add({ days: n }), question)) {
      if (slot.at >= until) return found;
      found.push(slot);
      if (found.length === count) return found;
    }
  }
  return found;
}

function onDay(day: Temporal.PlainDate, { slots, zone, taken, from }: SlotQuestion): readonly FreeSlot[] {
  return slots
    .filter(({ weekday }) => weekday === day.dayOfWeek)
    .flatMap(({ time }): readonly FreeSlot[] => {
      const wall = `${day.toString()}T${time}`;
      const { at, note } = resolveWallTime(wall, zone);
      return note === 'gap' || at < from || taken.has(minuteOf(at)) ? [] : [{ at, wall }];
    })
    .sort((one, other) => one.at - other.at);
}
