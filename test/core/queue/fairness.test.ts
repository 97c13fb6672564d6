import { expect } from 'chai';
import { DueJobs } from '../../../core/queue/due-jobs.ts';
import { FairTurns } from '../../../core/queue/fair-turns.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  createEngineWorld,
  type EngineWorld,
  jobOf,
  makeWorker,
  schedule,
  until,
} from '../../support/engine-world.ts';

describe('Turns over channels', () => {
  const job = (id: number, lane: number) => ({ id, lane, runAt: id, deaths: 0 });
  const many = (lane: number, from: number) => Array.from({ length: 20 }, (_, n) => job(from + n, lane));
  const lanesOf = (jobs: readonly { readonly lane: number }[]): readonly number[] => jobs.map(({ lane }) => lane);

  it('go round, whoever has how much waiting, and on where they stopped', () => {
    const turns = new FairTurns(20);
    const due = [...many(1, 0), ...many(2, 100), job(200, 3)];
    expect(lanesOf(turns.choose(due, { free: 5, held: new Map(), mostSuspects: 1 }))).to.deep.equal([1, 2, 3, 1, 2]);
    expect(lanesOf(turns.choose(due, { free: 2, held: new Map(), mostSuspects: 1 }))).to.deep.equal([3, 1]);
  });

  it('leave half of the slots to others, and nobody waits for a slot that nobody else wants of no channel', () => {
    const turns = new FairTurns(10);
    const hand = { free: 6, held: new Map([[1, 4]]), mostSuspects: 1 };
    expect(lanesOf(turns.choose(many(1, 0), hand))).to.deep.equal([1]);
    expect(lanesOf(turns.choose(many(0, 0), { free: 6, held: new Map([[0, 4]]), mostSuspects: 1 }))).to.have.lengthOf(
      6,
    );
  });
});

onEachDatabase('A flood of one channel', (db) => {
  let world: EngineWorld;
  let channels: number[];
  beforeEach(async () => {
    world = await createEngineWorld(db());
    channels = [];
    for (let n = 0; n < 4; n += 1) channels.push((await addChannel(world)).id);
  });

  let made = 0;
  const fill = async (lane: number, count: number, agoMs: number): Promise<void> => {
    const rows = Array.from({ length: count }, () => ({
      ...{ kind: 'test', key: `k${(made += 1)}`, payload: '{}', state: 'waiting', lane },
      ...{ run_at: world.clock.now() - agoMs, created_at: 0, updated_at: 0 },
    }));
    await db().knex.batchInsert('jobs', rows, 250);
  };
  const lane = (n: number): number => channels[n] ?? 0;
  const claimer = () => {
    const due = new DueJobs(db(), { slots: 10, random: () => 0.5 });
    return async (free: number, held: ReadonlyMap<number, number> = new Map()) => {
      const now = world.clock.now();
      return due.claim({ owner: 'a', free, held, mostSuspects: 1, now, leaseUntil: now + 60_000 });
    };
  };

  it('of 500 posts makes no other channel wait, whether its post is older, newer or in the middle', async () => {
    await fill(lane(0), 250, 60_000);
    await fill(lane(1), 1, 30_000);
    await fill(lane(0), 250, 20_000);
    await fill(lane(2), 1, 90_000);
    await fill(lane(3), 1, 0);
    await fill(0, 1, 40_000);
    const { claims } = await claimer()(6);
    expect(new Set(claims.map((job) => job.lane))).to.deep.equal(new Set([0, ...channels]));
  });

  it('never holds more than half of the slots, and says when to look again', async () => {
    await fill(lane(0), 50, 1_000);
    await fill(lane(1), 1, -5_000);
    const claim = claimer();
    const first = await claim(10);
    expect(first.claims).to.have.lengthOf(5);
    const held = new Map([[lane(0), 5]]);
    world.clock.advance(60);
    expect(await claim(5, held)).to.deep.include({ claims: [], isAll: true, nextDueAt: world.clock.now() + 4_940 });
    world.clock.advance(4_940);
    expect((await claim(5, held)).claims.map((job) => job.lane)).to.deep.equal([lane(1)]);
  });

  it('is known by the channel of each post', async () => {
    const delivery = await schedule(world);
    expect(await jobOf(world, delivery)).to.include({ lane: delivery.channelId });
  });

  it('is worked off to the last job by two workers, each job once', async () => {
    await fill(lane(0), 60, 2_000);
    await fill(lane(1), 20, 1_000);
    await fill(0, 5, 500);
    const ran: string[] = [];
    const handler = { kind: 'test', run: ({ key }: { readonly key: string }) => done(ran, key) };
    const workers = [makeWorker(world, [handler]), makeWorker(world, [handler])];
    await Promise.all(workers.map((worker) => worker.start()));
    await until(() => ran.length >= 85, 'all have run');
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(new Set(ran)).to.have.lengthOf(85);
    expect(await db().knex('jobs').distinct('state', 'fence')).to.deep.equal([{ state: 'finished', fence: 1 }]);
  });
});

function done(ran: string[], key: string): Promise<{ readonly kind: 'done' }> {
  ran.push(key);
  return Promise.resolve({ kind: 'done' });
}
