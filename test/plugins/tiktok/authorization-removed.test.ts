import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { z } from 'zod';
import { createConfirmHandler } from '../../../core/credentials/confirm-access.ts';
import { claimDueJobs } from '../../../core/queue/claim-store.ts';
import type { JobOutcome } from '../../../core/queue/job-queue.ts';
import { claimedJob } from '../../../core/queue/job-runner.ts';
import { demoApps, type Simulator, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import { createTestClock } from '../../support/clock.ts';
import { createTeam } from '../../support/factories.ts';
import { dump } from '../../support/replay.ts';
import { openWholePanel, type WholePanel } from '../../support/whole-panel.ts';
import { connectAccount } from './login.ts';

const { client_key: appKey, client_secret: secret } = demoApps.live;
const removed = (openId: string, createTime: number): string =>
  JSON.stringify({
    ...{ client_key: appKey, event: 'authorization.removed', create_time: createTime, user_openid: openId },
    content: JSON.stringify({ reason: 1 }),
  });

describe('TikTok saying that a profile disconnected us', () => {
  let simulator: Simulator;
  let whole: WholePanel;
  let credentialId: number;
  let openId: string;
  let channels: number;

  before(async () => {
    const opened: WholePanel[] = [];
    simulator = await startSimulator({ now: () => opened[0]?.web.clock.now() ?? createTestClock().now() });
    const address = { TIKTOK_API_URL: simulator.url, TIKTOK_AUTH_URL: simulator.url };
    const app = { TIKTOK_MODE: 'live', TIKTOK_CLIENT_KEY: appKey, TIKTOK_CLIENT_SECRET: secret };
    whole = await openWholePanel({ environment: { ...address, ...app } });
    opened.push(whole);
  });
  beforeEach(async () => {
    const account = await connectAccount(simulator.url, { clock: whole.web.clock });
    openId = account.accountId;
    credentialId = await whole.panel.services.credentials.save({ plugin: 'tiktok', appKey, mode: 'live', account });
    channels = 0;
    for (const name of ['North', 'South']) await addChannel(name);
  });
  afterEach(async () => {
    for (const table of ['events', 'jobs', 'webhook_events', 'channels', 'credentials']) {
      await whole.web.db.knex(table).delete();
    }
  });
  after(async () => {
    await whole.close();
    await simulator.close();
  });

  async function addChannel(name: string): Promise<void> {
    const team = await createTeam(whole.web.db, { name });
    const names = { nickname: 'Hazel & Rye', username: 'hazelandrye' };
    const row = {
      team_id: team.id,
      plugin: 'tiktok',
      credential_id: credentialId,
      account_id: openId,
      connected_at: 1,
    };
    await whole.web.db.knex('channels').insert({ ...row, ...names });
    channels += 1;
  }

  const now = (): number => Math.floor(whole.web.clock.now() / 1_000);
  async function tell(body: string, key: string = secret): Promise<number> {
    const signature = createHmac('sha256', key).update(`${now()}.`).update(body).digest('hex');
    const request = whole.web.stranger().send('post', '/webhooks/tiktok').type('application/json');
    return (await request.set('TikTok-Signature', `t=${now()},s=${signature}`).send(body)).status;
  }

  /** Runs the question if one was put. */
  async function ask(): Promise<JobOutcome[]> {
    const { base, services } = whole.panel;
    const handler = createConfirmHandler({ ...base, ...services });
    const lease = { now: base.clock.now(), leaseUntil: base.clock.now() + 60_000 };
    const claims = await claimDueJobs(base.db, { owner: 'worker', limit: 10, ...lease });
    const run = { worker: 'worker', signal: new AbortController().signal, isStopping: () => false };
    return Promise.all(claims.map((claim) => handler.run(claimedJob(claim, run))));
  }

  const state = async (): Promise<string> => (await whole.panel.services.credentials.find(credentialId)).state;
  const callsTo = (endpoint: string): number =>
    simulator.control.requests().filter((request) => request.endpoint === endpoint).length;
  const events = async (): Promise<unknown[]> =>
    whole.web.db.knex('events').where({ kind: 'channel.reconnect-needed' }).select('facts');

  it('is confirmed by one cheap call, in a job; each team needs to reconnect and is told once', async () => {
    simulator.control.revokeAuthorization({ account: 'hazelandrye' });
    const asked = callsTo('user/info');
    expect(await tell(removed(openId, now()))).to.equal(200);
    expect([callsTo('user/info') - asked, await state()], 'in the request').to.deep.equal([0, 'valid']);
    expect(await ask()).to.deep.equal([{ kind: 'done' }]);
    expect([callsTo('user/info') - asked, await state()]).to.deep.equal([1, 'reconnect-needed']);
    expect(await tell(removed(openId, now() + 1))).to.equal(200);
    expect(await ask(), 'known already').to.deep.equal([]);
    expect(await events()).to.deep.equal(Array.from({ length: channels }, () => ({ facts: '{"reason":"refused"}' })));
  });

  it('P14: changes nothing while the grant works: once, repeated, replayed later, or about nobody of ours', async () => {
    const before = await dump(whole.web.db, ['webhook_events', 'jobs']);
    const body = removed(openId, now());
    for (const text of [body, body, removed(openId, now() - 600), removed('somebody-else', now()), removed('', 1)]) {
      expect(await tell(text)).to.equal(200);
      await ask();
    }
    whole.web.clock.advance(600_000);
    expect(await tell(body)).to.equal(200);
    expect(await ask(), 'a replay asks nothing').to.deep.equal([]);
    expect(await dump(whole.web.db, ['webhook_events', 'jobs'])).to.equal(before);
  });

  it('P14: asks nothing when it is forged', async () => {
    const before = await dump(whole.web.db, []);
    expect(await tell(removed(openId, now()), 'another secret')).to.equal(400);
    expect(await dump(whole.web.db, [])).to.equal(before);
  });

  it('only renews an access whose token died although the grant works', async () => {
    simulator.control.setSwitches({ failures: [{ endpoint: 'user/info', kind: 'expired-access-token' }] });
    await tell(removed(openId, now()));
    expect(await ask()).to.deep.equal([{ kind: 'done' }]);
    expect(await whole.panel.services.credentials.find(credentialId)).to.include({ state: 'valid', version: 2 });
    expect(await events()).to.deep.equal([]);
  });

  it('knows nothing while TikTok does not answer, and asks again later', async () => {
    simulator.control.setSwitches({ failures: [{ endpoint: 'user/info', kind: 'server-error' }] });
    await tell(removed(openId, now()));
    const error: unknown = await ask().catch((reason: unknown) => reason);
    expect(error, 'counted by the queue, which waits longer each time').to.have.property('kind', 'temporary');
    expect(await state()).to.equal('valid');
    const jobs: unknown = await whole.web.db.knex('jobs').where({ kind: 'confirm-access' }).select('state');
    expect(z.array(z.object({ state: z.string() })).parse(jobs)).to.deep.equal([{ state: 'running' }]);
  });
});
