import { expect } from 'chai';
import fc from 'fast-check';
import { isZone, readWallTime, resolveWallTime, wallTimeAt, zoneNames } from '../../../core/time/zones.ts';
import { chosenSeed, createDice, trialsFrom } from '../../chaos/dice.ts';
import { scanForWallTime, shownAt } from './wall-time-oracle.ts';

const trials = trialsFrom('CHAOS_P9_TRIALS', 1_000);

type Case = readonly [wall: string, zone: string, at: string, note: 'gap' | 'overlap' | undefined];

const table: readonly Case[] = [
  ['2026-03-29T01:59', 'Europe/Berlin', '2026-03-29T00:59Z', undefined],
  ['2026-03-29T02:00', 'Europe/Berlin', '2026-03-29T01:00Z', 'gap'],
  ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:00Z', 'gap'],
  ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00Z', undefined],
  ['2026-10-25T01:59', 'Europe/Berlin', '2026-10-24T23:59Z', undefined],
  ['2026-10-25T02:00', 'Europe/Berlin', '2026-10-25T00:00Z', 'overlap'],
  ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30Z', 'overlap'],
  ['2026-10-25T03:00', 'Europe/Berlin', '2026-10-25T02:00Z', undefined],
  ['2026-03-29T01:30', 'Europe/London', '2026-03-29T01:00Z', 'gap'],
  ['2026-10-25T01:30', 'Europe/London', '2026-10-25T00:30Z', 'overlap'],
  ['2026-03-08T02:30', 'America/New_York', '2026-03-08T07:00Z', 'gap'],
  ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30Z', 'overlap'],
  ['2026-03-08T02:15', 'America/Los_Angeles', '2026-03-08T10:00Z', 'gap'],
  ['2026-11-01T01:59', 'America/Los_Angeles', '2026-11-01T08:59Z', 'overlap'],
  ['2010-03-14T00:30', 'America/St_Johns', '2010-03-14T03:31Z', 'gap'],
  ['2026-11-01T01:30', 'America/St_Johns', '2026-11-01T04:00Z', 'overlap'],
  ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:30Z', 'gap'],
  ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45Z', 'overlap'],
  ['2026-10-04T02:30', 'Australia/Lord_Howe', '2026-10-03T15:30Z', undefined],
  ['2026-10-04T02:30', 'Australia/Sydney', '2026-10-03T16:00Z', 'gap'],
  ['2026-04-05T02:30', 'Australia/Sydney', '2026-04-04T15:30Z', 'overlap'],
  ['2011-12-30T00:00', 'Pacific/Apia', '2011-12-30T10:00Z', 'gap'],
  ['2011-12-30T12:00', 'Pacific/Apia', '2011-12-30T10:00Z', 'gap'],
  ['2011-12-29T23:59', 'Pacific/Apia', '2011-12-30T09:59Z', undefined],
  ['2011-12-31T00:00', 'Pacific/Apia', '2011-12-30T10:00Z', undefined],
  ['2026-02-15T02:30', 'Africa/Casablanca', '2026-02-15T01:30Z', 'overlap'],
  ['2026-03-22T02:30', 'Africa/Casablanca', '2026-03-22T02:00Z', 'gap'],
  ['2026-06-01T12:00', 'Africa/Casablanca', '2026-06-01T11:00Z', undefined],
  ['2026-01-01T00:00', 'Pacific/Kiritimati', '2025-12-31T10:00Z', undefined],
  ['2026-12-31T23:59', 'Pacific/Niue', '2027-01-01T10:59Z', undefined],
  ['2028-02-29T12:00', 'Europe/Berlin', '2028-02-29T11:00Z', undefined],
  ['2028-02-29T23:59', 'Asia/Kolkata', '2028-02-29T18:29Z', undefined],
  ['2026-09-27T02:50', 'Pacific/Chatham', '2026-09-26T14:00Z', 'gap'],
  ['2026-04-05T03:00', 'Pacific/Chatham', '2026-04-04T13:15Z', 'overlap'],
  ['2026-07-01T06:45', 'Asia/Kathmandu', '2026-07-01T01:00Z', undefined],
  ['2026-09-06T00:30', 'America/Santiago', '2026-09-06T04:00Z', 'gap'],
  ['2026-04-04T23:30', 'America/Santiago', '2026-04-05T02:30Z', 'overlap'],
  ['2026-04-24T00:30', 'Africa/Cairo', '2026-04-23T22:00Z', 'gap'],
  ['2026-03-29T02:30', 'UTC', '2026-03-29T02:30Z', undefined],
  ['2016-03-27T02:30', 'Antarctica/Troll', '2016-03-27T01:00Z', 'gap'],
];

const zones = [
  ...new Set(table.map(([, zone]) => zone)),
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
  for (const [wall, zone, at, note] of table) {
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
