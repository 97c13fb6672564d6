import { expect } from 'chai';
import { type MariaDbServer, startMariaDb } from '../support/mariadb.ts';
import { needs } from '../support/needs.ts';
import { chosenSeed, createDice, trialsFrom } from './dice.ts';
import { StorageWorld } from './storage/world.ts';

/** Half of them on each database. */
const trials = Math.ceil(trialsFrom('CHAOS_P13_TRIALS', 5) / 2);

for (const kind of ['SQLite', 'MariaDB'] as const) {
  describe(`P13, places that are full or gone, on ${kind}`, function () {
    this.timeout(120_000 + trials * 60_000);
    const dice = createDice(chosenSeed());
    let server: MariaDbServer | undefined;
    let world: StorageWorld;
    if (kind === 'MariaDB') before(needs('mariadbd'));
    before(async () => {
      server = kind === 'MariaDB' ? await startMariaDb() : undefined;
      world = await StorageWorld.open(server);
    });
    after(async () => {
      await world.close();
      await server?.stop();
    });

    it(`P13: says so, stores nothing by half and recovers without hands (${trials} trials)`, async () => {
      let deck: (typeof world.troubles)[number][] = [];
      for (let trial = 1; trial <= trials; trial += 1) {
        if (deck.length === 0) deck = dice.shuffled(world.troubles);
        const trouble = deck.pop();
        if (trouble === undefined) throw new Error('There is no trouble.');
        const what = `${trouble.name}, seed ${dice.seed}, trial ${trial}`;
        for (const { status, text } of await trouble.meet(dice)) {
          expect(status, what).to.be.oneOf(server === undefined ? [303, 503] : [303, 503, 0]);
          if (status === 503) expect(text, what).to.match(/<h1>/).and.to.not.include(world.dataDir);
        }
        const { id, ...sight } = await world.uploadUntilStored();
        expect(sight, `${what}: the next upload`).to.deep.equal({ isListed: true });
        expect(await world.orphans(), what).to.deep.equal({ withoutRow: [], withoutFile: [] });
        expect(await world.damages(), what).to.deep.equal([]);
        await world.remove(id);
      }
    });
  });
}
