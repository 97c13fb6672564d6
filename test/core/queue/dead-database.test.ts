import { expect } from 'chai';
import type { Database, Sql } from '../../../core/db/database.ts';
import type { Worker } from '../../../core/queue/worker.ts';
import { createRunningClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import {
  attemptsOf,
  createEngineWorld,
  type EngineWorld,
  makeWorker,
  quickTimings,
  runDue,
  schedule,
} from '../../support/engine-world.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { givenTime } from '../../support/given-time.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';
import { until } from '../../support/until.ts';

describe('A database that dies', () => {
  before(needs('mariadbd'));
  let server: MariaDbServer;
  let db: Database;
  let worker: Worker | undefined;
  before(async function () {
    this.timeout(120_000);
    server = await startMariaDb();
    db = await openTestDatabase({ mariadb: server });
  });
  after(async () => {
    await worker?.stop();
    await db.close();
    await server.stop();
  });

  it('is served again within five seconds of its return, with nothing lost and nothing begun twice (40 posts)', async function () {
    this.timeout(120_000);
    const clock = { ...createRunningClock(), set: () => undefined };
    const timings = { ...quickTimings, idlePollMs: 100, rescueMs: 200, leaseMs: 15_000, heartbeatMs: 3_750 };
    const world = await createEngineWorld(db, { ...timings, beatAgainMs: 100, backoffBaseMs: 50 }, clock);
    const sent = workAsTheRealOne(world);
    const posts = [];
    for (let n = 0; n < 40; n += 1) posts.push(await schedule(world, { inMs: n * 20 }));
    worker = makeWorker(world, [world.publishing], 4);
    await worker.start();
    await until(() => sent.size >= 5, 'it works');
    await server.kill9();
    await server.restart();
    const awayMs = await givenTime(async () => {
      const first = await schedule(world);
      await until(() => sent.has(first.id), 'it serves again');
    });
    expect(awayMs).to.be.below(5_000);

    const open = ['scheduled', 'publishing', 'processing'];
    await until(async () => (await db.knex('deliveries').whereIn('state', open)).length === 0, 'all are published');
    expect(await db.knex('deliveries').distinct('state')).to.deep.equal([{ state: 'published' }]);
    expect(sent.size).to.equal(41);
    expect(await db.knex('attempts').count({ n: '*' })).to.deep.equal([{ n: 41 }]);
  });
});

/** Sends under a point of no return that is stored before, and only looks afterwards. @returns what was sent */
function workAsTheRealOne(world: EngineWorld): ReadonlySet<number> {
  const sent = new Set<number>();
  world.network.advance = async (delivery, attempt) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const at = world.clock.now();
    if (attempt.pointOfNoReturnAt === null) {
      return { kind: 'continue', stage: 'publishing', progress: null, pointOfNoReturn: true, at };
    }
    sent.add(delivery.id);
    return { kind: 'published', remoteIds: [`v${delivery.id}`] };
  };
  return sent;
}

onEachDatabase('A COMMIT whose answer is lost', (db) => {
  /** The next transaction ends in an error of the connection, after its COMMIT or instead of it. */
  const losing = (fate: 'stored' | 'not stored') => {
    let isArmed = false;
    const lost = Object.assign(new Error('Connection lost: The server closed the connection.'), {
      code: 'PROTOCOL_CONNECTION_LOST',
    });
    const own: Database = {
      ...db(),
      transaction: async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
        if (!isArmed) return db().transaction(work);
        isArmed = false;
        return db()
          .transaction(async (sql) => {
            const answer = await work(sql);
            if (fate === 'not stored') throw lost;
            return answer;
          })
          .then(() => Promise.reject(lost));
      },
    };
    return { own, arm: () => void (isArmed = true) };
  };

  for (const fate of ['stored', 'not stored'] as const) {
    it(`of the point of no return is read again before anything is sent (${fate})`, async () => {
      const { own, arm } = losing(fate);
      const world = await createEngineWorld(own);
      const steps: string[] = [];
      world.network.advance = (_delivery, attempt) => {
        const at = world.clock.now();
        steps.push(attempt.pointOfNoReturnAt === null ? 'commit' : 'send');
        if (attempt.pointOfNoReturnAt !== null) return { kind: 'published', remoteIds: ['1'] };
        if (steps.length === 1) arm();
        return { kind: 'continue', stage: 'publishing', progress: null, pointOfNoReturn: true, at };
      };
      const delivery = await schedule(world);
      await runDue(world);
      world.clock.advance(60_000);
      await runDue(world);
      expect(steps).to.deep.equal(fate === 'stored' ? ['commit', 'send'] : ['commit', 'commit', 'send']);
      expect(await world.desk.find(world.teamId, delivery.id)).to.include({ state: 'published' });
      expect(await attemptsOf(world, delivery)).to.have.lengthOf(1);
    });

    it(`of the outcome does not bring another one about (${fate})`, async () => {
      const { own, arm } = losing(fate);
      const world = await createEngineWorld(own);
      let asked = 0;
      world.network.advance = () => {
        asked += 1;
        if (asked === 1) arm();
        return { kind: 'published', remoteIds: ['1'] };
      };
      const delivery = await schedule(world);
      await runDue(world);
      world.clock.advance(60_000);
      await runDue(world);
      expect(asked).to.equal(fate === 'stored' ? 1 : 2);
      expect(await world.desk.find(world.teamId, delivery.id)).to.include({ state: 'published' });
      const told = await world.desk.timeline(world.teamId, delivery.id);
      expect(told.filter((event) => event.kind === 'delivery.published')).to.have.lengthOf(1);
      expect(await db().knex('jobs').distinct('state')).to.deep.equal([{ state: 'finished' }]);
    });
  }
});
