import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { claimDueJobs } from '../../../core/queue/claim-store.ts';
import { Neighbours } from '../../../core/queue/neighbours.ts';
import { type Place, readPlace } from '../../../core/queue/place.ts';
import { lookAround, upsertWorker } from '../../../core/queue/worker-store.ts';
import type { Database } from '../../../core/db/database.ts';
import { openTestDatabase } from '../../support/database.ts';
import { createEngineWorld, type EngineWorld, makeWorker, quickTimings, until } from '../../support/engine-world.ts';

describe('What a dead worker held', () => {
  let db: Database;
  let world: EngineWorld;
  let here: Place;
  let gonePid: number;
  before(function () {
    const place = readPlace();
    // Where nothing is known of processes leases are all there is.
    if (place === null) return this.skip();
    here = place;
    gonePid = spawnSync('true').pid;
  });
  beforeEach(async () => {
    db = await openTestDatabase();
    world = await createEngineWorld(db, { ...quickTimings, deathLookMs: 10, beatAgainMs: 1 });
  });
  afterEach(() => db.close());

  /** One job, held by the worker of that process. */
  const hold = async (id: string, { pid, place }: { readonly pid: number; readonly place: Place | null }) => {
    const now = world.clock.now();
    await world.queue.enqueue({ kind: 'test', key: id, payload: null, runAt: now - 1_000 });
    await claimDueJobs(db, { owner: id, limit: 1, now, leaseUntil: now + world.timings.leaseMs });
    await upsertWorker(db.knex, { id, host: 'north', pid, startedAt: now, seenAt: now, facts: {}, place });
  };
  const neighboursOf = (place: Place | null, own = db) => {
    const told: string[] = [];
    const deps = { ...world, db: own, log: world.log.log, id: 'me', place, whenFreed: () => void told.push('freed') };
    return { told, neighbours: new Neighbours(deps) };
  };
  const workers = async () => (await lookAround(db.knex, world.clock.now())).workers;
  const jobs = async (): Promise<unknown> =>
    db.knex('jobs').orderBy('id').select('key', 'state', 'lease_owner', 'deaths', 'fence', 'run_at');
  const givenBack = (key: string) => {
    return { key, state: 'waiting', lease_owner: null, deaths: 1, fence: 1, run_at: world.clock.now() };
  };

  it('waits again at once, counted as a death, behind what was due before it died', async () => {
    await hold('dead', { pid: gonePid, place: here });
    // Its number is that of another process now: this one.
    await hold('replaced', { pid: process.pid, place: { ...here, began: '1' } });
    const { told, neighbours } = neighboursOf(here);
    await neighbours.meet(await workers());
    expect(await jobs()).to.deep.equal([givenBack('dead'), givenBack('replaced')]);
    expect(await workers()).to.deep.equal([]);
    expect(told).to.deep.equal(['freed']);
    expect(world.log.text().match(/a worker of this machine died: its jobs wait again/g)).to.have.lengthOf(2);
    await neighbours.leave();
  });

  it('is left to its lease as long as nobody can say for certain that it is dead', async () => {
    const elsewhere = { ...here, name: 'another machine' };
    await hold('elsewhere', { pid: gonePid, place: elsewhere });
    await hold('unknown', { pid: gonePid, place: null });
    await hold('alive', { pid: process.pid, place: here });
    await hold('dead', { pid: gonePid, place: here });
    const before = await jobs();
    const { neighbours: ofNowhere } = neighboursOf(null);
    await ofNowhere.meet(await workers());
    expect(await jobs()).to.deep.equal(before);
    const { neighbours } = neighboursOf(here);
    await neighbours.meet(await workers());
    await neighbours.meet(await workers());
    expect(await db.knex('jobs').where({ state: 'waiting' }).select('key')).to.deep.equal([{ key: 'dead' }]);
    expect((await workers()).map(({ id }) => id)).to.have.members(['elsewhere', 'unknown', 'alive']);
    await neighbours.leave();
  });

  it('waits once more when its last claim was committed only after its death was seen', async () => {
    await hold('dead', { pid: gonePid, place: here });
    const { neighbours } = neighboursOf(here);
    await neighbours.meet(await workers());
    await db.knex('jobs').update({ state: 'running', lease_owner: 'dead', lease_until: 2 ** 50 });
    await neighbours.meet(await workers());
    expect(await jobs()).to.deep.equal([givenBack('dead')]);
    await neighbours.leave();
  });

  it('waits again as soon as the database takes it', async () => {
    const child = spawn('sleep', ['60']);
    await hold('dying', { pid: child.pid ?? 0, place: { ...here, began: beganOf(child.pid) } });
    let refusals = 0;
    const transaction: Database['transaction'] = (work) => {
      refusals += 1;
      return refusals <= 3 ? Promise.reject(new Error('Gone away.')) : db.transaction(work);
    };
    const { told, neighbours } = neighboursOf(here, { ...db, transaction });
    await neighbours.meet(await workers());
    expect(refusals, 'while it lives').to.equal(0);
    child.kill('SIGKILL');
    await until(() => told.length === 1, 'it is given back');
    expect(await jobs()).to.deep.equal([givenBack('dying')]);
    await neighbours.leave();
  });

  it('is run by a worker that starts, before anything else is claimed, and once by two', async () => {
    await hold('dead', { pid: gonePid, place: here });
    await world.queue.enqueue({ kind: 'test', key: 'fresh', payload: null, runAt: world.clock.now() });
    const ran: string[] = [];
    const run = ({ key, fence }: { readonly key: string; readonly fence: number }) => {
      ran.push(`${key} ${fence}`);
      return Promise.resolve({ kind: 'done' } as const);
    };
    const started = [1, 2].map(() => makeWorker(world, [{ kind: 'test', run }]));
    for (const worker of started) await worker.start();
    await until(() => ran.length >= 2, 'both have run');
    for (const worker of started) await worker.stop();
    expect(ran).to.have.members(['dead 2', 'fresh 1']);
  });
});

function beganOf(pid = 0): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21] ?? '';
}
