import { expect } from 'chai';
import { z } from 'zod';
import type { Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import { type LimitsWorld, openLimitsWorld } from '../../support/limits-world.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { needs } from '../../support/needs.ts';

const minute = 60_000;
/** developers.tiktok.com/doc/tiktok-api-v2-rate-limit, per user access token. */
const limits = { 'video/init': 6, 'status/fetch': 30, 'creator_info/query': 20 } as const;

describe('Three workers on one access to TikTok', () => {
  let server: MariaDbServer | undefined;
  let world: LimitsWorld | undefined;
  before(needs('mariadbd'));
  before(async function () {
    this.timeout(30_000);
    server = await startMariaDb();
  });
  beforeEach(async function () {
    this.timeout(30_000);
    if (server !== undefined) world = await openLimitsWorld({ mariadb: server, panels: 3 });
  });
  afterEach(async function () {
    this.timeout(30_000);
    await world?.close();
  });
  after(() => server?.stop());

  async function publishAll(posts: number, prepare?: (simulator: Simulator) => void): Promise<Simulator> {
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

  it('P8: publish 60 due posts without one 429, below 6, 30 and 20 calls in any minute', async function () {
    this.timeout(120_000);
    const simulator = await publishAll(60);
    const requests = simulator.control.requests();
    expect(requests.filter(({ status }) => status === 429)).to.deep.equal([]);
    for (const [endpoint, limit] of Object.entries(limits)) {
      const times = requests.filter((request) => request.endpoint === endpoint).map(({ at }) => at);
      expect(mostInAnyMinute(times), endpoint).to.be.within(1, limit);
    }
    expect(simulator.control.posts()).to.have.lengthOf(60);
    const inits = requests.filter(({ endpoint }) => endpoint === 'video/init').length;
    expect(await countedInits(), 'calls of all workers, as an admin sees them').to.deep.equal([inits, 0, 0]);
  });

  it('P8: publish all of them although three calls in ten are answered 429', async function () {
    this.timeout(120_000);
    const simulator = await publishAll(25, ({ control }) => refuseThreeInTen(control));
    expect(simulator.control.posts()).to.have.lengthOf(25);
    expect(simulator.control.requests().filter(({ status }) => status === 429)).to.not.have.lengthOf(0);
  });
});

function mostInAnyMinute(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + minute).length));
}

function refuseThreeInTen(control: Simulator['control']): void {
  const refused = Array.from({ length: 400 }, (_, n) => n).filter((n) => (n * 7) % 10 < 3);
  control.setSwitches({
    failures: Object.keys(limits).flatMap((name) => {
      const endpoint = limited.parse(name);
      return refused.map((skip) => ({ endpoint, kind: 'rate-limited' as const, skip }));
    }),
  });
}

const limited = z.enum(['video/init', 'status/fetch', 'creator_info/query']);
