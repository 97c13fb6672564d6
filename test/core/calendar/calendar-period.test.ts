import { expect } from 'chai';
import { periodOf, wallClockOf } from '../../../core/calendar/calendar-period.ts';
import { calendarWords } from '../../../core/calendar/calendar-words.ts';
import { wallTimeAt } from '../../../core/time/zones.ts';

const zone = 'Europe/Copenhagen';
const now = Date.UTC(2026, 11, 9, 9);

describe('a period of the calendar', () => {
  it('is whole weeks around a month.', () => {
    const month = periodOf({ view: 'month', at: '2026-12-24', now, zone });
    expect(month).to.include({ start: '2026-12-01', previous: '2026-11-01', next: '2027-01-01', today: '2026-12-09' });
    expect(month).to.include({ firstDate: '2026-11-30', endDate: '2027-01-04', at: '2026-12-24' });
    expect(month.days).to.have.length(35);
    expect(month.from).to.equal(Date.UTC(2026, 10, 29, 23));
    expect(month.to).to.equal(Date.UTC(2027, 0, 3, 23));
  });

  it('is Monday to Sunday of a week, and the days of a month in a list.', () => {
    const week = periodOf({ view: 'week', at: '2026-12-13', now, zone });
    expect(week).to.include({ firstDate: '2026-12-07', endDate: '2026-12-14', next: '2026-12-14' });
    const list = periodOf({ view: 'list', at: undefined, now, zone });
    expect(list).to.include({ firstDate: '2026-12-01', endDate: '2027-01-01', at: '2026-12-09' });
  });

  it('is around today for whatever is no date.', () => {
    for (const at of [undefined, '', '2026-02-31', '9 December', '0000-00-00', '9999-12-31'])
      expect(periodOf({ view: 'month', at, now, zone }).at, at).to.equal('2026-12-09');
    // In Auckland it is tomorrow already.
    const late = periodOf({ view: 'week', at: undefined, now: now + 4 * 3_600_000, zone: 'Pacific/Auckland' });
    expect(late.today).to.equal('2026-12-10');
  });

  it('reads the clocks of its days as the zone shows them, also where they change.', () => {
    for (const at of ['2026-03-29', '2026-10-25', '2026-12-09']) {
      const { days, from, to } = periodOf({ view: 'month', at, now, zone });
      const clock = wallClockOf(days, zone);
      for (let time = from; time < to; time += 37 * 60_000)
        expect(clock(time), String(time)).to.equal(wallTimeAt(time, zone));
    }
  });

  it('has words.', () => {
    expect(calendarWords('en-GB').period('month', '2026-12-01')).to.equal('December 2026');
    expect(calendarWords('en-GB').period('week', '2026-12-07')).to.match(/^7.{1,3}13 December 2026$/);
    expect(calendarWords('en-GB').period('week', '2026-12-28')).to.match(/^28 December 2026.{1,3}3 January 2027$/);
    expect(calendarWords('en-GB').moment({ date: '2026-12-10', time: '18:00' })).to.equal('Thu 10 Dec, 18:00');
    expect(calendarWords('en-GB').moment({ date: '2026-12-10', time: '' })).to.equal('Thu 10 Dec');
  });
});
