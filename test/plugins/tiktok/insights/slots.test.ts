import { expect } from 'chai';
import { slotOf } from '../../../../plugins/tiktok/insights/slots.ts';

describe('What numbers of a day stand for', () => {
  const slots: readonly (readonly [string, string, number, string])[] = [
    ['the day itself in a video’s first 30 days', '2026-11-26', 30, '2026-11-26'],
    ['the first week from its first day on, which is no Monday', '2026-11-29', 33, '2026-11-27'],
    ['each week from Monday on', '2026-12-03', 37, '2026-11-30'],
    ['a Monday’s own week', '2026-11-30', 34, '2026-11-30'],
    ['the first month from its first day on', '2027-04-30', 185, '2027-04-26'],
    ['each month', '2027-05-31', 216, '2027-05-01'],
  ];
  for (const [sentence, day, ageDays, slot] of slots) {
    it(`is ${sentence}`, () => {
      expect(slotOf(day, ageDays)).to.equal(slot);
    });
  }
});
