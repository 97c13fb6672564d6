import { expect } from 'chai';
import { type Breakers, type CallOutcome, createBreakers, type Passage } from '../../../core/limits/breakers.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';

const host = 'open.example';

describe('The breaker of a host', () => {
  let clock: TestClock;
  let breakers: Breakers;
  beforeEach(() => {
    clock = createTestClock();
    breakers = createBreakers({ clock, random: () => 0.5 });
  });

  async function enter(name = host): Promise<Passage & { readonly open: false }> {
    const passage = await breakers.enter(name);
    if (passage.open) throw new Error('The breaker is open.');
    return passage;
  }
  async function call(outcome: CallOutcome, times = 1): Promise<void> {
    for (let n = 0; n < times; n += 1) (await enter()).end(outcome);
  }
  async function refusals(times: number): Promise<readonly number[]> {
    const passages = await Promise.all(Array.from({ length: times }, () => breakers.enter(host)));
    return passages.map((passage) => {
      if (!passage.open) throw new Error('The breaker is not open.');
      return passage.retryAt;
    });
  }
  const isOpen = (): boolean => breakers.states().some((state) => state.host === host && state.state !== 'closed');

  it('opens after twenty calls of which half failed', async () => {
    await call('answered', 10);
    await call('failed', 9);
    expect(isOpen()).to.equal(false);
    await call('failed');
    expect(isOpen()).to.equal(true);
    expect(breakers.states()).to.deep.equal([
      { host, state: 'open', calls: 20, failed: 10, probeAt: clock.now() + 30_000 },
    ]);
    (await enter('other.example')).end('answered');
  });

  it('stays closed while less than half fail, while fewer than twenty are made, and over longer than a minute', async () => {
    await call('failed', 19);
    clock.advance(60_000);
    await call('answered', 11);
    await call('failed', 10);
    expect(isOpen()).to.equal(false);
  });

  it('opens after twenty calls without an answer, however many were answered before', async () => {
    await call('answered', 200);
    await call('failed', 19);
    expect(isOpen()).to.equal(false);
    await call('failed');
    expect(isOpen()).to.equal(true);
  });

  it('lets no more than twenty calls through when ten run at once', async () => {
    let running = await Promise.all(Array.from({ length: 10 }, () => enter()));
    let calls = 10;
    while (running.length > 0) {
      running.shift()?.end('failed');
      const next = await breakers.enter(host);
      if (next.open) continue;
      calls += 1;
      running = [...running, next];
    }
    expect(calls).to.equal(20);
  });

  it('lets one probe through each half minute, and says to the others when to come again, spread', async () => {
    await call('failed', 20);
    const probeAt = clock.now() + 30_000;
    expect((await refusals(1))[0]).to.be.within(probeAt, probeAt + 30_000);
    clock.advance(30_000);
    const probe = await enter();
    expect((await refusals(1))[0]).to.be.within(clock.now() + 30_000, clock.now() + 60_000);
    clock.advance(5_000);
    probe.end('failed');
    clock.advance(29_999);
    expect((await breakers.enter(host)).open).to.equal(true);
    clock.advance(1);
    await enter();
    clock.advance(29_999);
    expect((await breakers.enter(host)).open, 'the probe under way').to.equal(true);
    clock.advance(1);
    expect((await breakers.enter(host)).open, 'a probe that does not end').to.equal(false);
  });

  it('says beforehand who would be held back, without letting anybody through', async () => {
    expect(breakers.heldUntil(host), 'never called').to.equal(undefined);
    await call('failed', 20);
    const until = clock.now() + 30_000;
    expect(breakers.heldUntil(host)).to.be.within(until, until + 30_000);
    clock.advance(30_000);
    expect(breakers.heldUntil(host), 'a probe may be sent').to.equal(undefined);
    expect(breakers.heldUntil(host), 'by one').to.be.within(clock.now() + 30_000, clock.now() + 60_000);
    clock.advance(5_000);
    expect(breakers.heldUntil(host), 'by another, if that one did not').to.equal(undefined);
    const probe = await enter();
    expect(breakers.heldUntil(host)).to.be.within(clock.now() + 30_000, clock.now() + 60_000);
    probe.end('answered');
    expect(breakers.heldUntil(host)).to.equal(undefined);
  });

  it('sends those it holds back evenly over half a minute', async () => {
    await call('failed', 20);
    const times = (await refusals(500)).map((at) => at - clock.now() - 30_000);
    const seconds = Array.from({ length: 30 }, (_, n) => times.filter((at) => Math.floor(at / 1_000) === n).length);
    expect(Math.max(...seconds)).to.be.at.most(19);
    expect(Math.min(...seconds)).to.be.at.least(14);
  });

  it('sends them over as long as the host has not answered, up to two minutes: each asks less often', async () => {
    await call('failed', 20);
    const lastAfter = async (): Promise<number> => {
      clock.advance(30_000);
      await call('failed');
      return Math.max(...(await refusals(200))) - clock.now() - 30_000;
    };
    const within = [await lastAfter(), await lastAfter(), await lastAfter(), await lastAfter(), await lastAfter()];
    expect(within.map((ms) => Math.round(ms / 10_000))).to.deep.equal([3, 6, 9, 12, 12]);
  });

  it('closes when the probe is answered, and counts anew', async () => {
    await call('failed', 20);
    clock.advance(30_000);
    await call('answered');
    await call('failed', 19);
    expect(isOpen()).to.equal(false);
    await call('failed');
    expect(isOpen()).to.equal(true);
  });

  it('takes no notice of calls that we stopped ourselves', async () => {
    await call('failed', 19);
    await call('stopped', 5);
    expect(isOpen()).to.equal(false);
    await call('failed');
    clock.advance(30_000);
    await call('stopped');
    expect(isOpen()).to.equal(true);
    expect((await breakers.enter(host)).open).to.equal(true);
  });

  it('forgets hosts that are not called any more', async () => {
    await call('answered');
    clock.advance(60_000);
    expect(breakers.states()).to.deep.equal([]);
  });

  it('counts a call that failed only after a minute', async () => {
    const slow = await Promise.all(Array.from({ length: 20 }, () => enter()));
    clock.advance(90_000);
    for (const one of slow) one.end('failed');
    expect(isOpen()).to.equal(true);
  });
});
