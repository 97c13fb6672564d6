import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Attempt, PublishingDelivery, PublishingTools, Step, TokenSet } from '#plugin-api';
import type { Database } from '../../../core/db/database.ts';
import type { Timings } from '../../../core/timings.ts';
import { createRunningClock } from '../../support/clock.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  addPost,
  createEngineWorld,
  dueIn,
  type EngineWorld,
  makeWorker,
  quickTimings,
  until,
} from '../../support/engine-world.ts';
import { givenTime } from '../../support/given-time.ts';

/** Its steps take no time: a stop that takes longer waits for something else. The product may take thirty seconds. */
const stopMs = 1_500;
const stops = 4;
const postsAStop = 20;
const timings: Timings = { ...quickTimings, lostAnswerMs: [10, 20] };
const clock = { ...createRunningClock(), set: () => undefined };

onEachDatabase('P11: stopping under load', (db) => {
  it(`ends in time, hands everything back and finishes a refresh that has begun (${stops} stops)`, async function () {
    this.timeout(120_000);
    const network = new StrictNetwork();
    let owner = await beginProcess(db(), network);
    const channelIds = await threeOfOneAccount(owner.world);
    for (let stop = 1; stop <= stops; stop += 1) {
      const stepsBefore = network.begun;
      await scheduleSome(owner.world, channelIds);
      await until(() => network.begun > stepsBefore + 3, `the owner works, ${stop}`);
      await pause(4 * stop);
      const took = await givenTime(() => owner.close());
      expect(took, `stop ${stop}, ms`).to.be.below(stopMs);
      expect(network.refreshing, `stop ${stop}: a refresh in flight`).to.equal(0);
      expect(await db().knex('jobs').where({ state: 'running' }).select('id'), `stop ${stop}`).to.deep.equal([]);
      expect(await db().knex('workers').select('id')).to.deep.equal([]);
      const begun = network.begun;
      await scheduleSome(owner.world, channelIds.slice(0, 1));
      const next = givenTime(() => until(() => network.begun > begun, `the next owner starts, ${stop}`));
      owner = await beginProcess(db(), network);
      expect(await next, `start ${stop}`).to.be.below(2_000);
    }
    await until(async () => (await db().knex('jobs').whereNot({ state: 'finished' })).length === 0, 'all are done');
    await owner.close();
    expect(await db().knex('deliveries').distinct('state')).to.deep.equal([{ state: 'published' }]);
    expect(await db().knex('attempts').count({ n: '*' })).to.deep.equal([{ n: postsAStop * stops }]);
    expect(network.refreshes).to.be.at.least(stops);
    expect(network.burnt, 'a refresh token used twice').to.equal(0);
    expect(await db().knex('credentials').distinct('state')).to.deep.equal([{ state: 'valid' }]);
  });
});

/** Its refresh tokens work once, and each third piece of work finds its access refused. */
class StrictNetwork {
  begun = 0;
  refreshing = 0;
  refreshes = 0;
  burnt = 0;
  #valid = 'refresh-first';

  async advance(_delivery: PublishingDelivery, attempt: Attempt, tools: PublishingTools): Promise<Step> {
    this.begun += 1;
    const token = await tools.account.accessToken();
    if (this.begun % 3 === 0) await tools.account.replace(token);
    await pause(5 + (this.begun % 20), undefined, { signal: tools.signal });
    const at = clock.now();
    if (attempt.pointOfNoReturnAt === null) {
      return { kind: 'continue', stage: 'publishing', progress: null, pointOfNoReturn: true, at };
    }
    return { kind: 'published', remoteIds: ['1'] };
  }

  async refresh({ refreshToken }: TokenSet): Promise<TokenSet> {
    this.refreshing += 1;
    if (refreshToken !== this.#valid) this.burnt += 1;
    this.refreshes += 1;
    this.#valid = `refresh-${this.refreshes}`;
    const answer = tokensNamed(String(this.refreshes));
    await pause(15);
    this.refreshing -= 1;
    return answer;
  }
}

function tokensNamed(name: string): TokenSet {
  const accessExpiresAt = clock.now() + 7_200_000;
  return {
    ...{ accessToken: `access-${name}`, refreshToken: `refresh-${name}`, accessExpiresAt },
    ...{ refreshExpiresAt: accessExpiresAt * 2, scopes: ['video.publish'] },
  };
}

/** Services and a worker of their own, as a process has them. */
async function beginProcess(db: Database, network: StrictNetwork) {
  const world = await createEngineWorld(db, timings, clock);
  world.network.advance = (...step) => network.advance(...step);
  world.network.refresh = (tokens) => network.refresh(tokens);
  const worker = makeWorker(world, [world.publishing], 6);
  await worker.start();
  return {
    world,
    close: async (): Promise<void> => {
      await worker.stop();
      await world.credentials.stop();
    },
  };
}

/** Its access is what the processes meet at. */
async function threeOfOneAccount(world: EngineWorld): Promise<readonly number[]> {
  const { id, credentialId } = await addChannel(world);
  const others = [(await addChannel(world)).id, (await addChannel(world)).id];
  await world.db.knex('channels').whereIn('id', others).update({ credential_id: credentialId });
  return [id, ...others];
}

async function scheduleSome(world: EngineWorld, channelIds: readonly number[]): Promise<void> {
  const rest = { teamId: world.teamId, plugin: 'fake', options: null, consent: null, due: dueIn(world, 0) };
  for (let n = 0; n < postsAStop / 4; n += 1) {
    const postId = await addPost(world);
    await world.db.transaction(async (sql) => {
      for (const channelId of channelIds) await world.desk.create({ ...rest, postId, channelId }, sql);
    });
  }
}
