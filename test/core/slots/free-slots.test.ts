import { expect } from 'chai';
import fc from 'fast-check';
import { findFreeSlots } from '../../../core/slots/free-slots.ts';
import { minuteOf, type Slot } from '../../../core/slots/slot.ts';
import { wallTimeAt } from '../../../core/time/zones.ts';

const none = new Set<number>();
const everyDay = (time: string): Slot[] => [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, time }));

describe('free posting slots', () => {
  it('leaves a slot out on the day on which the clocks jump over it', () => {
    const slots = everyDay('02:30');
    const from = Date.UTC(2026, 2, 27, 12);
    const found = findFreeSlots({ slots, zone: 'Europe/Berlin', taken: none, from, count: 3 });
    expect(found.map(({ wall }) => wall)).to.deep.equal(['2026-03-28T02:30', '2026-03-30T02:30', '2026-03-31T02:30']);
  });

  it('takes the first of the two where a slot comes twice', () => {
    const from = Date.UTC(2026, 9, 24, 12);
    const [found] = findFreeSlots({ slots: everyDay('02:30'), zone: 'Europe/Berlin', taken: none, from, count: 1 });
    expect(found).to.deep.equal({ wall: '2026-10-25T02:30', at: Date.UTC(2026, 9, 25, 0, 30) });
  });

  it('ends at the end that is asked for, and where nothing is ever free', () => {
    const question = { slots: everyDay('12:00'), zone: 'UTC', from: 0, count: 5 };
    expect(findFreeSlots({ ...question, taken: none, until: Date.UTC(1970, 0, 3, 12) })).to.have.lengthOf(2);
    const taken = new Set(Array.from({ length: 500 }, (_, day) => minuteOf(Date.UTC(1970, 0, day + 1, 12))));
    expect(findFreeSlots({ ...question, taken })).to.deep.equal([]);
  });

  it('finds exactly what a look at every half hour finds', () => {
    const halfHourMs = 1_800_000;
    const slot = fc.record({
      weekday: fc.integer({ min: 1, max: 7 }),
      time: fc
        .integer({ min: 0, max: 47 })
        .map((n) => `${String(n >> 1).padStart(2, '0')}:${n % 2 === 0 ? '00' : '30'}`),
    });
    const distinct = fc.uniqueArray(slot, { selector: ({ weekday, time }) => `${weekday} ${time}`, maxLength: 12 });
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Sydney', 'Asia/Kolkata', 'UTC');
    // Around the days on which these zones change their clocks, and on ordinary ones.
    const start = fc.constantFrom(
      Date.UTC(2026, 2, 25),
      Date.UTC(2026, 9, 22),
      Date.UTC(2026, 9, 2),
      Date.UTC(2026, 6, 1),
    );
    const later = fc.integer({ min: 0, max: 300 });
    const steps = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 60 });
    fc.assert(
      fc.property(
        fc.record({ slots: distinct, zone, start, later, steps }),
        ({ slots, zone: inZone, start: day, later: hours, steps: takenSteps }) => {
          const from = day + hours * 600_000;
          const grid = Math.ceil(from / halfHourMs) * halfHourMs;
          const taken = new Set(takenSteps.map((step) => minuteOf(grid + step * halfHourMs)));
          const until = from + 9 * 86_400_000;
          const seen = new Set([...Array(4).keys()].map((n) => wallTimeAt(grid - (n + 1) * halfHourMs, inZone)));
          const expected: { at: number; wall: string }[] = [];
          for (let at = grid; at < until; at += halfHourMs) {
            const wall = wallTimeAt(at, inZone);
            const isFirst = !seen.has(wall);
            seen.add(wall);
            const weekday = new Date(`${wall}Z`).getUTCDay() || 7;
            const isSlot = slots.some((one) => one.weekday === weekday && one.time === wall.slice(11));
            if (isSlot && isFirst && !taken.has(minuteOf(at))) expected.push({ at, wall });
          }
          const found = findFreeSlots({ slots, zone: inZone, taken, from, until, count: 500 });
          expect(found).to.deep.equal(expected);
          expect(findFreeSlots({ slots, zone: inZone, taken, from, until, count: 2 })).to.deep.equal(
            expected.slice(0, 2),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
