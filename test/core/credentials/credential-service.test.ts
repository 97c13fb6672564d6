import { expect } from 'chai';
import { RemoteError, type RemoteErrorKind, type TokenSet } from '#plugin-api';
import { type CredentialService } from '../../../core/credentials/credential-service.ts';
import { createCredentialService } from '../../../core/credentials/stored-credentials.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  createEngineWorld,
  type EngineWorld,
  quickTimings,
  tokensUntil,
  until,
} from '../../support/engine-world.ts';
import { caught } from '../../support/failure.ts';

const hour = 3_600_000;
const minute = 60_000;

onEachDatabase('Credentials', (db) => {
  let world: EngineWorld;
  let id: number;
  let refreshes: string[];
  beforeEach(async () => {
    world = await createEngineWorld(db());
    id = (await addChannel(world)).credentialId;
    refreshes = [];
    world.network.refresh = strict();
  });

  /** A network whose refresh tokens work once, as the strictest do. */
  const strict = (): ((tokens: TokenSet) => Promise<TokenSet>) => {
    let valid = 'refresh-first';
    let inFlight = 0;
    return async ({ refreshToken }) => {
      inFlight += 1;
      expect(inFlight, 'refreshes at once').to.equal(1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inFlight -= 1;
      if (refreshToken !== valid) throw refusal('reconnect');
      refreshes.push(refreshToken);
      valid = `refresh-${refreshes.length}`;
      return tokensUntil(world.clock.now() + 2 * hour, String(refreshes.length));
    };
  };
  const refusal = (kind: RemoteErrorKind): RemoteError =>
    new RemoteError({ kind, explanation: { sentence: 'It said no.', who: 'network', nextStep: '', code: 'no' } });
  const token = async (service: CredentialService = world.credentials): Promise<string> =>
    (await service.access(id)).accessToken();
  /** As another process would have it: nothing shared but the database. */
  const another = (): CredentialService => createCredentialService({ ...world, log: world.log.log, random: () => 0.5 });

  it('seals tokens in their row and hands out the access token while it lives', async () => {
    const rows: unknown = await db().knex('credentials').select('*');
    expect(JSON.stringify(rows)).not.to.match(/access-first|refresh-first/);
    expect(await token()).to.equal('access-first');
    const facts = await world.credentials.find(id);
    expect(facts).to.include({ plugin: 'fake', appKey: 'app', mode: 'live', state: 'valid', version: 1 });
    expect(JSON.stringify(facts)).not.to.match(/sealed|refresh-first/);
  });

  it('replaces the tokens of the same account instead of keeping two', async () => {
    const { accountId } = await world.credentials.find(id);
    const account = { accountId, nickname: 'North', tokens: tokensUntil(world.clock.now() + hour, 'again') };
    const same = await world.credentials.save({ plugin: 'fake', appKey: 'app', mode: 'live', account });
    expect(same).to.equal(id);
    expect(await token()).to.equal('access-again');
    expect(await world.credentials.find(id)).to.include({ version: 2 });
  });

  it('refreshes when less than a tenth of the life is left, and stores both tokens before first use', async () => {
    world.clock.advance(1.8 * hour);
    expect(await token(), 'a jitter of up to 4 % is taken off').to.equal('access-first');
    world.clock.advance(5 * minute);
    expect(await token()).to.equal('access-1');
    expect(refreshes).to.deep.equal(['refresh-first']);
    expect(await world.credentials.find(id)).to.include({ version: 2, refreshedAt: world.clock.now() });
    world.clock.advance(2 * hour);
    expect(await token()).to.equal('access-2');
  });

  it('refreshes once for 20 callers in 4 processes (20 rounds)', async function () {
    this.timeout(30_000);
    const processes = [world.credentials, another(), another(), another()];
    for (let round = 0; round < 20; round += 1) {
      world.clock.advance(3 * hour);
      const calls = processes.flatMap((service) => Array.from({ length: 5 }, () => token(service)));
      expect(new Set(await Promise.all(calls))).to.deep.equal(new Set([`access-${round + 1}`]));
      expect(refreshes).to.have.lengthOf(round + 1);
    }
    expect(await world.credentials.find(id)).to.include({ state: 'valid', version: 21 });
  });

  it('refreshes once when the network refuses a token, and gives the newer one to who comes late', async () => {
    const first = await world.credentials.access(id);
    const second = await another().access(id);
    expect(await first.replace('access-first')).to.equal('access-1');
    expect(await second.replace('access-first')).to.equal('access-1');
    expect(refreshes).to.have.lengthOf(1);
  });

  it('needs reconnecting only when the network refuses the newest refresh token', async () => {
    world.clock.advance(3 * hour);
    world.network.refresh = () => {
      throw refusal('reconnect');
    };
    const error = await caught(RemoteError, token());
    expect(error.kind).to.equal('reconnect');
    expect(await world.credentials.find(id)).to.include({ state: 'reconnect-needed' });
    expect(await db().knex('events').select('kind')).to.deep.equal([{ kind: 'channel.reconnect-needed' }]);
    expect((await caught(RemoteError, token())).kind).to.equal('reconnect');
  });

  it('uses the newer tokens when only the old ones were refused', async () => {
    world.clock.advance(3 * hour);
    world.network.refresh = async () => {
      // Somebody reconnects while the call is under way: the old grant is dead, the new one is not.
      const { accountId } = await world.credentials.find(id);
      const account = { accountId, nickname: 'North', tokens: tokensUntil(world.clock.now() + hour, 'reconnected') };
      await world.credentials.save({ plugin: 'fake', appKey: 'app', mode: 'live', account });
      throw refusal('reconnect');
    };
    expect(await token()).to.equal('access-reconnected');
    expect(await world.credentials.find(id)).to.include({ state: 'valid' });
  });

  it('never disconnects over a lost answer: waits 5 to 15 seconds, then tries the same token once more', async () => {
    world.clock.advance(3 * hour);
    const used: string[] = [];
    world.network.refresh = ({ refreshToken }) => {
      used.push(refreshToken);
      if (used.length === 1) throw refusal('temporary');
      return tokensUntil(world.clock.now() + hour, 'late');
    };
    const first = await caught(RemoteError, token());
    expect(first).to.include({ kind: 'temporary', retryAt: world.clock.now() + 10_000 });
    const second = await caught(RemoteError, token(another()));
    expect(second).to.include({ kind: 'temporary', retryAt: world.clock.now() + 10_000 });
    expect(used).to.have.lengthOf(1);
    world.clock.advance(10_000);
    expect(await token()).to.equal('access-late');
    expect(used).to.deep.equal(['refresh-first', 'refresh-first']);
    expect(await world.credentials.find(id)).to.include({ state: 'valid' });
  });

  it('hands out a token that still lives while refreshing fails for now', async () => {
    world.clock.advance(1.9 * hour);
    world.network.refresh = () => {
      throw refusal('temporary');
    };
    expect(await token()).to.equal('access-first');
  });

  it('asks anew, without the wait after a lost answer, when the network was not even asked', async () => {
    world.clock.advance(3 * hour);
    const { explanation } = refusal('temporary');
    const retryAt = world.clock.now() + 30_000;
    const answer = world.network.refresh;
    world.network.refresh = () => {
      throw new RemoteError({ kind: 'temporary', explanation, retryAt, notSent: true });
    };
    expect(await caught(RemoteError, token())).to.include({ notSent: true, retryAt });
    world.network.refresh = answer;
    expect(await token()).to.equal('access-1');
  });

  it('keeps new tokens in memory while the database is away, and stores them when it is back', async () => {
    world.clock.advance(3 * hour);
    let isAway = false;
    const broken = createCredentialService({ ...world, db: awayWhile(() => isAway), log: world.log.log });
    world.network.refresh = () => {
      isAway = true;
      return tokensUntil(world.clock.now() + hour, 'kept');
    };
    const asked = token(broken);
    await until(() => world.log.text().includes('could not be stored yet'), 'storing fails');
    let isSettled = false;
    const settled = broken.stop().then(() => (isSettled = true));
    expect(isSettled).to.equal(false);
    isAway = false;
    expect(await asked).to.equal('access-kept');
    await settled;
    expect(world.log.text()).not.to.match(/access-kept|refresh-kept/);
  });

  it('stores the answer of a refresh that took too long when it comes at last', async () => {
    world = { ...world, timings: { ...quickTimings, refreshCallMs: 20 } };
    world.clock.advance(3 * hour);
    let answer: (tokens: TokenSet) => void = () => undefined;
    world.network.refresh = () => new Promise((resolve) => (answer = resolve));
    const service = another();
    expect(await caught(RemoteError, token(service))).to.include({ kind: 'temporary' });
    answer(tokensUntil(world.clock.now() + hour, 'late'));
    await service.stop();
    expect(await token()).to.equal('access-late');
  });

  it('asks the admin when the app of the access is gone', async () => {
    await db().knex('credentials').update({ app_key: 'other-app' });
    const rows = await db().knex('credentials').select('id');
    expect(rows).to.have.lengthOf(1);
    world.clock.advance(3 * hour);
    expect(await caught(RemoteError, token())).to.include({ kind: 'misconfigured' });
    expect(await world.credentials.find(id)).to.include({ state: 'valid' });
  });

  it('calls an unreadable row temporary, so that no delivery ends over it', async () => {
    await db().knex('credentials').update({ access_token: 'nonsense' });
    expect(await caught(RemoteError, token())).to.include({ kind: 'temporary' });
  });

  it('refreshes ahead what ends soon and is in use, and leaves the rest alone', async () => {
    const unused = await addChannel(world);
    await db().knex('channels').where({ id: unused.id }).update({ disconnected_at: 1 });
    const { signal } = new AbortController();
    await world.credentials.refreshAhead(signal);
    expect(refreshes).to.deep.equal([]);
    world.clock.advance(1.9 * hour);
    await world.credentials.refreshAhead(signal);
    expect(refreshes).to.deep.equal(['refresh-first']);
    expect(await world.credentials.find(unused.credentialId)).to.include({ version: 1 });
  });

  it('revokes at the network only when no connected channel uses it any more, and forgets the tokens', async () => {
    expect(await world.credentials.revokeIfUnused(id)).to.equal(false);
    expect(world.network.revoked).to.equal(0);
    await db().knex('channels').update({ disconnected_at: 1 });
    expect(await world.credentials.revokeIfUnused(id)).to.equal(true);
    expect(world.network.revoked).to.equal(1);
    expect(await db().knex('credentials').where({ id }).select('access_token', 'refresh_token', 'state')).to.deep.equal(
      [{ access_token: '', refresh_token: '', state: 'reconnect-needed' }],
    );
  });

  function awayWhile(isAway: () => boolean): EngineWorld['db'] {
    const real = db();
    const refuse = (): never => {
      throw new Error('The database is away.');
    };
    // A knex whose every query is refused while the database is away.
    const knex = new Proxy(real.knex, {
      apply: (target, self, args): unknown => (isAway() ? refuse() : Reflect.apply(target, self, args)),
    });
    return { ...real, knex };
  }
});
