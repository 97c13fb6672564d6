import { expect } from 'chai';
import { z } from 'zod';
import type { Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import { type LimitsWorld, openLimitsWorld } from '../../support/limits-world.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';
import { chosenSeed, createDice, type Dice, trialsFrom } from '../../chaos/dice.ts';

const minute = 60_000;
const posts = trialsFrom('CHAOS_P8_POSTS', 60);
/** CHAOS_P8_TIME=true lets every minute of waiting take a minute: about half an hour altogether. */
const time = z.enum(['skipped', 'true']).parse(process.env['CHAOS_P8_TIME'] ?? 'skipped');
const withinMs = time === 'true' ? 90 * minute : 10 * minute;
/** developers.tiktok.com/doc/tiktok-api-v2-rate-limit, per user access token. */
const limits = { 'video/init': 6, 'status/fetch': 30, 'creator_info/query': 20 } as const;

describe('Three workers on one access to TikTok', () => {
  let server: MariaDbServer | undefined;
  let world: LimitsWorld | undefined;
  const dice = createDice(chosenSeed());
  before(needs('mariadbd'));
  before(async function () {
    this.timeout(120_000);
    server = await startMariaDb();
  });
  beforeEach(async function () {
    this.timeout(120_000);
    if (server !== undefined) world = await openLimitsWorld({ mariadb: server, panels: 3, time });
  });
  afterEach(async function () {
    this.timeout(120_000);
    await world?.close();
  });
  after(() => server?.stop());

  async function publishAll(prepare?: (simulator: Simulator) => void): Promise<Simulator> {
    if (world === undefined) throw new Error('There is no world.');
    const { simulator } = world;
    const [channel] = await world.addChannels(1);
    if (channel === undefined) throw new Error('There is no channel.');
    await world.schedule([channel], posts);
    prepare?.(simulator);
    await world.runUntil((published) => published === posts);
    return simulator;
  }

  /** Calls, refused and failed ones, over all hours. */
  async function countedInits(): Promise<readonly number[]> {
    const panels = world?.panels ?? [];
    for (const { base } of panels) await base.calls.counts.flush();
    const counts: unknown = await panels[0]?.base.db
      .knex('call_counts')
      .where({ plugin: 'tiktok', endpoint: 'POST /v2/post/publish/video/init/' })
      .select('calls', 'refused', 'failed');
    const rows = z.array(z.object({ calls: z.int(), refused: z.int(), failed: z.int() })).parse(counts);
    return (['calls', 'refused', 'failed'] as const).map((name) => rows.reduce((sum, row) => sum + row[name], 0));
  }

  it(`P8: publish ${posts} due posts without one 429, below 6, 30 and 20 calls in any minute`, async function () {
    this.timeout(withinMs);
    const simulator = await publishAll();
    const requests = simulator.control.requests();
    expect(requests.filter(({ status }) => status === 429)).to.deep.equal([]);
    for (const [endpoint, limit] of Object.entries(limits)) {
      const times = requests.filter((request) => request.endpoint === endpoint).map(({ at }) => at);
      expect(mostInAnyMinute(times), endpoint).to.be.within(1, limit);
    }
    expect(simulator.control.posts()).to.have.lengthOf(posts);
    const inits = requests.filter(({ endpoint }) => endpoint === 'video/init').length;
    expect(await countedInits(), 'calls of all workers, as an admin sees them').to.deep.equal([inits, 0, 0]);
  });

  it(`P8: publish all ${posts} although three calls in ten are answered 429`, async function () {
    this.timeout(withinMs);
    const simulator = await publishAll(({ control }) => refuseThreeInTen(control, dice));
    const what = `seed ${dice.seed}`;
    expect(simulator.control.posts(), what).to.have.lengthOf(posts);
    const requests = simulator.control.requests();
    for (const endpoint of Object.keys(limits)) {
      const refused = requests.filter((request) => request.endpoint === endpoint && request.status === 429);
      expect(refused, `${endpoint}, ${what}`).to.not.have.lengthOf(0);
    }
    const attempts: unknown = await world?.panels[0]?.base.db.knex('attempts').select('outcome');
    expect(attempts, `a 429 is no failure of a post, ${what}`).to.deep.equal(
      Array.from({ length: posts }, () => ({ outcome: 'published' })),
    );
  });
});

function mostInAnyMinute(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + minute).length));
}

function refuseThreeInTen(control: Simulator['control'], dice: Dice): void {
  const endpoints = Object.keys(limits).map((name) => limited.parse(name));
  control.setSwitches({
    failures: endpoints.flatMap((endpoint) => {
      const calls = Array.from({ length: 20 * posts }, (_nothing, n) => n);
      const refused = calls.filter(() => dice.between(1, 10) <= 3);
      return refused.map((skip) => ({ endpoint, kind: 'rate-limited' as const, skip }));
    }),
  });
}

const limited = z.enum(['video/init', 'status/fetch', 'creator_info/query']);
