import { expect } from 'chai';
import type { Explanation, Step } from '#plugin-api';
import type { Delivery } from '../../../core/deliveries/delivery.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createEngineWorld, type EngineWorld, jobOf, runDue, schedule } from '../../support/engine-world.ts';

const hour = 3_600_000;
const because: Explanation = { sentence: 'It said no.', who: 'network', nextStep: 'Wait.', code: 'said_no' };

onEachDatabase('A delivery that begins again later', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);
  const commit = (): Step => ({
    ...{ kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now() },
    pointOfNoReturn: true,
  });
  const answer = (...steps: Step[]): void => {
    world.network.advance = () => steps.shift() ?? { kind: 'failed', because };
  };

  it('says what it waits for where an attempt is given up and the next one has to wait', async () => {
    const delivery = await schedule(world);
    const at = world.clock.now() + hour;
    const over: Step = { kind: 'start-over', reason: 'init_postponed', at, hold: 'quota', because };
    answer(commit(), over);
    await runDue(world);

    const waiting = await now(delivery);
    expect(waiting).to.include({ state: 'publishing', hold: 'quota', outcomeCode: 'said_no', pointOfNoReturnAt: null });
    expect(waiting.outcome).to.include({ sentence: 'It said no.', mayBePosted: false });
    expect(await jobOf(world, delivery)).to.include({ state: 'waiting', run_at: at });
    expect((await world.desk.timeline(world.teamId, delivery.id)).map(({ kind }) => kind).slice(-2)).to.deep.equal([
      'delivery.started-over',
      'delivery.held',
    ]);

    world.clock.advance(hour);
    answer(commit(), { kind: 'published', remoteIds: ['1'] });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published', hold: null });
  });
});
