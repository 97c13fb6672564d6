import { expect } from 'chai';
import { freeTimesOf } from '../../../core/calendar/free-times.ts';
import type { FreeSlotQuestion } from '../../../core/slots/slot-service.ts';
import { createTestClock } from '../../support/clock.ts';

const noon = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;
const day = { date: '2026-11-21', from: noon - 12 * hour, to: noon + 12 * hour };
const team = { id: 4, name: 'Hazel & Rye', zone: 'UTC', role: 'editor' } as const;

describe('times that are free', () => {
  const asked: FreeSlotQuestion[] = [];
  const slot = (time: string) => ({ at: 0, wall: `2026-11-21T${time}` });
  const slots = {
    nextFreeSlots: (question: FreeSlotQuestion) => {
      asked.push(question);
      const byChannel = new Map([
        [1, [slot('18:00'), slot('20:00')]],
        [2, [slot('15:30'), slot('18:00')]],
      ]);
      return Promise.resolve({ byChannel, shared: [] });
    },
  };
  const find = freeTimesOf({ slots, clock: createTestClock(noon) });
  beforeEach(() => asked.splice(0));

  it('are the slots of the rest of the day, each time once, in order.', async () => {
    expect(await find(team, { day, channelIds: [1, 2] })).to.deep.equal(['15:30', '18:00', '20:00']);
    expect(asked).to.deep.equal([{ teamId: 4, channelIds: [1, 2], from: noon, until: day.to, count: 12 }]);
  });

  it('are none on a day that is over, nor without channels, and nobody is asked.', async () => {
    const yesterday = { date: '2026-11-20', from: day.from - 24 * hour, to: day.from };
    expect(await find(team, { day: yesterday, channelIds: [1] })).to.deep.equal([]);
    expect(await find(team, { day, channelIds: [] })).to.deep.equal([]);
    expect(asked).to.deep.equal([]);
  });
});
