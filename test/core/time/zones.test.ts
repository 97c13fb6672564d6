import { expect } from 'chai';
import fc from 'fast-check';
import { isZone, readWallTime, resolveWallTime, wallTimeAt, zoneNames } from '../../../core/time/zones.ts';
import { chosenSeed, createDice, trialsFrom } from '../../chaos/dice.ts';
import { scanForWallTime, shownAt } from './wall-time-oracle.ts';
import { wallTimes } from './wall-time-table.ts';

const trials = trialsFrom('CHAOS_P9_TRIALS', 1_000);

const zones = [
  ...new Set(wallTimes.map(([, zone]) => zone)),
  'Asia/Tokyo',
  'America/Sao_Paulo',
  'Asia/Gaza',
  'Africa/Juba',
];
const from = Date.UTC(1991, 0, 1) / 60_000;
const to = Date.UTC(2060, 0, 1) / 60_000;

/** Any minute, and as often one close to a night on which clocks are moved in March, April, September or October. */
const minutes = fc.oneof(
  fc.integer({ min: from, max: to }),
  fc
    .record({
      year: fc.integer({ min: 1991, max: 2059 }),
      month: fc.constantFrom(2, 3, 8, 9, 10),
      day: fc.integer({ min: 1, max: 31 }),
      minute: fc.integer({ min: -60, max: 240 }),
    })
    .map(({ year, month, day, minute }) => Date.UTC(year, month, day) / 60_000 + minute),
);

describe('times on the wall', () => {
  for (const [wall, zone, at, note] of wallTimes) {
    it(`P9: reads ${wall} in ${zone} as ${at}${note === undefined ? '' : ` (${note})`}.`, () => {
      const resolved = resolveWallTime(wall, zone);
      expect(new Date(resolved.at).toISOString()).to.equal(at.replace('Z', ':00.000Z'));
      expect(resolved.note).to.equal(note);
      expect(wallTimeAt(resolved.at, zone)).to.equal(resolved.wall);
    });
  }

  it(`P9: agrees with a scan of UTC minutes for ${trials} random times and zones.`, function () {
    this.timeout(60_000 + trials * 50);
    const dice = createDice(chosenSeed());
    fc.assert(
      fc.property(minutes, fc.constantFrom(...zones), (minute, zone) => {
        const wall = new Date(minute * 60_000).toISOString().slice(0, 16);
        const expected = scanForWallTime(wall, zone);
        const { at, note } = resolveWallTime(wall, zone);
        expect({ at, note }, `CHAOS_SEED=${dice.seed}: ${wall} ${zone}`).to.deep.equal({
          at: expected.at,
          note: expected.note,
        });
      }),
      { numRuns: trials, seed: dice.between(0, 2 ** 31 - 1) },
    );
  });

  it('shows an instant as the clocks of the zone do.', () => {
    fc.assert(
      fc.property(minutes, fc.constantFrom(...zones), (minute, zone) => {
        expect(wallTimeAt(minute * 60_000, zone)).to.equal(shownAt(minute * 60_000, zone));
      }),
    );
  });

  it('says in a gap which time it will be instead.', () => {
    expect(resolveWallTime('2026-03-29T02:30', 'Europe/Berlin').wall).to.equal('2026-03-29T03:00');
    expect(resolveWallTime('2026-10-25T02:30', 'Europe/Berlin').wall).to.equal('2026-10-25T02:30');
  });

  it('reads the values of date and time inputs and refuses what is no date.', () => {
    expect(readWallTime('2028-02-29', '12:30')).to.equal('2028-02-29T12:30');
    expect(readWallTime('2026-11-21', '09:30:00')).to.equal('2026-11-21T09:30');
    for (const [date, time] of [
      ['2027-02-29', '12:30'],
      ['2026-13-01', '12:30'],
      ['2026-11-21', '24:00'],
      ['2026-11-21', '9:30'],
      ['21.11.2026', '09:30'],
      ['2026-11-21', '09:30 or so'],
      ['', ''],
    ] as const) {
      expect(readWallTime(date, time), `${date} ${time}`).to.equal(undefined);
    }
  });

  it('knows IANA zones and refuses offsets and inventions.', () => {
    for (const zone of ['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Pacific/Kiritimati'])
      expect(isZone(zone), zone).to.equal(true);
    for (const zone of ['+01:00', '', 'Europe/Atlantis', '../etc/passwd', 'Europe/Berlin\n'])
      expect(isZone(zone), zone).to.equal(false);
    expect(zoneNames()).to.include.members(['Europe/Berlin', 'UTC']);
    expect(zoneNames().every(isZone)).to.equal(true);
  });
});
