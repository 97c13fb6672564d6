import { expect } from 'chai';
import { type Explanation, RemoteError, type Step } from '#plugin-api';
import type { Delivery } from '../../../core/deliveries/delivery.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  attemptsOf,
  createEngineWorld,
  type EngineWorld,
  runDue,
  schedule,
} from '../../support/engine-world.ts';

const because: Explanation = { sentence: 'It let us out.', who: 'team', nextStep: 'Reconnect.', code: 'refused' };

onEachDatabase('A delivery whose channel was connected anew through another app', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);
  const goOn = (facts: { readonly pointOfNoReturn?: true } = {}): Step => ({
    ...{ kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now() + 1_000 },
    ...facts,
  });
  const refuse = (): void => {
    world.network.advance = () => {
      throw new RemoteError({ kind: 'reconnect', explanation: because });
    };
  };
  /** It waits for its next step, and then its channel has another access. @returns the new access */
  const begun = async (step: Step): Promise<{ readonly delivery: Delivery; readonly credentialId: number }> => {
    const delivery = await schedule(world);
    world.network.advance = () => step;
    await runDue(world);
    const { credentialId } = await addChannel(world);
    await db().knex('channels').where({ id: delivery.channelId }).update({ credential_id: credentialId });
    await world.desk.wakeChannel(delivery.channelId);
    return { delivery, credentialId };
  };

  it('asks a person at once when the old access dies past the point of no return: nobody connects that again', async () => {
    const { delivery } = await begun(goOn({ pointOfNoReturn: true }));
    refuse();
    world.clock.advance(1_000);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention', hold: null, outcomeCode: 'account_switched' });
    expect((await now(delivery)).outcome).to.include({ mayBePosted: true, who: 'team' });
    expect(await attemptsOf(world, delivery)).to.have.lengthOf(1);
    expect((await attemptsOf(world, delivery))[0]).to.include({ outcome: 'open' });
  });

  it('is looked after with the old access as long as that works', async () => {
    const { delivery, credentialId } = await begun(goOn({ pointOfNoReturn: true }));
    world.network.advance = (_delivery, _attempt, { account }) => {
      expect(account.accountId).to.not.equal(undefined);
      return { kind: 'published', remoteIds: ['1'] };
    };
    world.clock.advance(1_000);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
    expect((await attemptsOf(world, delivery))[0]?.['credential_id']).to.not.equal(credentialId);
  });

  it('begins again with the new access before the point of no return, where nothing can be posted', async () => {
    const { delivery, credentialId } = await begun(goOn());
    world.network.advance = () => ({ kind: 'published', remoteIds: ['1'] });
    world.clock.advance(1_000);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published' });
    const attempts = await attemptsOf(world, delivery);
    expect(attempts.map((row) => [row['outcome'], row['reason']])).to.deep.equal([
      ['superseded', 'outdated'],
      ['published', null],
    ]);
    expect(attempts[1]).to.include({ credential_id: credentialId });
  });
});
