import { expect } from 'chai';
import fc from 'fast-check';
import { findFreeTime, findFullStretch, sortUses, type Use } from '../../../core/forecast/full-days.ts';

const minute = 60_000;
const hour = 3_600_000;
const cap = { limit: 3, withinMs: 24 * hour };
const at = (...hours: readonly number[]): readonly Use[] => hours.map((h, n) => ({ at: h * hour, member: `d${n}` }));
const mine = (h: number): Use => ({ at: h * hour, member: 'mine' });

describe('days that are too full', () => {
  it('counts the 24 hours before, both ends included', () => {
    expect(findFullStretch(at(0, 10, 20), mine(24), cap)).to.deep.equal({ endsAt: 24 * hour, taken: 3 });
    expect(findFullStretch(at(0, 10, 20), { ...mine(24), at: 24 * hour + 1 }, cap)).to.equal(undefined);
    expect(findFullStretch(at(0, 10), mine(24), cap)).to.equal(undefined);
  });

  it('tells of a later post that it would push over the limit', () => {
    expect(findFullStretch(at(30, 40, 50), mine(28), cap)).to.deep.equal({ endsAt: 50 * hour, taken: 3 });
    expect(findFullStretch(at(30, 40, 53), mine(28), cap)).to.equal(undefined);
  });

  it('counts one member once, and not against itself', () => {
    const uses = [1, 2, 3, 4].map((h) => ({ at: h * hour, member: 'north' }));
    expect(findFullStretch(uses, { at: 5 * hour, member: 'south' }, { ...cap, limit: 2 })).to.equal(undefined);
    expect(findFullStretch(uses, { at: 5 * hour, member: 'south' }, { ...cap, limit: 1 })?.taken).to.equal(1);
    expect(findFullStretch(uses, { at: 5 * hour, member: 'north' }, { ...cap, limit: 1 })).to.equal(undefined);
  });

  it('offers the first minute at which a place is given back, and nothing where a week is full', () => {
    expect(findFreeTime(at(0, 10, 20), mine(22), cap)).to.equal(24 * hour + minute);
    const everyHour = at(...Array.from({ length: 400 }, (_, n) => n));
    expect(findFreeTime(everyHour, mine(24), cap)).to.equal(null);
  });

  it('agrees with counting every stretch of every minute', () => {
    const short = { limit: 2, withinMs: 10 * minute };
    const uses = fc.array(fc.record({ at: fc.nat(60), member: fc.constantFrom('a', 'b', 'c', 'd') }), {
      maxLength: 14,
    });
    const isOver = (all: readonly Use[], time: number): boolean => {
      for (let end = time; end <= time + 10 * minute; end += minute) {
        const inside = all.filter((use) => use.at >= end - 10 * minute && use.at <= end);
        if (new Set(inside.map(({ member }) => member)).size > 2) return true;
      }
      return false;
    };
    fc.assert(
      fc.property(uses, fc.nat(60), (raw, minutes) => {
        const sorted = sortUses(raw.map((use) => ({ ...use, at: use.at * minute })));
        const use = { at: minutes * minute, member: 'me' };
        const naive = (time: number) => isOver([...sorted, { ...use, at: time }], time);
        expect(findFullStretch(sorted, use, short) !== undefined).to.equal(naive(use.at));
        if (!naive(use.at)) return;
        const free = findFreeTime(sorted, use, short) ?? Number.NaN;
        expect(naive(free)).to.equal(false);
        for (let time = use.at; time < free; time += minute) expect(naive(time)).to.equal(true);
      }),
      { numRuns: 200 },
    );
  });
});
