import { expect } from 'chai';
import { createDatabaseClock } from '../../../core/db/database-clock.ts';
import type { Database } from '../../../core/db/database.ts';
import { publishJobKind } from '../../../core/deliveries/publishing-context.ts';
import { createWorker } from '../../../core/queue/worker.ts';
import { resolveWallTime } from '../../../core/time/zones.ts';
import { createTestClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import {
  addChannel,
  addPost,
  createEngineWorld,
  dueIn,
  makeWorker,
  quickTimings,
  runDue,
} from '../../support/engine-world.ts';
import type { EngineWorld } from '../../support/engine-world.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';
import { until } from '../../support/until.ts';

const minute = 60_000;
const zone = 'Europe/Berlin';

describe('A moved clock', () => {
  for (const { night, walls } of [
    {
      night: 'spring, when 02:30 does not exist',
      walls: ['2026-03-29T01:59', '2026-03-29T02:30', '2026-03-29T03:00', '2026-03-29T03:01'],
    },
    {
      night: 'autumn, when 02:30 comes twice',
      walls: ['2026-10-25T01:59', '2026-10-25T02:30', '2026-10-25T02:59', '2026-10-25T03:00'],
    },
  ]) {
    it(`P9: publishes in the minute that is due, once and never early, through the night of ${night}.`, async () => {
      const due = walls.map((wall) => ({ wall, zone, at: resolveWallTime(wall, zone).at }));
      const first = Math.min(...due.map(({ at }) => at));
      const world = await createEngineWorld(
        await openTestDatabase(),
        quickTimings,
        createTestClock(first - 5 * minute),
      );
      const begun = recordBegins(world);
      const ids: number[] = [];
      for (const one of due) ids.push(await scheduleAt(world, one));
      for (let passed = 0; passed < 140; passed += 1) {
        await runDue(world);
        world.clock.advance(minute);
      }
      expect(begun).to.deep.equal(due.map(({ at }, index) => ({ id: ids[index], at })).sort((a, b) => a.at - b.at));
      await world.db.close();
    });
  }
});

describe('Hosts whose clocks differ by seven minutes, on MariaDB', function () {
  this.timeout(120_000);
  before(needs('mariadbd'));
  let server: MariaDbServer;
  let db: Database;
  before(async () => {
    server = await startMariaDb();
    db = await openTestDatabase({ mariadb: server });
  });
  after(async () => {
    await db.close();
    await server.stop();
  });

  for (const skew of [7 * minute, -7 * minute]) {
    const which = skew > 0 ? 'ahead' : 'behind';
    it(`P9: a web host ${which} schedules by the database’s time, and nothing is early or double.`, async () => {
      const right = { ...createTestClock(), now: () => Date.now() };
      const host = createDatabaseClock(db, { now: () => Date.now() + skew });
      await host.measure();
      const web = await createEngineWorld(db, quickTimings, { ...right, now: () => host.now() });
      const world = { ...web, clock: right };
      const begun = recordBegins(world);
      const due = dueIn(web, 400);
      const id = await scheduleAt(web, due);
      const worker = makeWorker(world);
      await worker.start();
      await until(() => begun.length > 0, 'it has begun');
      await worker.stop();
      expect(begun.map((one) => one.id)).to.deep.equal([id]);
      expect(begun[0]?.at)
        .to.be.at.least(due.at)
        .and.below(due.at + 10_000);
      expect(Math.abs(due.at - 400 - Date.now())).to.be.below(20_000);
    });

    it(`P9: a worker host ${which} claims nothing and says so; another one publishes, once.`, async () => {
      const right = { ...createTestClock(), now: () => Date.now() };
      const world = await createEngineWorld(db, quickTimings, right);
      const begun = recordBegins(world);
      const id = await scheduleAt(world, dueIn(world, 0));
      const host = createDatabaseClock(db, { now: () => Date.now() + skew });
      const parts = { ...world, handlers: [world.publishing], log: world.log.log };
      const skewed = createWorker({ ...parts, measureClock: () => host.measure() });
      await skewed.start();
      await until(() => world.log.text().includes('set it; nothing is claimed'), 'it was said');
      const job: unknown = await db
        .knex('jobs')
        .where({ kind: publishJobKind, key: String(id) })
        .first('state', 'fence');
      expect(job).to.deep.equal({ state: 'waiting', fence: 0 });
      const worker = makeWorker(world);
      await worker.start();
      await until(() => begun.length > 0, 'it has begun');
      await Promise.all([worker.stop(), skewed.stop()]);
      expect(begun).to.have.lengthOf(1);
    });
  }
});

function recordBegins(world: EngineWorld): { readonly id: number; readonly at: number }[] {
  const begun: { id: number; at: number }[] = [];
  const advance = world.network.advance;
  world.network.advance = (delivery, attempt, tools) => {
    begun.push({ id: delivery.id, at: world.clock.now() });
    return advance(delivery, attempt, tools);
  };
  return begun;
}

async function scheduleAt(world: EngineWorld, due: { wall: string; zone: string; at: number }): Promise<number> {
  const place = { postId: await addPost(world), teamId: world.teamId, channelId: (await addChannel(world)).id };
  const delivery = { ...place, plugin: 'fake', options: null, consent: null, due };
  return world.db.transaction((sql) => world.desk.create(delivery, sql));
}
