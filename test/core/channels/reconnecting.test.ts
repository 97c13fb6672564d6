import { expect } from 'chai';
import { dump } from '../../support/replay.ts';
import { createDesk, type Desk } from './connect-desk.ts';

interface Login {
  readonly accountId: string;
  readonly unionId?: string;
  readonly username?: string;
}

interface Case {
  readonly what: string;
  readonly before: Login;
  readonly now: Login;
  readonly isSame: boolean;
}

const rye = { unionId: 'union', username: 'ryeclub' } as const;

describe('Reconnecting a channel', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await createDesk();
  });
  afterEach(() => desk.close());

  const sandbox = { 'sandbox.key': 'sbaw1', 'sandbox.secret': 'sandbox-secret', 'sandbox.scopes': ['see', 'post'] };

  /** Connects, perhaps switches to the other app, and presses Reconnect. */
  async function reconnect({ before, now }: Case, isOtherApp: boolean) {
    desk.world.network.accounts.set('before', { ...before, nickname: 'Rye Club' });
    desk.world.network.accounts.set('now', { ...now, nickname: 'Rye Club now' });
    await desk.connect('before');
    const { id } = await desk.onlyChannel();
    if (isOtherApp) await desk.world.saveSettings(sandbox, { mode: 'sandbox' });
    const state = await desk.beginState({ channel: String(id) });
    const stored = await dump(desk.world.db, ['oauth_states', 'sessions']);
    const answer = await desk.comeBack({ code: 'now', state });
    const isUntouched = (await dump(desk.world.db, ['oauth_states', 'sessions'])) === stored;
    return { id, answer, isUntouched };
  }

  async function expectOutcome(one: Case, isOtherApp: boolean): Promise<void> {
    const { id, answer, isUntouched } = await reconnect(one, isOtherApp);
    if (one.isSame) {
      expect(answer.status).to.equal(303);
      expect(await desk.onlyChannel()).to.include({ id, nickname: 'Rye Club now', accountId: one.now.accountId });
      return;
    }
    expect(answer.status).to.equal(409);
    expect(answer.text).to.contain('data-code="other_account"').and.to.contain('Add as a new channel');
    expect(isUntouched, 'nothing is stored').to.equal(true);
    await desk.connect('now');
    expect(await desk.world.channels.list(desk.team.id), 'added as a new channel').to.have.length(2);
  }

  describe('through the same app', () => {
    const cases: readonly Case[] = [
      {
        what: 'takes the same account, renamed',
        before: { accountId: 'a', ...rye },
        now: { accountId: 'a', username: 'x' },
        isSame: true,
      },
      {
        what: 'refuses another account under the same username',
        before: { accountId: 'a', ...rye },
        now: { accountId: 'b', ...rye },
        isSame: false,
      },
    ];
    for (const one of cases) it(one.what, () => expectOutcome(one, false));
  });

  describe('through another app', () => {
    const before = { accountId: 'live-id', ...rye };
    const now = { accountId: 'sandbox-id' };
    const cases: readonly Case[] = [
      {
        what: "takes the developer's same id, whatever the username",
        before,
        now: { ...now, ...rye, username: 'x' },
        isSame: true,
      },
      {
        what: "refuses another developer's id under the same username",
        before,
        now: { ...now, ...rye, unionId: 'y' },
        isSame: false,
      },
      {
        what: 'takes the same username where it had no such id',
        before: { accountId: 'live-id', username: 'ryeclub' },
        now: { ...now, ...rye },
        isSame: true,
      },
      {
        what: 'takes the same username where it has no such id now',
        before,
        now: { ...now, username: 'ryeclub' },
        isSame: true,
      },
      { what: 'refuses another username without such an id', before, now: { ...now, username: 'x' }, isSame: false },
      {
        what: 'refuses what cannot be compared',
        before: { accountId: 'live-id' },
        now,
        isSame: false,
      },
      {
        what: 'takes the same number where nothing else can be compared',
        before: { accountId: 'id' },
        now: { accountId: 'id' },
        isSame: true,
      },
    ];
    for (const one of cases) it(one.what, () => expectOutcome(one, true));
  });
});
