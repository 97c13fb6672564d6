import { expect } from 'chai';
import { publishJobKind } from '../../../core/deliveries/publishing-context.ts';
import { createMember } from '../../support/factories.ts';
import { createDesk, type Desk } from './connect-desk.ts';

describe('Reconnecting channels together', () => {
  let desk: Desk;
  let list: string;
  let walk: string;
  const sandbox = { 'sandbox.key': 'sbaw1', 'sandbox.secret': 'sandbox-secret', 'sandbox.scopes': ['see', 'post'] };

  /** Two profiles of the sandbox, then Mode Live. */
  beforeEach(async () => {
    desk = await createDesk();
    list = `/team/${desk.team.id}/channels`;
    walk = `${list}/reconnection/example`;
    await desk.world.saveSettings(sandbox, { mode: 'sandbox' });
    await desk.connect('code-1');
    await desk.connect('code-2');
    await desk.world.saveSettings({}, { mode: 'live' });
  });
  afterEach(() => desk.close());

  const idOf = async (nickname: string) => {
    const channel = (await desk.world.channels.list(desk.team.id)).find((one) => one.nickname === nickname);
    if (channel === undefined) throw new Error(nickname);
    return channel.id;
  };
  const modes = async () => (await desk.world.channels.list(desk.team.id)).map(({ mode }) => mode);

  /** A scheduled delivery whose job looks again in two hours. @returns its id */
  async function park(channelId: number, facts: { due_at: number; hold: string | null }): Promise<number> {
    const { knex } = desk.world.db;
    const now = desk.world.clock.now();
    const id = (await knex('posts').select('id')).length + 1;
    await knex('posts').insert({
      ...{ id, team_id: desk.team.id, caption: 'Buns', nonce: `n${id}`, nonce_body: 'x', state: 'scheduled' },
      ...{ due_at: facts.due_at, created_at: now, updated_at: now },
    });
    await knex('deliveries').insert({
      ...{ id, post_id: id, team_id: desk.team.id, channel_id: channelId, plugin: 'example', state: 'scheduled' },
      ...{ options: '{}', due_wall: '2026-11-21T13:00', due_zone: 'UTC', updated_at: now, ...facts },
    });
    const times = { run_at: now + 7_200_000, created_at: now, updated_at: now };
    await knex('jobs').insert({ kind: publishJobKind, key: String(id), payload: '{}', state: 'waiting', ...times });
    return id;
  }

  it('is offered on the list while channels publish with another app than new ones', async () => {
    const { text } = await desk.browser.get(list);
    expect(text)
      .to.contain('2 profiles publish with Sandbox; new ones are connected with Live.')
      .and.to.contain(`href="${walk}">Reconnect all 2 with Live</a>`)
      .and.to.contain('<span class="cd-tag">Sandbox</span>');
    const viewer = await desk.world.signIn(await createMember(desk.world.db, { team: desk.team, role: 'viewer' }));
    expect((await viewer.get(list)).text).not.to.contain('Reconnect all');
    expect((await viewer.get(walk)).status).to.equal(403);
  });

  it('asks nobody to move to the app that is only being tried out, but shows the app of each', async () => {
    await desk.connect('code-1');
    await desk.world.saveSettings({}, { mode: 'sandbox' });
    const { text } = await desk.browser.get(list);
    expect(text).not.to.contain('Reconnect all');
    expect(text).to.contain('<span class="cd-tag">Live</span>').and.to.contain('<span class="cd-tag">Sandbox</span>');
  });

  it('walks through them one after the other, and each login leads on to the next', async () => {
    const first = await desk.browser.get(walk);
    expect(first.text).to.contain('Log in at Example as @catering.').and.to.contain('Then one more');
    const fields = { channel: String(await idOf('Catering')), walk: '1' };
    const back = await desk.connect('code-2', fields);
    expect(back.headers['location']).to.equal(`${walk}?connected=${fields.channel}`);
    const second = await desk.browser.get(back.headers['location'] ?? '');
    expect(second.text).to.contain('Catering publishes with Live now.').and.to.contain('as @ryeclub.');
    await desk.connect('code-1', { channel: String(await idOf('Rye Club')), walk: '1' });
    expect((await desk.browser.get(walk)).text).to.contain('Nothing is left to reconnect');
    expect(await modes()).to.deep.equal(['live', 'live']);
  });

  it('leads on after a login in a small window too, and after one that failed', async () => {
    const channel = String(await idOf('Catering'));
    const popup = await desk.connect('code-2', { channel, walk: '1', popup: '1' });
    expect(popup.headers['location']).to.equal(`${list}/connected?connected=${channel}&walk=1`);
    expect((await desk.browser.get(popup.headers['location'] ?? '')).text).to.contain(
      `data-connected="${walk}?connected=${channel}"`,
    );
    const refused = await desk.connect('code-2', { channel: String(await idOf('Rye Club')), walk: '1' });
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain('name="walk" value="1"').and.to.contain(`href="${walk}"`);
  });

  it('keeps a channel’s posts, lets what was parked go on with the other app, and leaves the rest to its time', async () => {
    const channel = await idOf('Catering');
    const now = desk.world.clock.now();
    const parked = await park(channel, { due_at: now - 60_000, hold: 'reconnect' });
    const later = await park(channel, { due_at: now + 3_600_000, hold: null });
    await desk.connect('code-2', { channel: String(channel), walk: '1' });
    const deliveries = await desk.world.db.knex('deliveries').orderBy('id').select('id', 'channel_id', 'state', 'hold');
    expect(deliveries).to.deep.equal([
      { id: parked, channel_id: channel, state: 'scheduled', hold: null },
      { id: later, channel_id: channel, state: 'scheduled', hold: null },
    ]);
    const jobs: { run_at: number }[] = await desk.world.db.knex('jobs').orderBy('id').select('run_at');
    expect(jobs.map((job) => job.run_at <= now)).to.deep.equal([true, false]);
  });

  it('refuses another account, and what was parked stays parked', async () => {
    const channel = await idOf('Catering');
    await park(channel, { due_at: desk.world.clock.now() - 60_000, hold: 'reconnect' });
    expect((await desk.connect('code-1', { channel: String(channel), walk: '1' })).status).to.equal(409);
    expect(await desk.world.db.knex('deliveries').pluck('hold')).to.deep.equal(['reconnect']);
  });

  it('goes past one that is skipped, which publishes as before', async () => {
    const skip = `${walk}?skip=${await idOf('Catering')}`;
    expect((await desk.browser.get(skip)).text).to.contain('as @ryeclub.');
    const { text } = await desk.browser.get(`${skip}.${await idOf('Rye Club')}.x`);
    expect(text).to.contain('2 profiles were skipped. They publish as before.');
    expect(await modes()).to.deep.equal(['sandbox', 'sandbox']);
  });
});
