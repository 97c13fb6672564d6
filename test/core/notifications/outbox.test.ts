import { expect } from 'chai';
import { z } from 'zod';
import { type Explanation, RemoteError } from '#plugin-api';
import type { Role } from '../../../core/auth/permissions.ts';
import type { Database } from '../../../core/db/database.ts';
import { claimMail } from '../../../core/notifications/mail-store.ts';
import { tellReconnectNeeded } from '../../../core/notifications/outbox-store.ts';
import { forgettingOldNotifications, tellingOfEndingAccess } from '../../../core/notifications/notification-upkeep.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import {
  addChannel,
  addPost,
  claim,
  createEngineWorld,
  type EngineWorld,
  run,
  runDue,
  schedule,
} from '../../support/engine-world.ts';
import { createMember, createTeam } from '../../support/factories.ts';

const because: Explanation = {
  sentence: 'The caption looks like spam to Fake.',
  who: 'you',
  nextStep: 'Change it and make a new post.',
  code: 'spam',
};

const noteRow = z.object({
  id: z.number(),
  kind: z.string(),
  team_id: z.number(),
  subject_id: z.number(),
  facts: z.string(),
});

async function notes(db: Database) {
  const rows: unknown = await db.knex('notifications').orderBy('id');
  return z.array(noteRow).parse(rows);
}

/** Names of roles that were told, over all notifications. */
async function toldRoles(db: Database): Promise<readonly string[]> {
  const names: unknown = await db
    .knex('notification_recipients as r')
    .join('users as u', 'u.id', 'r.user_id')
    .orderBy('u.name')
    .pluck('u.name');
  return z.array(z.string()).parse(names);
}

onEachDatabase('A notification', (db) => {
  let world: EngineWorld;
  beforeEach(async () => {
    world = await createEngineWorld(db());
    for (const role of ['owner', 'manager', 'editor', 'viewer'] as const) await add(role, role);
  });

  const add = (role: Role, name: string, teamId = world.teamId) =>
    createMember(db(), { team: { id: teamId }, role, name });

  it('is written with the end of a delivery: one for each end, and none for a wait or a success', async () => {
    const delivery = await schedule(world);
    world.network.advance = () => ({ kind: 'wait', at: world.clock.now() + 60_000, because });
    await runDue(world);
    expect(await notes(db())).to.deep.equal([]);
    world.clock.advance(60_000);
    world.network.advance = () => ({ kind: 'failed', because });
    await runDue(world);
    const [note, ...more] = await notes(db());
    expect(more).to.deep.equal([]);
    expect(note).to.include({ kind: 'delivery-failed', team_id: world.teamId, subject_id: delivery.id });
    expect(JSON.parse(note?.facts ?? '')).to.deep.equal({
      ...{ postId: delivery.postId, post: 'New beans today', channel: 'North Roast', plugin: 'fake' },
      ...{ sentence: because.sentence, who: 'you', nextStep: because.nextStep, code: 'spam', mayBePosted: false },
    });
    await schedule(world);
    world.network.advance = () => ({ kind: 'published', remoteIds: ['1'] });
    await runDue(world);
    expect(await notes(db())).to.have.length(1);
  });

  it('tells that a person must decide, and whether it may have been posted', async () => {
    await schedule(world);
    world.network.advance = () => ({ kind: 'needs-attention', because, mayBePosted: true });
    await runDue(world);
    const [note] = await notes(db());
    expect(note?.kind).to.equal('delivery-needs-attention');
    expect(JSON.parse(note?.facts ?? '')).to.include({ mayBePosted: true });
  });

  it('is not there when the end of the delivery was not stored', async () => {
    await schedule(world);
    const [stale, ...none] = await claim(world, 'worker-a');
    if (stale === undefined) throw new Error('Nothing was due.');
    expect(none).to.deep.equal([]);
    // Another worker has taken over: the first one's commit is refused.
    await db().knex('jobs').where({ id: stale.id }).increment('fence', 1);
    world.network.advance = () => ({ kind: 'failed', because });
    await run(world, [stale]);
    expect(await notes(db())).to.deep.equal([]);
    expect(await toldRoles(db())).to.deep.equal([]);
  });

  it('goes to the members who may act, and to nobody outside the team', async () => {
    const other = await createTeam(db());
    await add('owner', 'owner of another team', other.id);
    const gone = await add('owner', 'disabled owner');
    await db().knex('users').where({ id: gone.id }).update({ disabled_at: 1 });
    await schedule(world);
    world.network.advance = () => ({ kind: 'failed', because });
    await runDue(world);
    expect(await toldRoles(db())).to.deep.equal(['editor', 'manager', 'owner']);
  });

  it('of a lost access goes to owners and managers of every team with a channel on it, once', async () => {
    const channel = await addChannel(world);
    const other = await createTeam(db());
    await add('manager', 'manager of another team', other.id);
    const columns = ['credential_id', 'plugin', 'account_id', 'nickname', 'is_paused', 'connected_at'];
    const shared: unknown = await db().knex('channels').where({ id: channel.id }).first(columns);
    await db()
      .knex('channels')
      .insert({ ...z.record(z.string(), z.unknown()).parse(shared), team_id: other.id });
    const lost = { credentialId: channel.credentialId, because: 'network' } as const;
    await db().transaction((sql) => tellReconnectNeeded(sql, world, lost));
    expect((await notes(db())).map(({ kind, team_id: team }) => [kind, team])).to.deep.equal([
      ['reconnect-needed', world.teamId],
      ['reconnect-needed', other.id],
    ]);
    expect(await toldRoles(db())).to.deep.equal(['manager', 'manager of another team', 'owner']);
  });

  describe('of an access that the network refuses although it is good in our books', () => {
    const hour = 3_600_000;
    const refuse = () => {
      world.network.advance = () => {
        throw new RemoteError({ kind: 'reconnect', explanation: because });
      };
    };
    const lookAfter = async (ms: number): Promise<void> => {
      world.clock.advance(ms);
      await runDue(world);
    };

    it('is told once for each channel and day, however often and for however many posts it is refused', async () => {
      refuse();
      const { channelId } = await schedule(world);
      await schedule(world, { channelId });
      await schedule(world, { channelId, inMs: 20 * hour });
      await lookAfter(0);
      for (let looks = 0; looks < 4; looks += 1) await lookAfter(hour / 2);
      const [note, ...more] = await notes(db());
      expect(more).to.deep.equal([]);
      expect(note).to.include({ kind: 'reconnect-needed', team_id: world.teamId, subject_id: channelId });
      expect(JSON.parse(note?.facts ?? '')).to.deep.equal({
        ...{ channel: 'North Roast', plugin: 'fake', because: 'refused' },
      });
      expect(await toldRoles(db())).to.deep.equal(['manager', 'owner']);
      await lookAfter(18 * hour);
      expect(await notes(db()), 'another post on the same day').to.have.length(1);
    });

    it('is told anew when it was reconnected and is refused all the same', async () => {
      refuse();
      const { channelId } = await schedule(world);
      await lookAfter(0);
      await lookAfter(hour / 2);
      await db().knex('channels').where({ id: channelId }).update({ connected_at: world.clock.now() });
      await world.desk.wakeChannel(channelId);
      await lookAfter(1);
      expect(await notes(db())).to.have.length(2);
    });

    it('is not told a second time of an access that was given up', async () => {
      const channel = await addChannel(world);
      await world.credentials.needsReconnect(channel.credentialId);
      await schedule(world, { channelId: channel.id });
      refuse();
      await lookAfter(0);
      expect(await notes(db())).to.deep.equal([]);
    });
  });

  it('of an access that ends comes 14 days before, once for each ending however often it is refreshed', async () => {
    const day = 86_400_000;
    const channel = await addChannel(world);
    const ends = (at: number) =>
      db().knex('credentials').where({ id: channel.credentialId }).update({ refresh_expires_at: at });
    const look = () => tellingOfEndingAccess(world).run(new AbortController().signal);
    const endsAt = world.clock.now() + 15 * day;
    await ends(endsAt);
    await look();
    expect(await notes(db())).to.deep.equal([]);
    world.clock.advance(day);
    await look();
    const [note] = await notes(db());
    expect(note).to.include({ kind: 'access-ending', subject_id: channel.id });
    expect(JSON.parse(note?.facts ?? '')).to.deep.equal({ channel: 'North Roast', plugin: 'fake', endsAt });
    for (let n = 1; n <= 13; n += 1) {
      world.clock.advance(day);
      await ends(endsAt + n);
      await look();
    }
    expect(await notes(db()), 'a refresh gives the same ending, a little off').to.have.length(1);
    await ends(endsAt + 200 * day);
    world.clock.advance(190 * day);
    await look();
    expect(await notes(db()), 'reconnected, and ending once more').to.have.length(2);
    expect(await toldRoles(db())).to.deep.equal(['manager', 'manager', 'owner', 'owner']);
  });

  it('is forgotten after 90 days, with who was told of it', async () => {
    await schedule(world);
    world.network.advance = () => ({ kind: 'failed', because });
    await runDue(world);
    const forget = () => forgettingOldNotifications(world).run(new AbortController().signal);
    world.clock.advance(90 * 86_400_000);
    await forget();
    expect(await notes(db())).to.have.length(1);
    world.clock.advance(1);
    expect(await forget()).to.equal(false);
    expect([await notes(db()), await toldRoles(db())]).to.deep.equal([[], []]);
  });

  it('is claimed by one sender of many, with all that waits for the same person', async () => {
    for (const n of [1, 2, 3]) {
      await schedule(world, { channelId: (await addChannel(world)).id, postId: await addPost(world, `Batch ${n}`) });
    }
    world.network.advance = () => ({ kind: 'failed', because });
    await runDue(world);
    const now = world.clock.now() + world.timings.mailGatherMs;
    const times = { now, until: now + 60_000, givenUpBefore: 0 };
    const claims = await Promise.all(Array.from({ length: 12 }, () => claimMail(db(), times)));
    const held = claims.filter((mail) => mail !== undefined);
    const people = new Set(held.map(({ reader }) => reader.userId));
    expect(people.size, 'nobody is claimed twice').to.equal(held.length);
    for (let mail = await claimMail(db(), times); mail !== undefined; mail = await claimMail(db(), times)) {
      expect(people.has(mail.reader.userId)).to.equal(false);
      people.add(mail.reader.userId);
      held.push(mail);
    }
    expect(held.map(({ ids }) => ids.length)).to.deep.equal([3, 3, 3]);
  });
});
