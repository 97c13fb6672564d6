import { expect } from 'chai';
import { trialsFrom } from '../dice.ts';
import { runTrials } from './run-trials.ts';

const trials = trialsFrom('CHAOS_RANDOM_TRIALS', 20);
const deliveries = 30;
/** Chosen once: the same kills and fates on each change. */
const seed = trialsFrom('CHAOS_RANDOM_SEED', 1);
/** Where a person has to look, and only there. */
const peoples = ['status_unknown', 'account_switched', 'poison', 'outcome_unknown'].map(
  (code) => `needs-attention ${code}`,
);

/** In a file for each database, since two files run side by side. */
export function describeRandomTrials(kind: 'sqlite' | 'mariadb', begin: (this: Mocha.Context) => void): void {
  describe('P1 and P2, a web and two worker processes under random kills, stops, fates and webhooks', function () {
    this.timeout(120_000 + trials * 60_000);
    before(begin);

    it(`leave one post of each delivery on ${kind}, and to people only what has to be (${trials} trials of ${deliveries})`, async () => {
      const { story, ends, ...bad } = await runTrials({ kind, seed, trials, deliveries });
      const none = { dup: 0, lost: 0, phantom: 0, stuck: 0, needsAttention: 0, forgotten: 0 };
      expect(bad, story.join('\n')).to.deep.equal(none);
      // Each reason for a person was met, and most photos were heard of.
      expect([...ends.keys()]).to.include.members(peoples);
      expect(ends.get('published photos'), JSON.stringify([...ends])).to.be.greaterThan(2 * trials);
    });
  });
}
