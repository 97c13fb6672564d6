import { expect } from 'chai';
import { mondayAfter, mondayUntil } from '../../../core/weekly/monday.ts';

const iso = (at: number): string => new Date(at).toISOString();

describe('Monday, 08:00', () => {
  it('is that of the zone, also over changes of its clocks', () => {
    const friday = Date.UTC(2026, 9, 23, 12);
    expect(iso(mondayAfter(friday, 'Europe/Copenhagen'))).to.equal('2026-10-26T07:00:00.000Z');
    expect(iso(mondayUntil(friday, 'Europe/Copenhagen'))).to.equal('2026-10-19T06:00:00.000Z');
    expect(iso(mondayAfter(friday, 'Asia/Bangkok'))).to.equal('2026-10-26T01:00:00.000Z');
    expect(iso(mondayAfter(Date.UTC(2026, 2, 24), 'Europe/Copenhagen'))).to.equal('2026-03-30T06:00:00.000Z');
  });

  it('is by the day that it is there, not in UTC', () => {
    const sundayEvening = Date.UTC(2026, 10, 22, 23);
    expect(iso(mondayAfter(sundayEvening, 'Asia/Bangkok'))).to.equal('2026-11-23T01:00:00.000Z');
    expect(iso(mondayAfter(sundayEvening, 'Pacific/Auckland'))).to.equal('2026-11-29T19:00:00.000Z');
  });

  it('has been when it is, and is next a week later', () => {
    const monday = Date.UTC(2026, 10, 23, 7);
    const zone = 'Europe/Copenhagen';
    expect([mondayUntil(monday, zone), mondayAfter(monday, zone)].map(iso)).to.deep.equal([
      '2026-11-23T07:00:00.000Z',
      '2026-11-30T07:00:00.000Z',
    ]);
    expect(mondayAfter(monday - 1, zone)).to.equal(monday);
    expect(iso(mondayUntil(monday - 1, zone))).to.equal('2026-11-16T07:00:00.000Z');
  });
});
