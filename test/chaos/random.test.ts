import { expect } from 'chai';
import { needs } from '../support/needs.ts';
import { Arena } from './random/arena.ts';

/** Fewer than by hand, for a pull request's time: `npm run chaos` runs as many as one likes. */
const trials = 4;
const deliveries = 30;

for (const kind of ['sqlite', 'mariadb'] as const) {
  describe(`P1 and P2, two worker processes on ${kind} under random kills, stops and fates`, function () {
    this.timeout(120_000);
    if (kind === 'mariadb') before(needs('mariadbd'));
    let arena: Arena;

    before(async () => {
      arena = await Arena.open(kind);
    });

    after(() => arena.close());

    for (let seed = 1; seed <= trials; seed += 1) {
      it(`leave ${deliveries} deliveries with one post each (trial ${seed} of ${trials})`, async () => {
        const { story, ...count } = await arena.trial(seed, deliveries);
        const none = { dup: 0, lost: 0, phantom: 0, stuck: 0, needsAttention: 0 };
        expect(count, story.join('\n')).to.deep.equal(none);
      });
    }
  });
}
