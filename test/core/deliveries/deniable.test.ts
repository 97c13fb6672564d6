import { expect } from 'chai';
import type { Explanation, Step } from '#plugin-api';
import type { Delivery } from '../../../core/deliveries/delivery.ts';
import { decisionsAbout } from '../../../core/deliveries/retry-rule.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createEngineWorld, type EngineWorld, runDue, schedule } from '../../support/engine-world.ts';

const hour = 3_600_000;
const because: Explanation = { sentence: 'No answer.', who: 'team', nextStep: 'Look.', code: 'outcome_unknown' };

onEachDatabase('That a post is not there', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  /** Sent at once, after which nobody knows whether the network took it. */
  const inDoubt = async (named: { readonly reference?: string }): Promise<Delivery> => {
    const delivery = await schedule(world);
    const at = world.clock.now();
    world.network.advance = (_delivery, attempt): Step =>
      attempt.pointOfNoReturnAt === null
        ? { kind: 'continue', stage: 'publishing', progress: null, at, pointOfNoReturn: true, ...named }
        : { kind: 'needs-attention', because, mayBePosted: true };
    await runDue(world);
    return delivery;
  };
  const mayBeDenied = async ({ id }: Delivery): Promise<boolean> =>
    decisionsAbout(await world.desk.find(world.teamId, id), world.clock.now()).has('not-posted');

  it('is taken after 75 minutes where the network has named it, after 6 hours where it has not', async () => {
    const named = await inDoubt({ reference: 'p_1' });
    const nameless = await inDoubt({});
    world.clock.advance(1.25 * hour);
    expect([await mayBeDenied(named), await mayBeDenied(nameless)]).to.deep.equal([true, false]);
    world.clock.advance(4.75 * hour - 1);
    expect(await mayBeDenied(nameless)).to.equal(false);
    world.clock.advance(1);
    expect(await mayBeDenied(nameless)).to.equal(true);
  });
});
