import { expect } from 'chai';
import type { Database } from '../../../core/db/database.ts';
import { type Breakers, createBreakers } from '../../../core/limits/breakers.ts';
import { createProbeTurns } from '../../../core/limits/probe-turns.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { recordingLog } from '../../support/log.ts';
import { until } from '../../support/until.ts';

const host = 'open.example';
const halfMinute = 30_000;

onEachDatabase('P12: processes that share a host which does not answer', (db) => {
  let clock: TestClock;
  beforeEach(() => {
    clock = createTestClock();
  });
  const turnsOf = (of: Database) => createProbeTurns({ db: of, clock, log: recordingLog().log });
  async function fallen(of: Database = db()): Promise<Breakers> {
    const breakers = createBreakers({ clock, random: () => 0, turns: turnsOf(of) });
    for (let n = 0; n < 20; n += 1) {
      const passage = await breakers.enter(host);
      if (!passage.open) passage.end('failed');
    }
    return breakers;
  }
  const turnsAreOver = () => until(async () => (await db().knex('call_windows')).length === 0, 'all may try');
  const areHeldBack = (processes: readonly Breakers[]): readonly boolean[] =>
    processes.map((breakers) => breakers.states().some(({ state }) => state === 'open'));

  it('try it once in half a minute altogether (4 processes, 10 minutes)', async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, () => fallen()));
    const probes: number[] = [];
    const begun = clock.now();
    while (clock.now() < begun + 20 * halfMinute) {
      clock.advance(2_500);
      const passages = await Promise.all(processes.map((breakers) => breakers.enter(host)));
      for (const passage of passages) {
        if (passage.open) expect(passage.retryAt).to.be.greaterThan(clock.now());
        else {
          probes.push(clock.now());
          passage.end('failed');
        }
      }
    }
    const gaps = probes.slice(1).map((at, n) => at - (probes[n] ?? 0));
    expect(Math.min(...gaps)).to.be.at.least(halfMinute);
    expect(probes).to.have.lengthOf.within(15, 20);
  });

  it('all call again within half a minute of the first answer', async () => {
    const processes = await Promise.all([fallen(), fallen(), fallen()]);
    clock.advance(halfMinute);
    const passages = await Promise.all(processes.map((breakers) => breakers.enter(host)));
    const probes = passages.flatMap((passage) => (passage.open ? [] : [passage]));
    expect(probes).to.have.lengthOf(1);
    probes[0]?.end('answered');
    await turnsAreOver();
    expect(areHeldBack(processes)).to.have.members([false, true, true]);
    clock.advance(halfMinute);
    for (const breakers of processes) {
      const passage = await breakers.enter(host);
      if (!passage.open) passage.end('answered');
      await turnsAreOver();
    }
    expect(areHeldBack(processes)).to.deep.equal([false, false, false]);
  });

  it('try without a turn where the database is away', async () => {
    const knex = new Proxy(db().knex, {
      apply: () => {
        throw new Error('away');
      },
    });
    const breakers = await fallen({ ...db(), knex });
    clock.advance(halfMinute);
    const passage = await breakers.enter(host);
    expect(passage.open).to.equal(false);
  });
});
