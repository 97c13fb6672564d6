import { expect } from 'chai';
import fc from 'fast-check';
import { timesOf } from '../../../core/batches/time-pattern.ts';
import { wallTimeAt } from '../../../core/time/zones.ts';
import { chosenSeed, createDice, trialsFrom } from '../../chaos/dice.ts';
import { scanForWallTime } from '../time/wall-time-oracle.ts';
import { wallTimes } from '../time/wall-time-table.ts';

const trials = trialsFrom('CHAOS_P9_TRIALS', 1_000);
const zones = [...new Set(wallTimes.map(([, zone]) => zone)), 'Asia/Gaza', 'Asia/Tokyo'];
const copenhagen = { zone: 'Europe/Copenhagen', notBefore: 0 };

describe('times by a pattern', () => {
  for (const [wall, zone, at, note] of wallTimes) {
    it(`P9: gives ${wall} in ${zone} as ${at}${note === undefined ? '' : ` (${note})`}.`, () => {
      const pattern = { from: wall.slice(0, 10), times: [wall.slice(11)], weekdaysOnly: false };
      const [first] = timesOf(pattern, { zone, notBefore: 0, count: 1 });
      expect(first?.wall).to.equal(wall);
      expect(new Date(first?.at ?? 0).toISOString()).to.equal(at.replace('Z', ':00.000Z'));
    });
  }

  it('fills forty rows at 7:30 and 18:00 on weekdays, from the first day to the last.', () => {
    const pattern = { from: '2026-12-10', times: ['18:00', '07:30'], weekdaysOnly: true };
    const times = timesOf(pattern, { ...copenhagen, count: 40 });
    expect(times).to.have.length(40);
    expect(times.slice(0, 3).map(({ wall }) => wall)).to.deep.equal([
      '2026-12-10T07:30',
      '2026-12-10T18:00',
      '2026-12-11T07:30',
    ]);
    expect(times.at(4)?.wall).to.equal('2026-12-14T07:30');
    expect(times.at(-1)?.wall).to.equal('2027-01-06T18:00');
  });

  it('leaves out what has passed already, and begins with what comes next.', () => {
    const pattern = { from: '2026-12-10', times: ['07:30', '18:00'], weekdaysOnly: false };
    const noon = Date.UTC(2026, 11, 10, 11);
    const [first] = timesOf(pattern, { ...copenhagen, notBefore: noon, count: 1 });
    expect(first?.wall).to.equal('2026-12-10T18:00');
  });

  it('gives a moment once where the clocks make two times of it one.', () => {
    const pattern = { from: '2027-03-28', times: ['02:30', '03:00'], weekdaysOnly: false };
    const times = timesOf(pattern, { ...copenhagen, count: 2 });
    expect(times.map(({ wall }) => wall)).to.deep.equal(['2027-03-28T02:30', '2027-03-29T02:30']);
    expect(times.map(({ at }) => wallTimeAt(at, 'Europe/Copenhagen').slice(11))).to.deep.equal(['03:00', '02:30']);
  });

  it('finds nothing where nothing is asked for, or no such day is.', () => {
    expect(timesOf({ from: '2026-12-10', times: [], weekdaysOnly: false }, { ...copenhagen, count: 3 })).to.be.empty;
    const noDay = { from: '2026-02-30', times: ['09:00'], weekdaysOnly: false };
    expect(timesOf(noDay, { ...copenhagen, count: 3 })).to.be.empty;
  });

  it(`P9: agrees with a scan of UTC minutes for ${trials} random patterns and zones.`, function () {
    this.timeout(60_000 + trials * 100);
    const dice = createDice(chosenSeed());
    const day = fc.oneof(
      fc.integer({ min: Date.UTC(1991, 0, 1) / 86_400_000, max: Date.UTC(2059, 0, 1) / 86_400_000 }),
      fc
        .constantFrom(...wallTimes)
        .chain(([wall]) => fc.integer({ min: -2, max: 1 }).map((n) => Date.parse(wall.slice(0, 10)) / 86_400_000 + n)),
    );
    const minute = fc.integer({ min: 0, max: 1439 }).map((n) => new Date(n * 60_000).toISOString().slice(11, 16));
    const times = fc.uniqueArray(minute, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.record({ first: day, asked: times, weekdaysOnly: fc.boolean(), zone: fc.constantFrom(...zones) }),
        ({ first, asked, weekdaysOnly, zone }) => {
          const from = new Date(first * 86_400_000).toISOString().slice(0, 10);
          const found = timesOf({ from, times: asked, weekdaysOnly }, { zone, notBefore: -1e14, count: 5 });
          expect(found, `CHAOS_SEED=${dice.seed}: ${from} ${asked.join(' ')} ${zone}`).to.have.length(5);
          for (const [n, { wall, at }] of found.entries()) {
            const said = `CHAOS_SEED=${dice.seed}: ${wall} ${zone}`;
            // The scan is slow; the days after follow the same rule.
            if (n < 2) expect(at, said).to.equal(scanForWallTime(wall, zone).at);
            expect(at, said).to.be.greaterThan(found[n - 1]?.at ?? -Infinity);
            expect(asked, said).to.include(wall.slice(11));
            if (weekdaysOnly) expect([1, 2, 3, 4, 5], said).to.include(new Date(wall.slice(0, 10)).getUTCDay());
          }
        },
      ),
      { numRuns: trials, seed: dice.between(0, 2 ** 31 - 1) },
    );
  });
});
