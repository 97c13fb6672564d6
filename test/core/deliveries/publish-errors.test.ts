import { expect } from 'chai';
import { type Explanation, RemoteError, type RemoteErrorKind, type Step } from '#plugin-api';
import type { Delivery } from '../../../core/deliveries/delivery-desk.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  attemptsOf,
  claim,
  createEngineWorld,
  type EngineWorld,
  jobOf,
  runDue,
  schedule,
} from '../../support/engine-world.ts';

const hour = 3_600_000;

onEachDatabase('Errors while publishing', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
  });

  const now = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);
  const answer = (...steps: readonly Step[]): void => {
    let next = 0;
    world.network.advance = () => {
      const step = steps[next];
      next += 1;
      if (step === undefined) throw new Error('The test expects no further call.');
      return step;
    };
  };
  const goOn = (facts: Partial<Extract<Step, { kind: 'continue' }>> = {}): Step => ({
    ...{ kind: 'continue', stage: 'publishing', progress: null, at: world.clock.now() },
    ...facts,
  });
  const fail = (kind: RemoteErrorKind, more: { readonly retryAt?: number } = {}): void => {
    world.network.advance = () => {
      throw new RemoteError({ kind, explanation: because, ...more });
    };
  };
  const because: Explanation = {
    sentence: 'It said no.',
    who: 'network',
    nextStep: 'Wait.',
    code: 'said_no',
    logId: 'L1',
  };
  it('tries again after a temporary error, at a random moment of a growing wait, and counts it', async () => {
    const delivery = await schedule(world);
    fail('temporary');
    await runDue(world);

    expect(await now(delivery)).to.include({ state: 'scheduled', outcomeCode: 'said_no' });
    expect(await jobOf(world, delivery)).to.include({ failures: 1, deaths: 0, run_at: world.clock.now() + 2_000 });
    world.clock.advance(2_000);
    await runDue(world);
    expect(await jobOf(world, delivery)).to.include({ failures: 2, run_at: world.clock.now() + 4_000 });
    answer({ kind: 'published', remoteIds: ['1'] });
    world.clock.advance(4_000);
    await runDue(world);

    expect(await now(delivery)).to.include({ state: 'published', outcomeCode: null });
  });

  it('ends with any code that a network may send, and keeps what of it an index can hold', async () => {
    const delivery = await schedule(world);
    answer({ kind: 'failed', because: { ...because, code: 'gesperrt_für_… ' + 'x'.repeat(200) } });
    await runDue(world);

    const failed = await now(delivery);
    expect(failed).to.include({ state: 'failed', outcomeCode: `gesperrt_f?r_? ${'x'.repeat(65)}` });
    expect(failed.outcome?.code).to.match(/^gesperrt_für_…/u);
  });

  it('P3: asks a person, and says that it was not posted, when it could not be published until the grace ended', async () => {
    const delivery = await schedule(world);
    fail('temporary');
    for (let hours = 0; hours <= 25; hours += 1) {
      await runDue(world);
      world.clock.advance(hour);
    }
    const missed = await now(delivery);
    expect(missed).to.include({ state: 'needs-attention', outcomeCode: 'missed_window' });
    expect(missed.outcome).to.include({ mayBePosted: false });
  });

  it('waits at least a minute when it was too fast, and does not count that', async () => {
    const delivery = await schedule(world);
    fail('rate-limited');
    await runDue(world);
    expect(await jobOf(world, delivery)).to.include({ failures: 0, run_at: world.clock.now() + 90_000 });
  });

  it('fails with the reason of the network when that refuses the post', async () => {
    const delivery = await schedule(world);
    fail('refused');
    await runDue(world);

    const failed = await now(delivery);
    expect(failed).to.include({ state: 'failed', outcomeCode: 'said_no' });
    expect(failed.outcome).to.include({ ...because, mayBePosted: false });
    expect((await attemptsOf(world, delivery))[0]).to.include({ outcome: 'failed', reason: 'said_no' });
  });

  it('parks on a dead access and goes on as soon as the channel is reconnected', async () => {
    const channel = await addChannel(world);
    const delivery = await schedule(world, { channelId: channel.id });
    await world.credentials.needsReconnect(channel.credentialId);
    world.network.advance = async (_delivery, _attempt, { account }) => {
      await account.accessToken();
      return { kind: 'published', remoteIds: ['1'] };
    };
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'scheduled', hold: 'reconnect', outcomeCode: 'reconnect_needed' });
    world.clock.advance(hour / 2 - 1);
    expect(await claim(world)).to.have.lengthOf(0);

    const { accountId, plugin, appKey, mode } = await world.credentials.find(channel.credentialId);
    const tokens = {
      accessToken: 'new',
      accessExpiresAt: world.clock.now() + 2 * hour,
      refreshToken: 'new',
      refreshExpiresAt: world.clock.now() + 9_000 * hour,
      scopes: [],
    };
    await world.credentials.save({ plugin, appKey, mode, account: { accountId, nickname: 'North', tokens } });
    await runDue(world);

    expect(await now(delivery)).to.include({ state: 'published', hold: null });
  });

  it('looks every half hour whether a refused access works again, says so once, and goes on when it does', async () => {
    const delivery = await schedule(world);
    fail('reconnect');
    const held = async () =>
      (await world.desk.timeline(world.teamId, delivery.id)).filter(({ kind }) => kind === 'delivery.held');
    for (let looks = 1; looks <= 4; looks += 1) {
      await runDue(world);
      expect(world.network.calls).to.have.lengthOf(looks);
      expect(await now(delivery)).to.include({ state: 'scheduled', hold: 'reconnect' });
      expect(await held()).to.have.lengthOf(1);
      world.clock.advance(hour / 2);
    }
    answer({ kind: 'published', remoteIds: ['1'] });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published', hold: null, outcomeCode: null });
  });

  it('goes on at once when the channel was reconnected while a worker was just being refused', async () => {
    const channel = await addChannel(world);
    const delivery = await schedule(world, { channelId: channel.id });
    world.network.advance = async () => {
      await world.desk.wakeChannel(channel.id);
      throw new RemoteError({ kind: 'reconnect', explanation: because });
    };
    await runDue(world);
    answer({ kind: 'published', remoteIds: ['1'] });
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published', hold: null });
  });

  it('asks a person when the access stays dead until the grace has ended', async () => {
    const delivery = await schedule(world);
    fail('reconnect');
    for (let looks = 0; looks < 48; looks += 1) {
      await runDue(world);
      expect(await now(delivery)).to.include({ state: 'scheduled', hold: 'reconnect' });
      world.clock.advance(hour / 2);
    }
    await runDue(world);
    world.clock.advance(1);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention', outcomeCode: 'missed_window' });
  });

  it('asks a person, and keeps the attempt open, when an outcome is unknown after the point of no return', async () => {
    const delivery = await schedule(world);
    answer(goOn({ reference: 'r', pointOfNoReturn: true, at: world.clock.now() + 1 }));
    await runDue(world);
    world.clock.advance(1);
    fail('outcome-unknown');
    await runDue(world);

    const waiting = await now(delivery);
    expect(waiting).to.include({ state: 'needs-attention' });
    expect(waiting.outcome).to.include({ mayBePosted: true });
    expect((await attemptsOf(world, delivery))[0]).to.include({ outcome: 'open' });
  });

  it('gives an error nobody explains ten tries after the point of no return, too, then asks a person', async () => {
    const delivery = await schedule(world);
    world.network.advance = (_delivery, attempt) => {
      if (attempt.pointOfNoReturnAt === null) return goOn({ pointOfNoReturn: true });
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    };
    for (let tries = 1; tries <= 9; tries += 1) {
      await runDue(world);
      expect(await now(delivery), `try ${tries}`).to.include({ state: 'publishing', outcomeCode: 'software_error' });
      world.clock.advance(5 * 60_000);
    }
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'needs-attention', outcomeCode: 'software_error' });
    expect((await now(delivery)).outcome).to.include({ mayBePosted: true });
    expect(await attemptsOf(world, delivery)).to.have.lengthOf(1);
  });

  it('goes on past the point of no return when the disk reads again', async () => {
    const delivery = await schedule(world);
    answer(goOn({ pointOfNoReturn: true }));
    await runDue(world);
    answer({ kind: 'published', remoteIds: ['1'] });
    world.clock.advance(5 * 60_000);
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'published', outcomeCode: null });
  });

  it('gives an error nobody explains ten tries before the point of no return', async () => {
    const delivery = await schedule(world);
    world.network.advance = () => {
      throw new TypeError('x is not a function');
    };
    for (let tries = 0; tries < 12; tries += 1) {
      await runDue(world);
      world.clock.advance(10 * 60_000);
    }
    expect(world.network.calls).to.have.lengthOf(10);
    expect(await now(delivery)).to.include({ state: 'failed', outcomeCode: 'software_error' });
  });

  it('counts only errors in a row: what it got on with in between, also under the same claim, forgets them', async () => {
    const delivery = await schedule(world);
    fail('temporary');
    for (let tries = 0; tries < 3; tries += 1) {
      await runDue(world);
      world.clock.advance(hour);
    }
    expect(await jobOf(world, delivery)).to.include({ failures: 3 });
    let calls = 0;
    world.network.advance = () => {
      calls += 1;
      if (calls === 1) return goOn();
      throw new RemoteError({ kind: 'temporary', explanation: because });
    };
    await runDue(world);
    expect(await jobOf(world, delivery)).to.include({ failures: 1, run_at: world.clock.now() + 2_000 });
  });

  it('does not take temporary errors for errors that nobody explains', async () => {
    const delivery = await schedule(world);
    fail('temporary');
    for (let tries = 0; tries < 12; tries += 1) {
      await runDue(world);
      world.clock.advance(10 * 60_000);
    }
    world.network.advance = () => {
      throw new TypeError('x is not a function');
    };
    await runDue(world);
    expect(await now(delivery)).to.include({ state: 'scheduled', outcomeCode: 'software_error' });
    expect(await jobOf(world, delivery)).to.include({ failures: 13 });
  });

  it('takes a delivery that killed its process three times away from the workers', async () => {
    const delivery = await schedule(world);
    for (let death = 0; death < 3; death += 1) {
      expect(await claim(world)).to.have.lengthOf(1);
      await db().knex('jobs').update({ state: 'waiting', lease_owner: null });
    }

    await runDue(world);

    expect(world.network.calls).to.have.lengthOf(0);
    expect(await now(delivery)).to.include({ state: 'needs-attention', outcomeCode: 'poison' });
  });

  it('forgives deaths once a step was stored', async () => {
    const delivery = await schedule(world);
    await claim(world);
    await claim(world);
    await db().knex('jobs').update({ state: 'waiting', deaths: 2 });
    answer(goOn({ at: world.clock.now() + 1 }));
    await runDue(world);
    expect(await jobOf(world, delivery)).to.include({ deaths: 0 });
  });
});
