import { expect } from 'chai';
import { z } from 'zod';
import { standardTimings } from '../../../core/timings.ts';
import { trialsFrom } from '../../chaos/dice.ts';
import type { Bundle } from '../../support/bundle.ts';
import { bundleOfDeadlyProcess, DeadlyWorld } from '../../support/deadly-world.ts';
import { Supervision } from '../../support/supervision.ts';
import { until } from '../../support/until.ts';

/** A fifteenth of the shipped one: ten processes on two processors must be able to renew theirs. */
const leaseMs = 4_000;
const kills = trialsFrom('CHAOS_P5_TRIALS', 10);
/** Processes that are killed at the same moment. */
const atOnce = 10;
const poisons = trialsFrom('CHAOS_P6_TRIALS', 4);
const poisonFates = ['dies', 'eats memory', 'loops', 'never returns'];
/** Posts beside each that is poison. */
const healthy = 20;
/** How long a step may take, and how long a process may stand still. */
const [budgetMs, standstillMs] = [400, 1_500];
/** How often the processes look who the others are. */
const meetMs = 1_000;
/** What a machine with two processors may add to each of the times: there, processes begin and end all the while. */
const machineMs = 3_000;
const { deathLookMs } = standardTimings;
/** After its time was up and it did not end all the same. */
const leftMs = budgetMs + 300;

/** For the runs by hand, whose results are written down. */
const say = (words: string): void => void process.stdout.write(`      ${words}\n`);
const many = (count: number, fate: string): readonly string[] => Array.from({ length: count }, () => fate);

describe('Workers that die', function () {
  this.timeout(90_000 + (kills + poisons * 2) * 5_000);
  let made: Bundle;
  let world: DeadlyWorld;
  before(async () => {
    made = await bundleOfDeadlyProcess();
  });
  after(() => made.remove());
  beforeEach(async () => {
    world = await DeadlyWorld.open(made, leaseMs);
  });
  afterEach(() => world.close());

  const lastRealAt = (): number => Math.max(...world.ledger().map(({ what, at }) => (what === 'real' ? at : 0)));
  const areBegun = (ids: readonly number[]): boolean => ids.every((id) => world.countOf(id, 'begun') > 0);

  it(`P5: are followed within a lease and ten seconds when they were on another machine (${kills} kills)`, async () => {
    let slowestMs = 0;
    for (let killed = 0; killed < kills;) {
      const some = await killSome();
      killed += some.killed;
      slowestMs = Math.max(slowestMs, some.slowestMs);
    }
    if (kills > atOnce) say(`the slowest was followed after ${slowestMs} ms, with a lease of ${leaseMs} ms`);
  });

  /** In the middle of uploads. @returns how many died, and after how long the last upload went on, ms */
  const killSome = async (): Promise<{ readonly killed: number; readonly slowestMs: number }> => {
    const uploads = await world.scheduleMany(many(atOnce, 'uploads'));
    const machine = 'another machine';
    // One slot each, so that each of them holds one.
    await Promise.all(many(atOnce, machine).map(() => world.startProcess({ leaseMs, slots: 1, machine })));
    await until(() => areBegun(uploads), 'each is being uploaded');
    const killed = new Set(world.ledger().flatMap(({ id, pid }) => (uploads.includes(id) ? [pid] : []))).size;
    expect(await world.claimsOf(uploads), 'none was taken for dead while it lived').to.equal(1);
    world.killAll();
    const killedAt = world.clock.now();
    const leases = await world.leasesOf(uploads);
    const worker = await world.takeOver();
    await until(() => world.areEnded(), 'all are published');
    await worker.stop();
    const slowestMs = lastRealAt() - killedAt;
    expect(await world.statesOf(uploads)).to.deep.equal([{ state: 'published', outcome_code: null }]);
    expect(slowestMs).to.be.at.most((leaseMs * 70) / 60 + machineMs);
    // Nobody here can see that they are dead.
    for (const { id, what, at } of world.ledger()) {
      const until = leases.get(id);
      if (what === 'real' && until !== undefined) expect(at, 'robbed before its lease had ended').to.be.at.least(until);
    }
    for (const id of uploads) expect(world.countOf(id, 'real')).to.equal(1);
    return { killed, slowestMs };
  };

  it('P5: are followed within seconds when they were on the same machine, however long their lease is (2 kills)', async function () {
    if (process.platform !== 'linux') this.skip();
    const uploads = await world.scheduleMany(many(4, 'uploads'));
    await Promise.all([1, 2].map(() => world.startProcess({ leaseMs: 60_000, slots: 2 })));
    await until(() => areBegun(uploads), 'each is being uploaded');
    const worker = await world.takeOver();
    world.killAll();
    const killedAt = world.clock.now();
    await until(() => world.areEnded(), 'all are published');
    await worker.stop();
    expect(lastRealAt() - killedAt).to.be.at.most(deathLookMs + machineMs);
    for (const id of uploads) expect(world.countOf(id, 'real')).to.equal(1);
  });

  it('P5: are not robbed when they stand still for twenty seconds, and do nothing any more when for longer than a lease (8 posts)', async () => {
    const shortly = await world.scheduleMany(many(4, 'blocks shortly'));
    const child = await world.startProcess({ leaseMs });
    await until(() => world.ledger().length > 0, 'it stands still');
    const [stoodAt = 0] = world.ledger().map(({ at }) => at);
    const worker = await world.takeOver();
    await until(() => world.areEnded(), 'all are published');
    const robbed = world.ledger().filter(({ pid, at }) => pid === process.pid && at < stoodAt + leaseMs / 3);
    expect(robbed, 'taken over while it stood still').to.deep.equal([]);
    await worker.stop();

    const posts = await world.scheduleMany(many(4, 'blocks'));
    await until(() => posts.some((id) => world.countOf(id, 'begun') > 0), 'it stands still for longer');
    const other = await world.takeOver();
    await until(() => world.areEnded(), 'all are published by another');
    await other.stop();
    const [last = 0] = await world.scheduleMany(['none']);
    await until(() => world.countOf(last, 'real') === 1, 'it works again');
    const { pid } = child;
    const ofChild = (id: number) => world.ledger().filter((entry) => entry.id === id && entry.pid === pid);
    for (const id of [...shortly, ...posts]) expect(world.countOf(id, 'real')).to.equal(1);
    for (const id of posts) expect(ofChild(id).filter(({ what }) => what === 'real')).to.deep.equal([]);
    expect(posts.flatMap(ofChild).length, 'claims that the fence refused').to.be.at.least(1);
    expect(await world.db.knex('attempts').count({ n: '*' })).to.deep.equal([{ n: 9 }]);
  });

  it(`P6: of posts that kill, eat memory, loop or never return take three each at most, and hold up nothing but what they held, until they are dead (${poisons} posts)`, async function () {
    if (process.platform !== 'linux') this.skip();
    for (const sql of noteGivenBack) await world.db.knex.raw(sql);
    // No lease ends while this lasts.
    const facts = { leaseMs: 600_000, rescueMs: meetMs, budgetMs, watchdogMs: standstillMs };
    const watched = new Supervision(2, () => world.startProcess(facts));
    const usual = [await runRound('none', watched), await runRound('none', watched)];
    const usualMs = Math.max(...usual.map(({ lateMs }) => lateMs));
    const worst: Record<string, Round> = {};
    for (let n = 0; n < poisons; n += 1) {
      const fate = poisonFates[n % poisonFates.length] ?? 'dies';
      const round = await runRound(fate, watched);
      const told = `beside a post that ${fate}: ${JSON.stringify({ usualMs, ...round })}`;
      expect(round.lateMs, `late, ms, ${told}`).to.be.at.most(2 * usualMs + machineMs);
      // Neither does anybody see a death nor can anything go on while no process is there.
      expect(round.unseenMs, `dead until seen, ms, ${told}`).to.be.at.most(deathLookMs + round.noneMs + machineMs);
      expect(round.followedMs, `seen until out, ms, ${told}`).to.be.at.most(2 * usualMs + round.noneMs + machineMs);
      worst[fate] = worstOf(worst[fate], round);
    }
    const deaths = watched.ended.size;
    await watched.end(() => world.killAll());
    if (poisons > 4) say(JSON.stringify({ usualMs, worst, deaths }));
  });

  /** Posts that are due at the same moment, the third of this fate, until all of them have ended. */
  const runRound = async (fate: string, watched: Supervision): Promise<Round> => {
    await until(() => watched.working === 2, 'both work');
    const noneBefore = watched.noneMs;
    const dueAt = world.clock.now() + 300;
    const ids = await world.scheduleMany([...many(2, 'none'), fate, ...many(healthy - 2, 'none')], dueAt);
    const others = fate === 'none' ? ids : ids.filter((_, n) => n !== 2);
    const hasEnded = async (): Promise<boolean> => {
      if (fate === 'never returns') await endLease(ids[2]);
      return world.areEnded();
    };
    await until(hasEnded, `the round has ended, ${fate}`, 60_000);
    expect(await world.statesOf(others)).to.deep.equal([{ state: 'published', outcome_code: null }]);
    for (const id of others) expect(world.countOf(id, 'real')).to.equal(1);
    for (const id of ids.filter((one) => !others.includes(one))) await expectPoison(id, fate, watched);
    return { ...(await lagsOf(others, { dueAt, ended: watched.ended })), noneMs: watched.noneMs - noneBefore };
  };

  /** The host's own way out of a step that does not return even when it is told to: its worker renews its lease no more. */
  const endLease = async (id = 0): Promise<void> => {
    const left = world.db.knex('jobs').where({ key: String(id), state: 'running' });
    await left.where('updated_at', '<', world.clock.now() - leftMs).update({ lease_until: 0 });
  };

  const expectPoison = async (id: number, fate: string, watched: Supervision): Promise<void> => {
    expect(await world.statesOf([id])).to.deep.equal([{ state: 'needs-attention', outcome_code: 'poison' }]);
    const pids = world.ledger().flatMap((entry) => (entry.id === id && entry.what === 'begun' ? [entry.pid] : []));
    expect(pids.length, `deaths by a post that ${fate}`).to.be.within(1, 3);
    // The last one may stand still yet.
    const areOver = (): boolean => fate === 'never returns' || pids.every((pid) => watched.ended.has(pid));
    await until(areOver, 'those that it kills are dead');
  };

  const lagsOf = async (ids: readonly number[], { dueAt, ended }: Pick<Supervision, 'ended'> & { dueAt: number }) => {
    const rows: unknown = await world.db.knex('given_back').whereIn('key', ids.map(String)).orderBy('at');
    const backs = z.array(givenBackRow).parse(rows);
    const lag = { lateMs: 0, heldLateMs: 0, unseenMs: 0, followedMs: 0 };
    for (const { pid, at } of backs) {
      const life = ended.get(pid) ?? { readyAt: 0, endedAt: Number.NEGATIVE_INFINITY };
      // Who had only just begun may not be known to the other yet.
      const unknownMs = life.endedAt - life.readyAt < meetMs ? meetMs : 0;
      lag.unseenMs = Math.max(lag.unseenMs, at - life.endedAt - unknownMs);
    }
    for (const id of ids) {
      const outAt = world.ledger().find((entry) => entry.id === id && entry.what === 'real')?.at ?? Infinity;
      const back = backs.findLast(({ key }) => key === String(id));
      if (back === undefined) lag.lateMs = Math.max(lag.lateMs, outAt - dueAt);
      else lag.heldLateMs = Math.max(lag.heldLateMs, outAt - dueAt);
      lag.followedMs = Math.max(lag.followedMs, back === undefined ? 0 : outAt - back.at);
    }
    return lag;
  };
});

/** Of the healthy posts of one round, the longest of each, in milliseconds. */
interface Round {
  /** From due until out, of those that no process held when it died. */
  readonly lateMs: number;
  readonly heldLateMs: number;
  /** Of those that one held: from its death until they waited again, and from then until they were out. */
  readonly unseenMs: number;
  readonly followedMs: number;
  /** For how long no process worked at all. */
  readonly noneMs: number;
}

function worstOf(one: Round | undefined, other: Round): Round {
  const most = (of: (round: Round) => number): number => Math.max(one === undefined ? 0 : of(one), of(other));
  return {
    lateMs: most((round) => round.lateMs),
    heldLateMs: most((round) => round.heldLateMs),
    unseenMs: most((round) => round.unseenMs),
    followedMs: most((round) => round.followedMs),
    noneMs: most((round) => round.noneMs),
  };
}

/** Who held what when it died: a claim that is given back with its deaths still counted. */
const noteGivenBack = [
  'create table given_back (key text, pid integer, at integer)',
  `create trigger note_given_back after update on jobs
   when old.state = 'running' and new.state = 'waiting' and new.deaths > 0
   begin
     insert into given_back
     values (old.key, (select pid from workers where id = old.lease_owner), new.updated_at);
   end`,
];
const givenBackRow = z.object({ key: z.string(), pid: z.number(), at: z.number() });
