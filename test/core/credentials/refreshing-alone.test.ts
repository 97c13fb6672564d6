import { expect } from 'chai';
import { z } from 'zod';
import { RemoteError, type RemoteErrorKind, type TokenSet } from '#plugin-api';
import type { CredentialService } from '../../../core/credentials/credential-service.ts';
import type { LostGrant } from '../../../core/credentials/give-up-grant.ts';
import { type CredentialDeps, createCredentialService } from '../../../core/credentials/stored-credentials.ts';
import type { Database } from '../../../core/db/database.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, createEngineWorld, type EngineWorld, tokensUntil, until } from '../../support/engine-world.ts';
import { caught, failureOf } from '../../support/failure.ts';

const second = 1_000;
const hour = 3_600 * second;

onEachDatabase('Refreshing alone', (db) => {
  let world: EngineWorld;
  let id: number;
  let refreshes: string[];
  beforeEach(async () => {
    world = await createEngineWorld(db());
    id = (await addChannel(world)).credentialId;
    refreshes = [];
    world.network.refresh = ({ refreshToken }) => {
      refreshes.push(refreshToken);
      return tokensUntil(world.clock.now() + 2 * hour, String(refreshes.length));
    };
    world.clock.advance(3 * hour);
  });

  const refusal = (kind: RemoteErrorKind): RemoteError =>
    new RemoteError({ kind, explanation: { sentence: 'It said no.', who: 'network', nextStep: '', code: 'no' } });
  const refuse = (kind: RemoteErrorKind) => {
    world.network.refresh = () => {
      throw refusal(kind);
    };
  };
  /** As another process would have it: nothing shared but the database. */
  const another = (parts: Partial<CredentialDeps> = {}): CredentialService =>
    createCredentialService({ ...world, log: world.log.log, random: () => 0.5, ...parts });
  const token = async (service: CredentialService = world.credentials): Promise<string> =>
    (await service.access(id)).accessToken();
  const leaseOf = async (): Promise<{ owner: string | null; until: number | null }> => {
    const rows: unknown = await db().knex('credentials').where({ id }).select('refresh_owner', 'refresh_until');
    const lease = z.object({ refresh_owner: z.string().nullable(), refresh_until: z.number().nullable() });
    const [row] = z.tuple([lease]).parse(rows);
    return { owner: row.refresh_owner, until: row.refresh_until };
  };
  const events = (): Promise<unknown[]> =>
    db().knex('events').where({ kind: 'channel.reconnect-needed' }).orderBy('id').pluck('facts');

  it('has the whole lease for the call: looking settings up comes before it', async () => {
    world.network.findApp = () => world.clock.advance(25 * second);
    let left = 0;
    world.network.refresh = async () => {
      left = ((await leaseOf()).until ?? 0) - world.clock.now();
      return tokensUntil(world.clock.now() + hour, 'fresh');
    };
    expect(await token()).to.equal('access-fresh');
    expect(left).to.equal(world.timings.refreshLeaseMs);
  });

  it('does not call under a lease that was given too late to cover the call, and begins again', async () => {
    let slow = 1;
    const real = db();
    const stalling: Database = {
      ...real,
      async transaction(work) {
        const done = await real.transaction(work);
        if (slow-- > 0) world.clock.advance(15 * second);
        return done;
      },
    };
    let left = 0;
    world.network.refresh = async () => {
      left = ((await leaseOf()).until ?? 0) - world.clock.now();
      return tokensUntil(world.clock.now() + hour, 'fresh');
    };
    expect(await token(another({ db: stalling }))).to.equal('access-fresh');
    expect(left).to.equal(world.timings.refreshLeaseMs);
  });

  it('waits like after a lost answer where a process died under its lease, then tries the same token', async () => {
    const ended = { refresh_owner: 'dead', refresh_until: world.clock.now() };
    await db().knex('credentials').where({ id }).update(ended);
    const first = await caught(RemoteError, token());
    expect(first).to.include({ kind: 'temporary', retryAt: world.clock.now() + 10 * second });
    expect(refreshes).to.deep.equal([]);
    world.clock.advance(10 * second);
    expect(await token()).to.equal('access-1');
    expect(await leaseOf()).to.deep.equal({ owner: null, until: null });
  });

  it('P7e: names an access that is lost after an answer that never came, in its event, its error and the log', async () => {
    refuse('temporary');
    await caught(RemoteError, token());
    world.clock.advance(15 * second);
    refuse('rate-limited');
    expect(await caught(RemoteError, token(another()))).to.include({ kind: 'rate-limited' });
    refuse('reconnect');
    const error = await caught(RemoteError, token());
    expect(error).to.include({ kind: 'reconnect' });
    expect(error.explanation).to.include({ code: 'answer_lost', who: 'team' });
    expect(await events()).to.deep.equal(['{"reason":"answer-lost"}']);
    expect(world.log.text())
      .to.contain('an access is lost')
      .and.not.to.match(/access-first|refresh-first/);
  });

  it('does not call it so where the network refuses without an answer having been lost', async () => {
    refuse('reconnect');
    await caught(RemoteError, token());
    expect(await events()).to.deep.equal(['{"reason":"refused"}']);
    expect(world.log.text()).not.to.contain('an access is lost');
  });

  it('notes a refresh that failed, with its code, until tokens come', async () => {
    const noted = () => db().knex('credentials').where({ id }).first('refresh_failed_at', 'refresh_failed_code');
    const works = world.network.refresh;
    refuse('misconfigured');
    await caught(RemoteError, token());
    expect(await noted()).to.deep.equal({ refresh_failed_at: world.clock.now(), refresh_failed_code: 'no' });
    world.network.refresh = works;
    await token();
    expect(await noted()).to.deep.equal({ refresh_failed_at: null, refresh_failed_code: null });
  });

  it('tells of a loss once, in its own transaction: both stand or fall', async () => {
    refuse('reconnect');
    const told: LostGrant[] = [];
    const failing = another({ onGrantLost: () => Promise.reject(new Error('Nobody could be told.')) });
    await caught(RemoteError, token(failing));
    expect(await world.credentials.find(id)).to.include({ state: 'valid' });
    expect(await events()).to.deep.equal([]);
    world.clock.advance(60 * second);
    const onGrantLost = (lost: LostGrant) => Promise.resolve(void told.push(lost));
    const services = [another({ onGrantLost }), another({ onGrantLost })];
    await until(async () => {
      for (const service of services) await failureOf(token(service));
      world.clock.advance(60 * second);
      return (await world.credentials.find(id)).state === 'reconnect-needed';
    }, 'it is given up');
    for (const service of services) await caught(RemoteError, token(service));
    expect(told.map(({ credentialId, channels }) => [credentialId, channels.length])).to.deep.equal([[id, 1]]);
  });

  it('lets a stop wait for a call under way, and begins none afterwards', async () => {
    let answer: (tokens: TokenSet) => void = () => undefined;
    let isCalled = false;
    world.network.refresh = () => {
      isCalled = true;
      return new Promise((resolve) => (answer = resolve));
    };
    const asked = token();
    await until(() => isCalled, 'the network is asked');
    let isStopped = false;
    const stopped = world.credentials.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).to.equal(false);
    answer(tokensUntil(world.clock.now() + 2 * hour, 'stored'));
    await stopped;
    expect(await asked).to.equal('access-stored');
    expect(await world.credentials.find(id)).to.include({ version: 2 });
    world.clock.advance(3 * hour);
    expect(await caught(RemoteError, token())).to.include({ kind: 'temporary' });
  });

  it('refreshes everything that ends soon in one run, whatever stands in front', async () => {
    const account = (n: number) => ({ accountId: `a-${n}`, nickname: 'N', tokens: tokensUntil(world.clock.now() + n) });
    const others = Array.from({ length: 125 }, (_, n) => n);
    for (const n of others) {
      const saved = { plugin: 'fake', appKey: n < 105 ? 'gone' : 'app', mode: 'live', account: account(n) };
      const facts = { plugin: 'fake', account_id: `a-${n}`, nickname: 'N', connected_at: 0, team_id: world.teamId };
      const credential_id = await world.credentials.save(saved);
      await db()
        .knex('channels')
        .insert({ ...facts, credential_id });
    }
    world.clock.advance(hour);
    await world.credentials.refreshAhead(new AbortController().signal);
    expect(refreshes).to.have.lengthOf(21);
    refreshes = [];
    world.clock.advance(3 * hour);
    const stopping = new AbortController();
    world.network.refresh = () => {
      stopping.abort();
      return tokensUntil(world.clock.now() + hour, 'last');
    };
    await world.credentials.refreshAhead(stopping.signal);
    const rows: unknown[] = await db().knex('credentials').where({ version: 3 }).select('id');
    expect(rows.length, 'those under way when it was told to stop').to.be.within(1, 5);
  });
});
