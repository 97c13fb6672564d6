import { expect } from 'chai';
import { chosenSeed, createDice, trialsFrom } from './dice.ts';
import { type Fate, fates } from './webhooks/fates.ts';
import { type Treatment, treatments } from './webhooks/post-office.ts';
import { WebhookWorld } from './webhooks/world.ts';

const runs = trialsFrom('CHAOS_P14_TRIALS', 5);
const deliveriesOfARun = 3;

describe('P14, what webhooks say', () => {
  const dice = createDice(chosenSeed());
  let world: WebhookWorld;

  before(async function () {
    this.timeout(120_000);
    world = await WebhookWorld.open(dice, deliveriesOfARun);
  });

  after(() => world.close());

  it(`P14: changes no outcome, whether none, all, fivefold, shuffled, forged or replayed (${treatments.length} × ${runs} runs)`, async function () {
    this.timeout(120_000 + runs * 60_000);
    const states = new Set<string>();
    let deck: Fate[] = [];
    for (let run = 0; run < runs; run += 1) {
      if (deck.length === 0) deck = dice.shuffled(fates);
      const chosen = deck.splice(0, deliveriesOfARun);
      const ends = await world.run(chosen);
      for (const [slot, byTreatment] of ends.entries()) {
        const what = `seed ${dice.seed}, run ${run + 1}, ${chosen[slot]?.name ?? ''}`;
        const wanted = byTreatment.get('none');
        states.add(wanted?.split(',')[0] ?? '');
        expect([...byTreatment], what).to.deep.equal(treatments.map((treatment) => [treatment, wanted]));
      }
    }
    // The runs come to different ends, and the webhooks did arrive.
    if (runs > 2) expect([...states], `seed ${dice.seed}`).to.have.members(['published', 'failed', 'needs-attention']);
    expect(statuses('none')).to.deep.equal([]);
    expect(statuses('forged')).to.have.members([200, 400]);
    for (const treatment of ['all', 'five times', 'shuffled', 'replayed after ten minutes'] as const) {
      expect(statuses(treatment), treatment).to.deep.equal([200]);
    }
  });

  function statuses(treatment: Treatment): number[] {
    return [...(world.office.answers.get(treatment)?.keys() ?? [])];
  }
});
