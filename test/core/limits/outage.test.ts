import { expect } from 'chai';
import { RemoteError } from '#plugin-api';
import { failureOf } from '../../support/failure.ts';
import { type LimitsWorld, openLimitsWorld } from '../../support/limits-world.ts';

const second = 1_000;
const posts = 60;

describe('TikTok is down', () => {
  let world: LimitsWorld | undefined;
  before(async function () {
    this.timeout(30_000);
    world = await openLimitsWorld({});
  });
  after(() => world?.close());

  it('P12: is asked once in half a minute, and nothing stampedes when it is back', async function () {
    this.timeout(120_000);
    if (world === undefined) throw new Error('There is no world.');
    const { simulator } = world;
    const now = () => simulator.control.now();
    await world.schedule(await world.addChannels(posts), posts);
    simulator.control.setSwitches({
      rate_limits: 'off',
      failures: [{ endpoint: '*', kind: 'server-error', times: 1e9 }],
    });
    const begun = now();
    const connecting = simulator.control.requests().length;

    await world.runUntil(() => now() > begun + 100 * second);
    const asked = simulator.control.requests().slice(connecting);
    const first = asked.filter(({ at }) => at < begun + 25 * second);
    expect(first.length, 'calls until the breaker opens').to.be.within(1, 20);
    const probes = asked.slice(first.length).map(({ at }) => at);
    expect(probes.length).to.be.within(2, 4);
    expect(smallestGap(probes)).to.be.at.least(30 * second);
    expect(world.panels[0]?.base.calls.breakers.states()[0]).to.include({ state: 'open' });
    expect(await failuresOf(world), 'deliveries to which a try was counted').to.be.at.most(asked.length);

    await expectPlainPage(world);
    const back = now();
    simulator.control.setSwitches({ clear_failures: true });
    await world.runUntil((published) => published === posts);
    const begins = simulator.control.requests().filter(({ at, endpoint }) => at >= back && endpoint === 'video/init');
    expect(begins).to.have.lengthOf(posts);
    const most = mostIn(
      second,
      begins.map(({ at }) => at),
    );
    expect(most, 'openings in one second').to.be.at.most(posts / 10);
    expect(simulator.control.posts()).to.have.lengthOf(posts);
  });
});

/** The compose form is told at once what is the matter, and TikTok is not asked for it. */
async function expectPlainPage({ panels: [panel], simulator }: LimitsWorld): Promise<void> {
  if (panel === undefined) throw new Error('There is no panel.');
  const { registry, channels } = panel.services;
  const tiktok = channels.ofPlugin('tiktok');
  const [channel] = await tiktok.all();
  if (channel === undefined) throw new Error('There is no channel.');
  const asked = simulator.control.requests().length;
  const account = await tiktok.access(channel.id);
  const failure = await failureOf(registry.get('tiktok').parts.composer.load(channel, account));
  expect(failure).to.be.instanceOf(RemoteError);
  expect(failure).to.have.nested.property('explanation.sentence').that.contains('has not answered for a while');
  expect(simulator.control.requests()).to.have.lengthOf(asked);
}

function mostIn(ms: number, times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));
}

function smallestGap(times: readonly number[]): number {
  return Math.min(...times.slice(1).map((at, n) => at - (times[n] ?? 0)));
}

async function failuresOf({ panels }: LimitsWorld): Promise<number> {
  const rows = (await panels[0]?.base.db.knex('jobs').where('failures', '>', 0).select('failures')) ?? [];
  return rows.length;
}
