import { expect } from 'chai';
import { z } from 'zod';
import { RemoteError } from '#plugin-api';
import { createConfirmHandler } from '../../../core/credentials/confirm-access.ts';
import type { Delivery } from '../../../core/deliveries/delivery-desk.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  claim,
  createEngineWorld,
  type EngineWorld,
  runDue,
  schedule,
  tokensUntil,
} from '../../support/engine-world.ts';

const hour = 3_600_000;

onEachDatabase('An access that ends', (db) => {
  let world: EngineWorld;
  let channel: { readonly id: number; readonly credentialId: number };
  let accountId: string;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    channel = await addChannel(world);
    ({ accountId } = await world.credentials.find(channel.credentialId));
  });

  const refused = new RemoteError({
    kind: 'reconnect',
    explanation: { sentence: 'It said no.', who: 'team', nextStep: '', code: 'no' },
  });

  /** The same account in a team that the first knows nothing of. */
  async function addToAnotherTeam(graceMs = 24 * hour): Promise<{ world: EngineWorld; channelId: number }> {
    const grace = { grace_seconds: graceMs / 1_000 };
    const [teamId = 0] = await db()
      .knex('teams')
      .insert({ name: 'South', zone: 'UTC', created_at: 0, ...grace });
    const facts = { plugin: 'fake', account_id: accountId, nickname: 'South Roast', connected_at: 0 };
    const row = { ...facts, team_id: teamId, credential_id: channel.credentialId };
    const [channelId = 0] = await db().knex('channels').insert(row);
    return { world: { ...world, teamId }, channelId };
  }

  async function logInAgain(name = 'again', sql = db().knex): Promise<void> {
    const account = { accountId, nickname: 'North Roast', tokens: tokensUntil(world.clock.now() + 2 * hour, name) };
    await world.credentials.save({ plugin: 'fake', appKey: 'app', mode: 'live', account }, sql);
  }

  /** As connecting does it: access and channel in one transaction. */
  const connect = (name: string): Promise<void> =>
    db().transaction(async (sql) => {
      await logInAgain(name, sql);
      await sql('channels').where({ id: channel.id }).update({ disconnected_at: null });
    });
  const disconnect = async (): Promise<boolean> => {
    await db().knex('channels').where({ id: channel.id }).update({ disconnected_at: 1 });
    return world.credentials.revokeIfUnused(channel.credentialId);
  };
  const stored = async () => {
    const rows: unknown = await db().knex('credentials').select('access_token', 'refresh_token', 'state');
    const row = z.object({ access_token: z.string(), refresh_token: z.string(), state: z.string() });
    return z.tuple([row]).parse(rows)[0];
  };
  const questions = async (): Promise<number> =>
    (await db().knex('jobs').where({ kind: 'confirm-access', state: 'waiting' }).select('id')).length;

  it('parks the posts of every team that shares it, tells each once, and lets all go on after one reconnects', async () => {
    const south = await addToAnotherTeam();
    const here = await schedule(world, { channelId: channel.id });
    const there = await schedule(south.world, { channelId: south.channelId });
    world.network.advance = async (_delivery, _attempt, { account }) => {
      await account.accessToken();
      return { kind: 'published', remoteIds: [account.accountId + String(_delivery.id)] };
    };
    world.network.refresh = () => {
      throw refused;
    };
    world.clock.advance(3 * hour);
    await runDue(world);
    const [first, second] = [await find(here), await south.world.desk.find(south.world.teamId, there.id)];
    for (const parked of [first, second]) expect(parked).to.include({ state: 'scheduled', hold: 'reconnect' });
    const events: unknown = await db().knex('events').where({ kind: 'channel.reconnect-needed' }).select('team_id');
    expect(events).to.have.deep.members([{ team_id: world.teamId }, { team_id: south.world.teamId }]);

    await logInAgain();
    await runDue(world);
    expect(await find(here)).to.include({ state: 'published', hold: null });
    expect(await south.world.desk.find(south.world.teamId, there.id)).to.include({ state: 'published', hold: null });
  });

  it('calls a post missed at the end of its own team’s grace, not before', async () => {
    const south = await addToAnotherTeam(2 * hour);
    const here = await schedule(world, { channelId: channel.id });
    const there = await schedule(south.world, { channelId: south.channelId });
    await world.credentials.needsReconnect(channel.credentialId);
    world.network.advance = async (_delivery, _attempt, { account }) => {
      await account.accessToken();
      return { kind: 'published', remoteIds: ['1'] };
    };
    await runDue(world);
    world.clock.advance(2 * hour + 60_000);
    await runDue(world);
    expect(await find(here)).to.include({ state: 'scheduled', hold: 'reconnect' });
    expect(await south.world.desk.find(south.world.teamId, there.id)).to.include({
      state: 'needs-attention',
      outcomeCode: 'missed_window',
    });
  });

  const find = (delivery: Delivery): Promise<Delivery> => world.desk.find(world.teamId, delivery.id);

  it('never revokes what somebody connects at the same moment, and never keeps it half (20 races)', async () => {
    for (let race = 0; race < 20; race += 1) {
      const seen: string[] = [];
      world.network.revoke = ({ accessToken }) => void seen.push(accessToken);
      await connect(`old-${race}`);
      await db().knex('jobs').delete();
      await Promise.all([disconnect(), connect(`new-${race}`)]);
      const rows: unknown[] = await db().knex('channels').where({ id: channel.id }).whereNull('disconnected_at');
      // Connected first and disconnected then: the new grant is the one that goes.
      if (rows.length === 0) continue;
      const isOld = (all: string[]) => all.every((one) => one === `access-old-${race}`);
      expect(seen, `race ${race}, revoked`).to.satisfy(isOld);
      const { state, access_token: sealed } = await stored();
      expect([state, sealed === ''], `race ${race}`).to.deep.equal(['valid', false]);
      // Whoever revoked although somebody connected has it looked at.
      if (seen.length > 0) expect(await questions(), `race ${race}`).to.equal(1);
    }
  });

  it('has the access looked at when somebody connects while the network is revoking the old one', async () => {
    world.network.revoke = () => connect('new');
    expect(await disconnect()).to.equal(true);
    expect(await stored()).to.include({ state: 'valid' });
    expect(await questions()).to.equal(1);

    world.network.confirm = (accessToken) => {
      expect(accessToken).to.equal('access-new');
      throw refused;
    };
    world.network.refresh = () => {
      throw refused;
    };
    const jobs = await claim(world);
    const handler = createConfirmHandler({ ...world, log: world.log.log });
    expect(await Promise.all(jobs.map((job) => handler.run(job)))).to.deep.equal([{ kind: 'done' }]);
    expect(await stored()).to.include({ state: 'reconnect-needed' });
  });

  it('keeps nothing of a refresh that was under way when the last channel went', async () => {
    world.clock.advance(3 * hour);
    world.network.refresh = async () => {
      await disconnect();
      return tokensUntil(world.clock.now() + hour, 'too-late');
    };
    const access = await world.credentials.access(channel.credentialId);
    await access.accessToken().catch((error: unknown) => expect(error).to.be.instanceOf(RemoteError));
    expect(await stored()).to.deep.equal({ access_token: '', refresh_token: '', state: 'reconnect-needed' });
  });

  it('forgets dead tokens too when the last channel goes, without asking the network', async () => {
    await world.credentials.needsReconnect(channel.credentialId);
    expect(await disconnect()).to.equal(false);
    expect(world.network.revoked).to.equal(0);
    expect(await stored()).to.deep.equal({ access_token: '', refresh_token: '', state: 'reconnect-needed' });
  });
});
