import { expect } from 'chai';
import sinon from 'sinon';
import { numbersModel, type NumbersModel } from '../../../../plugins/tiktok/insights/numbers-model.ts';
import { passProgress } from '../../../../plugins/tiktok/insights/pass-progress.ts';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import { START } from '../simulator/support.ts';
import { InsightStage } from './insight-stage.ts';

const hour = 3_600_000;
const day = 24 * hour;

describe('The numbers of a profile', () => {
  let stage: InsightStage;
  beforeEach(async () => {
    stage = await InsightStage.open();
  });
  afterEach(() => stage.close());

  const profile = () => stage.parts.profiles.find(stage.channel.id);
  const numbers = async (query: Readonly<Record<string, string>> = {}): Promise<NumbersModel> =>
    numbersModel(stage.parts, { channel: stage.channel, profile: await profile() }, query);
  const followers = (count: number): void =>
    void stage.stage.simulator.control.putAccount({ username: 'hazelandrye', follower_count: count });
  /** A look a day: so many followers on each. */
  const live = async (counts: readonly (number | 'no answer' | 'not running')[]): Promise<void> => {
    for (const count of counts) {
      await stage.pass(day);
      if (count === 'not running') continue;
      if (count === 'no answer') {
        const failures = [{ endpoint: 'user/info', kind: 'server-error', times: 1 }] as const;
        stage.stage.simulator.control.setSwitches({ failures: [...failures] });
        await stage.recent().catch(() => undefined);
        stage.stage.simulator.control.setSwitches({ failures: [] });
      } else {
        followers(count);
        await stage.recent();
      }
    }
  };
  const seen = ({ rows }: NumbersModel) => rows.map(({ day, values }) => [day.slice(5), values[0]]);
  const change = async (days: string) => (await numbers({ days })).stats[0]?.change;

  it('begin on the day of the first snapshot, with nothing to compare with', async () => {
    await stage.recent();
    const today = await numbers();
    expect(today).to.include({ beginsToday: true, beginsOn: '2026-11-20', days: 28, changeSpan: null });
    expect(today.stats.map(({ name, change }) => [name, change])).to.deep.equal([
      ['followers', null],
      ['following', null],
      ['likes', null],
      ['videos', null],
    ]);
    expect(today.stats[0]).to.include({ value: 48_214 });
    await live([48_300]);
    expect(await numbers()).to.include({ beginsToday: false, beginsOn: '2026-11-20' });
    expect(seen(await numbers())).to.deep.equal([
      ['11-20', 48_214],
      ['11-21', 48_300],
    ]);
  });

  it('change from the snapshot of the period’s first day, whatever lies between', async () => {
    await stage.recent();
    await live([48_300, 48_290, 48_400, 48_500, 48_600, 48_700, 48_211]);
    expect(await change('7'), 'down').to.equal(-3);
    expect(await change('28'), 'too early').to.equal(null);
    expect(await change('8 or so'), 'as if not asked').to.equal(null);
    await live([51_204]);
    expect(await change('7'), 'from the 21st on').to.equal(51_204 - 48_300);
    expect((await numbers({ days: '7' })).beginsOn, 'history is older than the period').to.equal(null);
  });

  it('change from the newest snapshot before the period where its first day has none, and say between which days', async () => {
    await stage.recent();
    await live(['not running', 'not running', 48_400, 48_400, 48_400, 48_400, 48_400, 48_414]);
    const model = await numbers({ days: '7' });
    expect(model.stats[0]?.change).to.equal(200);
    expect(model.changeSpan).to.deep.equal({ from: '2026-11-20', to: '2026-11-28' });
  });

  it('leave a day without a snapshot empty, and tell what kept it away where that is known', async () => {
    await stage.recent();
    await live(['no answer', 'no answer', 48_300, 'not running', 48_400]);
    const model = await numbers();
    expect(seen(model)).to.deep.equal([
      ['11-20', 48_214],
      ['11-21', null],
      ['11-22', null],
      ['11-23', 48_300],
      ['11-24', null],
      ['11-25', 48_400],
    ]);
    expect(model.gaps).to.deep.equal([
      { from: '2026-11-21', to: '2026-11-22', reason: 'network' },
      { from: '2026-11-24', to: '2026-11-24', reason: null },
    ]);
  });

  it('have grown old while TikTok is away: each day that is over is a gap, and no change is said to be of today', async () => {
    await stage.recent();
    await live([48_300, 48_400, 'no answer', 'no answer', 'no answer', 'no answer', 'no answer', 'no answer']);
    const model = await numbers({ days: '7' });
    expect(model.gaps).to.deep.equal([{ from: '2026-11-23', to: '2026-11-27', reason: 'network' }]);
    expect(seen(model).slice(-2)).to.deep.equal([
      ['11-26', null],
      ['11-27', null],
    ]);
    expect(model.stats[0]).to.include({ value: 48_400, change: 100 });
    expect(model.changeSpan).to.deep.equal({ from: '2026-11-21', to: '2026-11-22' });
    await live(['no answer', 'no answer']);
    const later = await numbers({ days: '7' });
    expect(later.stats[0], 'there is nothing to compare').to.include({ value: 48_400, change: null });
    expect(later).to.include({ changeSpan: null, isStill: true });
    expect(later.rows, 'and other periods can be chosen').to.have.length(7);
  });

  it('are of no day that is still to come where the team moves to a zone further west', async () => {
    stage.channel = { ...stage.channel, zone: 'Pacific/Auckland' };
    await stage.pass(3 * hour); // the 21st there
    await stage.recent();
    stage.channel = { ...stage.channel, zone: 'Europe/Copenhagen' };
    expect(await numbers()).to.include({ beginsToday: true, beginsOn: '2026-11-20' });
    expect((await numbers()).gaps).to.deep.equal([]);
    await stage.recent();
    expect(seen(await numbers())).to.deep.equal([['11-20', 48_214]]);
  });

  it('call no day a gap that got its snapshot later, nor one that is not over', async () => {
    await stage.recent();
    await live(['no answer']);
    expect((await numbers()).gaps, 'today').to.deep.equal([]);
    expect((await numbers()).stats[0], 'stand as they are').to.include({ value: 48_214 });
    await stage.pass(hour);
    await stage.recent();
    expect((await numbers()).gaps).to.deep.equal([]);
  });

  it('belong to the day of the team’s zone', async () => {
    stage.clock.set(Date.UTC(2026, 10, 20, 22, 59)); // 23:59 in Copenhagen
    await stage.recent();
    stage.clock.set(Date.UTC(2026, 10, 20, 23, 1));
    followers(48_300);
    await stage.recent();
    expect(seen(await numbers())).to.deep.equal([
      ['11-20', 48_214],
      ['11-21', 48_300],
    ]);
    expect((await numbers()).beginsToday).to.equal(false);
  });

  it('are hidden without their permission, alone, and come back with it', async () => {
    await stage.recent();
    await stage.connect(['user.info.basic', 'user.info.profile', 'video.list']);
    await live([0]);
    expect(await numbers()).to.include({ mayCount: false });
    expect((await stage.load())['mayList']).to.equal(true);
    await stage.connect();
    await live([48_300]);
    const model = await numbers();
    expect(model).to.include({ mayCount: true });
    expect(model.gaps).to.deep.equal([{ from: '2026-11-21', to: '2026-11-21', reason: 'scope' }]);
  });

  it('tell of days on which the profile had to be connected again', async () => {
    await stage.recent();
    const connected = stage.channel;
    stage.channel = { ...connected, state: 'reconnect-needed' };
    await live([48_300]);
    stage.channel = connected;
    await live([48_300]);
    expect((await numbers()).gaps).to.deep.equal([{ from: '2026-11-21', to: '2026-11-21', reason: 'access' }]);
  });

  it('keep what the list of videos was asked for in the links to other periods', async () => {
    const { periods } = await numbers({ sort: 'views', days: '7' });
    expect(periods.map(({ href, isCurrent }) => [href, isCurrent])).to.deep.equal([
      ['?sort=views&days=7', true],
      ['?sort=views&days=28', false],
      ['?sort=views&days=90', false],
    ]);
  });

  it('come with the picture, copied again only when TikTok has another one', async () => {
    const pictures = () => stage.updates.filter(({ avatar }) => avatar !== undefined).length;
    await stage.recent();
    await live([48_214, 48_214]);
    expect(pictures(), 'at first').to.equal(1);
    stage.stage.simulator.control.putAccount({ username: 'hazelandrye', avatar: 'winter' });
    await live([48_214, 48_214]);
    expect(pictures()).to.equal(2);
  });
});

describe('The reading of all videos', () => {
  let stage: InsightStage;
  beforeEach(async () => {
    stage = await InsightStage.open();
  });
  afterEach(() => stage.close());

  const profile = () => stage.parts.profiles.find(stage.channel.id);
  const progress = async (now = stage.clock.now()) => passProgress(stage.channel, await profile(), now);
  const ask = (): Promise<void> => stage.parts.profiles.saveState(stage.channel.id, { askedAt: stage.clock.now() });

  it('tells how far it is, and ends by itself', async () => {
    expect(await progress()).to.deep.equal({ kind: 'first' });
    const picture = sinon.stub(stage.parts.client, 'picture').callsFake(async () => {
      expect(await progress(), 'the profile is there, its videos come').to.deep.equal({ kind: 'first' });
      return undefined;
    });
    await stage.claim();
    expect(picture.callCount).to.equal(1);
    expect(await progress()).to.deep.equal({ kind: 'reading', seen: 200, total: 214, percent: 93 });
    expect(await progress(START + day), 'one that lay still for a day').to.equal(null);
    await stage.claim();
    expect(await progress()).to.equal(null);
  });

  it('is not told of while TikTok refuses it, and goes on where it was', async () => {
    const { control } = stage.stage.simulator;
    await stage.claim();
    control.putApp({ client_key: demoApps.live.client_key, refused_scopes: ['video.list'] });
    await stage.sync();
    expect(await progress(), 'the page says why').to.equal(null);
    control.putApp({ client_key: demoApps.live.client_key, refused_scopes: [] });
    await stage.sync();
    expect(await profile()).to.include({ problem: null, listed: 214 });
    expect(stage.calls('video/list'), 'one of them refused').to.equal(Math.ceil(214 / 20) + 1);
  });

  it('names no end where TikTok says that there are fewer than came', async () => {
    await stage.claim();
    await stage.parts.profiles.saveState(stage.channel.id, { pass: { beganAt: START, cursor: 1, seen: 215 } });
    expect(await progress()).to.deep.equal({ kind: 'reading', seen: 215, total: null, percent: null });
  });

  it('is awaited once a person asks for it, until it is over, stopped, or nobody takes it', async () => {
    await stage.sync();
    await ask();
    expect(await progress()).to.deep.equal({ kind: 'asked' });
    expect(await progress(START + hour), 'nobody is at work').to.equal(null);
    await stage.sync();
    expect(await progress()).to.equal(null);
    await ask();
    stage.stage.simulator.control.setSwitches({
      failures: [{ endpoint: 'user/info', kind: 'server-error', times: 1 }],
    });
    await stage.sync().catch(() => undefined);
    expect(await progress(), 'the page says why').to.equal(null);
  });
});
