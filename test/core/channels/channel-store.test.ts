import { expect } from 'chai';
import { createChannelStore } from '../../../core/channels/channel-store.ts';
import { createOAuthStateStore } from '../../../core/channels/oauth-state-store.ts';
import type { ConnectionFilter } from '../../../core/connections/connection.ts';
import { selectConnections, tallyConnections } from '../../../core/connections/connection-store.ts';
import { createSettingsStore } from '../../../core/settings/settings-store.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createPerson, createTeam } from '../../support/factories.ts';

onEachDatabase('What is stored of channels and settings', (db) => {
  async function world() {
    const team = await createTeam(db());
    const person = await createPerson(db(), { name: 'Maja' });
    const [credentialId = 0] = await db().knex('credentials').insert({
      plugin: 'example',
      app_key: 'aw1',
      account_id: 'acc',
      union_id: 'Union',
      mode: 'live',
      access_token: 'x',
      refresh_token: 'x',
      scopes: '["see"]',
      access_expires_at: 1,
      refresh_expires_at: 1,
      state: 'valid',
      refreshed_at: 1,
    });
    const facts = {
      ...{ teamId: team.id, plugin: 'example', credentialId, accountId: 'acc', nickname: 'Håndværk 🥐', username: 'u' },
      ...{ avatar: 'a.webp', connectedBy: person.id, connectedAt: 1_800_000_000_000 },
    };
    return { team, person, credentialId, facts, store: createChannelStore(db()) };
  }

  it('keeps one connected channel of an account, also when fifty connect it at once', async () => {
    const { store, facts, team } = await world();
    const ids = await Promise.all(
      Array.from({ length: 50 }, () => db().transaction((sql) => store.put({ ...facts, avatar: undefined }, sql))),
    );
    expect(new Set(ids).size).to.equal(1);
    expect(await store.list(team.id)).to.have.length(1);
  });

  it('reads a channel back with its credential, team and person, and keeps the picture that is not replaced', async () => {
    const { store, facts, team, person } = await world();
    const id = await db().transaction((sql) => store.put(facts, sql));
    await db().transaction((sql) => store.put({ ...facts, avatar: undefined, nickname: 'New' }, sql));
    expect(await store.find(team.id, id)).to.deep.include({
      ...{ id, nickname: 'New', avatar: 'a.webp', state: 'connected', unionId: 'Union', scopes: ['see'] },
      ...{ connectedBy: { id: person.id, name: 'Maja' }, connectedAt: 1_800_000_000_000, zone: 'Europe/Copenhagen' },
    });
    expect(await store.find(team.id + 1, id)).to.equal(undefined);
  });

  it('makes room for the same account once its channel is disconnected, and keeps the old one', async () => {
    const { store, facts, team } = await world();
    const first = await db().transaction((sql) => store.put(facts, sql));
    expect(await db().transaction((sql) => store.disconnect(first, 5, sql))).to.equal(true);
    expect(await db().transaction((sql) => store.disconnect(first, 6, sql))).to.equal(false);
    expect(await db().transaction((sql) => store.renew(first, facts, sql))).to.equal(false);
    const second = await db().transaction((sql) => store.put(facts, sql));
    expect(second).not.to.equal(first);
    expect((await store.list(team.id)).map(({ id }) => id)).to.deep.equal([second]);
    expect((await store.findMany(team.id, [first, second])).length).to.equal(2);
  });

  it('says that a change found its channel even when nothing was different', async () => {
    const { store, facts } = await world();
    const id = await db().transaction((sql) => store.put(facts, sql));
    expect(await db().transaction((sql) => store.setPaused(id, false, sql))).to.equal(true);
    expect(await db().transaction((sql) => store.renew(id, facts, sql))).to.equal(true);
  });

  it('counts who uses an app, and what waits', async () => {
    const { store, facts, credentialId, team } = await world();
    await db().transaction((sql) => store.put(facts, sql));
    expect(await store.countChannels('example', 'aw1')).to.equal(1);
    expect(await store.countChannels('example', 'AW1')).to.equal(0);
    expect(await store.credentialIds('example', 'aw1')).to.deep.equal([credentialId]);
    expect(await store.waiting(team.id)).to.deep.equal(new Map());
    expect(await store.usesOf('example')).to.deep.equal([
      { appKey: 'aw1', scopes: ['see'], isLost: false, count: 1, acceptedAt: 1 },
    ]);
  });

  it('lists and counts connections by what is wrong with them', async () => {
    const { store, facts, credentialId, team } = await world();
    const channelId = await db().transaction((sql) => store.put(facts, sql));
    const find = async (filter: ConnectionFilter, turn = {}) =>
      (await selectConnections(db(), { plugin: 'example', filter, limit: 5, ...turn })).map((one) => one.channelId);
    expect(await find({ missing: 'post' })).to.deep.equal([channelId]);
    for (const filter of [
      { missing: 'see' },
      { hasFailed: true },
      { lostOrNotOf: ['aw1'] },
      { appKey: 'aw2' },
    ] as const) {
      expect(await find(filter)).to.deep.equal([]);
    }
    await db()
      .knex('credentials')
      .where({ id: credentialId })
      .update({ refresh_failed_at: 7, refresh_failed_code: 'no' });
    expect(await find({ hasFailed: true, lostOrNotOf: ['aw2'] })).to.deep.equal([channelId]);
    expect(await find({}, { before: { teamId: team.id + 1, channelId: 1 } })).to.deep.equal([channelId]);
    expect(await find({}, { after: { teamId: team.id, channelId } })).to.deep.equal([]);
    expect(await tallyConnections(db(), 'example')).to.deep.equal([
      { appKey: 'aw1', isLost: false, hasFailed: true, count: 1 },
    ]);
  });

  it('S14: gives a state to one of fifty who take it', async () => {
    const { team, person } = await world();
    const states = createOAuthStateStore(db());
    const state = {
      ...{ stateHash: 'a'.repeat(64), sessionHash: 'b'.repeat(64), userId: person.id, teamId: team.id },
      ...{
        plugin: 'example',
        channelId: null,
        setId: 'live',
        sealedVerifier: 'x',
        inPopup: true,
        inWalk: false,
        expiresAt: 10,
      },
    };
    await states.add(state);
    expect(await states.find(state.stateHash)).to.deep.equal(state);
    const taken = await Promise.all(Array.from({ length: 50 }, () => states.consume(state.stateHash)));
    expect(taken.filter(Boolean)).to.have.length(1);
    await states.add({ ...state, expiresAt: 5 });
    await states.forgetExpired(6);
    expect(await states.find(state.stateHash)).to.equal(undefined);
  });

  it('replaces and removes settings', async () => {
    const { person } = await world();
    const store = createSettingsStore(db());
    const change = { pluginId: 'example', by: person.id, at: 7 };
    const value = { setId: 'live', field: 'key', value: 'one', isSealed: false, hint: null };
    const put = (values: readonly (typeof value)[], removed: readonly { setId: string; field: string }[] = []) =>
      db().transaction((sql) => store.put({ ...change, values, removed }, sql));
    await put([value]);
    await put([{ ...value, value: 'two' }]);
    const saved = { savedAt: 7, savedBy: 'Maja' };
    expect(await store.ofPlugin('example')).to.deep.equal([{ ...value, ...saved, value: 'two' }]);
    expect(await store.lastSaved('example')).to.deep.equal({ at: 7, by: 'Maja' });
    await put([], [{ setId: 'live', field: 'key' }]);
    expect(await store.ofPlugin('example')).to.deep.equal([]);
    expect(await store.lastSaved('other')).to.equal(undefined);
  });
});
