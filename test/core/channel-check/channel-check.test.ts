import { expect } from 'chai';
import type { CheckedChannel } from '#plugin-api';
import { RemoteError } from '#plugin-api';
import { accessRows } from '../../../core/channel-check/access-rows.ts';
import { checkPath } from '../../../core/channel-check/check-link.ts';
import { createMember } from '../../support/factories.ts';
import { createDesk, type Desk } from '../channels/connect-desk.ts';

const dayMs = 86_400_000;

describe('The connection check of any network', () => {
  let desk: Desk | undefined;
  afterEach(() => desk?.close());

  async function check(parts: Parameters<typeof createDesk>[0]) {
    desk = await createDesk(parts);
    await desk.connect();
    const channel = await desk.onlyChannel();
    return { desk, channel, answer: await desk.browser.get(`/team/${channel.teamId}/channels/${channel.id}/check`) };
  }

  it('tells of the access alone where the network brings no check of its own', async () => {
    const { answer } = await check({});
    expect(answer.status).to.equal(200);
    expect(answer.text).to.contain('There is an access to this account.').and.to.contain('data-check="renewal"');
    expect(answer.text).not.to.contain('Permissions').and.not.to.contain('refresh-canary');
  });

  it('says what stopped the check, when the network cannot even be asked', async () => {
    const explanation = { sentence: 'Nobody answers.', who: 'network', nextStep: 'Wait.', code: 'no_answer' } as const;
    const run = () => Promise.reject<CheckedChannel>(new RemoteError({ kind: 'temporary', explanation }));
    const { answer } = await check({ channelCheck: { run, explains: [] } });
    expect(answer.status).to.equal(200);
    expect(answer.text).to.contain('data-conclusion="warning"').and.to.contain('Nobody answers.');
  });

  it('notes in the activity who renewed the access, where it was renewed', async () => {
    const { desk: world, channel } = await check({});
    const { db } = world.world;
    const manager = await createMember(db, { team: world.team, role: 'manager', name: 'Noor' });
    const browser = await world.world.signIn(manager);
    const pressed = await browser.post(`/team/${channel.teamId}/channels/${channel.id}/check/renewal`);
    expect(pressed.status).to.equal(303);
    const about = { team_id: channel.teamId, subject: 'channel', subject_id: String(channel.id), is_act: true };
    const actors: unknown[] = await db
      .knex('events')
      .where({ ...about, kind: 'channel.access-renewed' })
      .pluck('actor_id');
    expect(actors).to.deep.equal([manager.id]);
  });

  it('is led to only by codes that it explains', async () => {
    const run = () => Promise.reject<CheckedChannel>(new Error('It is not run.'));
    const { desk: world, channel } = await check({});
    const { registry } = world.world.forCommands;
    expect(checkPath({ registry, channel, code: 'scope' })).to.equal(null);
    const found = { ...registry.get('example'), parts: { channelCheck: { run, explains: ['scope'] } } };
    const explaining = { find: () => ({ ...found, parts: { ...registry.get('example').parts, ...found.parts } }) };
    expect(checkPath({ registry: explaining, channel, code: 'scope' })).to.equal(
      `/team/${channel.teamId}/channels/${channel.id}/check`,
    );
    expect(checkPath({ registry: explaining, channel, code: 'other' })).to.equal(null);
    expect(checkPath({ registry: explaining, channel, code: undefined })).to.equal(null);
  });
});

describe('What a check says of an access', () => {
  const now = 1_000 * dayMs;
  const states = (access: { isLost?: boolean; accessEndsIn?: number; refreshEndsIn?: number }) => {
    const { isLost = false, accessEndsIn = 1, refreshEndsIn = 100 } = access;
    const times = { accessExpiresAt: now + accessEndsIn * dayMs, refreshExpiresAt: now + refreshEndsIn * dayMs };
    const rows = accessRows({ isLost, ...times, refreshedAt: now - dayMs, now }, (key) => key);
    return rows.map(({ id, state, text }) => `${id} ${state} ${text.split('.').at(-1) ?? ''}`);
  };

  const table = [
    ['it lasts', {}, ['present ok stored', 'expiry ok lasts', 'renewal ok renewable']],
    ['it ran out', { accessEndsIn: 0 }, ['present ok stored', 'expiry warning ranOut', 'renewal ok renewable']],
    ['it ends soon', { refreshEndsIn: 13 }, ['present ok stored', 'expiry ok lasts', 'renewal warning ending']],
    ['its time is over', { refreshEndsIn: 0 }, ['present ok stored', 'expiry ok lasts', 'renewal failed over']],
    ['it is lost', { isLost: true }, ['present failed lost']],
  ] as const;
  for (const [what, access, rows] of table) {
    it(`is what is so: ${what}`, () => {
      expect(states(access)).to.deep.equal([...rows]);
    });
  }
});
