import { expect } from 'chai';
import { addMember, createMember } from '../../support/factories.ts';
import { createDesk, type Desk } from './connect-desk.ts';

describe('The state of a login', () => {
  let desk: Desk;

  beforeEach(async () => {
    desk = await createDesk();
  });
  afterEach(() => desk.close());

  /** The page explains, nothing was asked, nothing was stored. */
  async function refused(query: Readonly<Record<string, string>> | string, code: string, who = desk.browser) {
    const answer = await desk.comeBack(query, who);
    expect(answer.status).to.equal(400);
    expect(answer.text).to.contain(`data-code="${code}"`).and.to.contain('Nothing was changed.');
    expect(desk.world.network.exchanged).to.deep.equal([]);
    expect(await desk.world.channels.list(desk.team.id)).to.deep.equal([]);
    expect(await desk.world.db.knex('credentials').select()).to.deep.equal([]);
    return answer;
  }

  it('S14: connecting cannot be started by a link', async () => {
    expect((await desk.browser.get(`/team/${desk.team.id}/channels/connect/example`)).status).to.equal(404);
  });

  it('S14: keeps a state as a hash only, with the verifier sealed, for ten minutes', async () => {
    const state = await desk.beginState();
    const rows: unknown[] = await desk.world.db.knex('oauth_states').select();
    expect(rows).to.have.length(1);
    expect(JSON.stringify(rows)).not.to.contain(state);
    expect(state).to.match(/^[\w-]{43}$/);
    desk.world.clock.advance(10 * 60_000);
    await refused({ code: 'code-1', state }, 'state_old');
  });

  it('S14: refuses a callback without a state, or with one that nobody made', async () => {
    await refused({ code: 'code-1' }, 'state_missing');
    await refused({ code: 'code-1', state: '' }, 'state_unknown');
    await refused({ code: 'code-1', state: 'x'.repeat(43) }, 'state_unknown');
  });

  it("S14: refuses another person's state, and the same person's state in another session", async () => {
    const state = await desk.beginState();
    const other = await desk.world.signIn(await createMember(desk.world.db, { team: desk.team, role: 'owner' }));
    await refused({ code: 'code-1', state }, 'state_unknown', other);
    await refused({ code: 'code-1', state }, 'state_unknown', await desk.world.signIn(desk.maja));
  });

  it('S14: refuses a state from before the session got a new id', async () => {
    const state = await desk.beginState();
    await addMember(desk.world.db, { team: desk.team, person: desk.maja, role: 'owner' });
    await desk.browser.get(`/team/${desk.team.id}/channels`);
    await refused({ code: 'code-1', state }, 'state_unknown');
  });

  it('S14: refuses a code that arrives without a session', async () => {
    await refused({ code: 'code-1', state: await desk.beginState() }, 'signed_out', desk.world.stranger());
  });

  it('S14: refuses a state of a team that the person has left, or whose role is too small now', async () => {
    const state = await desk.beginState();
    await addMember(desk.world.db, { team: desk.team, person: desk.maja, role: 'viewer' });
    const answer = await desk.comeBack({ code: 'code-1', state });
    expect(answer.status).to.equal(400);
    expect(desk.world.network.exchanged).to.deep.equal([]);
  });

  it("S14: refuses another network's state", async () => {
    const state = await desk.beginState();
    await desk.world.db.knex('oauth_states').update({ plugin: 'other' });
    await refused({ code: 'code-1', state }, 'state_unknown');
  });

  it('S14: refuses two codes, two states and two errors', async () => {
    const state = await desk.beginState();
    await refused(`code=code-1&code=code-2&state=${state}`, 'repeated_parameter');
    await refused(`code=code-1&state=x&state=${state}`, 'repeated_parameter');
    await refused(`error=a&error=b&state=${state}`, 'repeated_parameter');
  });

  it('S14: uses a state once', async () => {
    const state = await desk.beginState();
    expect((await desk.comeBack({ code: 'code-1', state })).status).to.equal(303);
    const again = await desk.comeBack({ code: 'code-2', state });
    expect(again.status).to.equal(400);
    expect(desk.world.network.exchanged).to.deep.equal(['code-1']);
  });

  it('S14: exchanges once for fifty parallel callbacks', async () => {
    const state = await desk.beginState();
    const answers = await Promise.all(Array.from({ length: 50 }, () => desk.comeBack({ code: 'code-1', state })));
    expect(answers.filter(({ status }) => status === 303)).to.have.length(1);
    expect(desk.world.network.exchanged).to.deep.equal(['code-1']);
    await desk.onlyChannel();
  });

  it('S14: explains an error of the network without a token call, with and without a state', async () => {
    const answer = await refused({ error: 'access_denied', state: await desk.beginState() }, 'access_denied');
    expect(answer.text).to.contain('Example says access_denied.').and.to.contain('Try again');
    await refused({ error: 'server_error' }, 'server_error');
  });

  it('refuses a login whose mode was changed meanwhile', async () => {
    const state = await desk.beginState();
    await desk.world.saveSettings({ 'sandbox.key': 'sbaw1', 'sandbox.secret': 'sandbox-secret' }, { mode: 'sandbox' });
    await refused({ code: 'code-1', state }, 'mode_changed');
  });
});
