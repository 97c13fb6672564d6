import { expect } from 'chai';
import { createAttentionService } from '../../../core/attention/attention-service.ts';
import type { Role } from '../../../core/auth/permissions.ts';
import { createChannelStore } from '../../../core/channels/channel-store.ts';
import type { Config } from '../../../core/config.ts';
import { putNotification } from '../../../core/notifications/outbox-store.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { createSettingsStore } from '../../../core/settings/settings-store.ts';
import { readTeamFacts } from '../../../core/teams/team-facts.ts';
import { askedBy } from '../../../bench/lib/posts.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { addChannel, createEngineWorld, type EngineWorld, schedule } from '../../support/engine-world.ts';
import { createMember } from '../../support/factories.ts';

const day = 86_400_000;

onEachDatabase('What the frame of a team counts', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    await saveKey('app');
  });

  const saveKey = (value: string) => {
    const setting = { setId: 'live', field: 'key', value, isSealed: false, hint: null };
    const change = { pluginId: 'fake', by: null, at: 1, removed: [] };
    return createSettingsStore(db()).put({ ...change, values: [setting] }, db().knex);
  };
  const words = 'settings:title' as const;
  /** The network of the world, with one app. */
  const registry = () => {
    const known = createPluginRegistry();
    for (const active of world.registry.all()) {
      const settings = { ...active.plugin.settings, sets: [{ id: 'live', label: words, help: words }] };
      known.add({ ...active, plugin: { ...active.plugin, settings } });
    }
    return known;
  };
  const factsFor = (role: Role, personId = world.actor.id, plugins: Config['plugins'] = new Map()) =>
    readTeamFacts({ ...world, registry: registry(), config: { plugins } }, world.teamId, { personId, role });
  const put = async (of: EngineWorld, columns: Readonly<Record<string, string | boolean>>): Promise<number> => {
    const { id, channelId } = await schedule(of);
    await db().knex('deliveries').where({ id }).update(columns);
    return channelId;
  };
  const tell = (teamId: number) =>
    db().transaction((sql) =>
      putNotification(sql, world, {
        ...{ kind: 'reconnect-needed', teamId, subjectId: 1 },
        facts: { channel: 'North Roast', plugin: 'fake', because: 'network' },
      }),
    );

  it('is what needs a person, what waits for whoever may approve and what is new to this one, in one statement', async () => {
    const manager = await createMember(db(), { team: { id: world.teamId }, role: 'manager' });
    await put(world, { state: 'failed' });
    const lost = await put(world, { state: 'needs-attention' });
    await put(world, { needs_approval: true });
    const { credentialId } = await addChannel(world);
    const soon = { refresh_expires_at: world.clock.now() + day };
    await db().knex('credentials').where({ id: credentialId }).update(soon);
    const credential = db().knex('channels').where({ id: lost }).select('credential_id');
    await db().knex('credentials').whereIn('id', credential).update({ state: 'reconnect-needed' });
    const { id: gone } = await addChannel(world);
    await db().knex('channels').where({ id: gone }).update({ disconnected_at: 1 });
    await tell(world.teamId);
    const other = await createEngineWorld(db());
    await createMember(db(), { team: { id: other.teamId }, role: 'manager' });
    await put(other, { state: 'failed', needs_approval: true });
    await tell(other.teamId);

    const seen: Awaited<ReturnType<typeof factsFor>>[] = [];
    const asked = await askedBy(db(), async () => void seen.push(await factsFor('manager', manager.id)));
    expect(asked.statements).to.have.length(1);
    expect(seen).to.deep.equal([{ channelCount: 4, counts: { posts: 3, channels: 2 }, unread: 1 }]);
    const untold = { channelCount: 4, counts: { posts: 2, channels: 2 } };
    expect(await factsFor('editor')).to.deep.equal({ ...untold, unread: 0 });
    expect(await factsFor('viewer')).to.deep.equal(untold);
    const onItsPage = await createAttentionService(world).counts(
      world.teamId,
      await createChannelStore(db()).list(world.teamId),
    );
    expect(onItsPage).to.deep.equal(untold.counts);
  });

  it('is nothing but zeros in a team without anything', async () => {
    expect(await factsFor('owner')).to.deep.equal({ channelCount: 0, counts: { posts: 0, channels: 0 }, unread: 0 });
  });

  it('is every channel of an app that an admin has replaced, from the next page on, unless the environment names it', async () => {
    await addChannel(world);
    const { credentialId } = await addChannel(world);
    await db().knex('credentials').where({ id: credentialId }).update({ state: 'reconnect-needed' });
    expect((await factsFor('viewer')).counts).to.deep.equal({ posts: 0, channels: 1 });
    await saveKey('another app');
    expect((await factsFor('viewer')).counts).to.deep.equal({ posts: 0, channels: 2 });
    const environment: Config['plugins'] = new Map([
      ['fake', { mode: 'live', values: new Map([['key', 'app']]), addresses: new Map() }],
    ]);
    expect((await factsFor('viewer', 1, environment)).counts).to.deep.equal({ posts: 0, channels: 1 });
  });
});
