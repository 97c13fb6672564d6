import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { createAuditService } from '../../../core/audit/audit-service.ts';
import { AuditStore } from '../../../core/audit/audit-store.ts';
import { PersonStore } from '../../../core/auth/person-store.ts';
import { createAvatars } from '../../../core/channels/avatars.ts';
import { createChannelService } from '../../../core/channels/channel-service.ts';
import { createChannelStore } from '../../../core/channels/channel-store.ts';
import { takeUnusedTokens } from '../../../core/credentials/credential-store.ts';
import { createDeliveryDesk } from '../../../core/deliveries/delivery-desk-service.ts';
import { createEventLog } from '../../../core/events/event-log.ts';
import type { ClaimedJob, JobOutcome } from '../../../core/queue/job-queue.ts';
import { channelFolder } from '../../../core/plugin-host/host.ts';
import { createPluginRegistry } from '../../../core/plugin-host/plugin-registry.ts';
import { createJobQueue } from '../../../core/queue/job-queue.ts';
import { saveJob } from '../../../core/queue/job-store.ts';
import { putNotification } from '../../../core/notifications/outbox-store.ts';
import { createTeamRemoval, teamRemovalHandler } from '../../../core/teams/team-removal.ts';
import { teamRemovalRoutes } from '../../../core/teams/team-removal-routes.ts';
import { TeamRemovalStore } from '../../../core/teams/team-removal-store.ts';
import { TeamStore } from '../../../core/teams/team-store.ts';
import { standardTimings } from '../../../core/timings.ts';
import { createTestApp, type TestApp, type TestBrowser } from '../../support/app.ts';
import { onEachDatabase } from '../../support/each-database.ts';
import { createMember, createPerson, createTeam } from '../../support/factories.ts';
import { silentLog } from '../../support/silent-log.ts';
import { webRooms } from '../../support/web-rooms.ts';
import { leftoversOf } from './leftovers.ts';

const jobRow = z.tuple([z.object({ key: z.string(), payload: z.string() })]);
const jobRows = z.tuple([z.object({ id: z.int(), state: z.string(), fence: z.int() })]).rest(z.unknown());
const unusedCalls = { access: () => Promise.reject(new Error('No access is needed here.')) };

onEachDatabase('Deleting a team', (db) => {
  let web: TestApp;
  let team: { readonly id: number; readonly name: string };
  let browser: TestBrowser;
  let folder: string;
  let revoked: number[];
  let of: Awaited<ReturnType<typeof addRecords>>;
  beforeEach(async () => {
    web = await createTestApp({
      db: db(),
      routes: (base) => [...webRooms(base), ...teamRemovalRoutes({ teamRemoval: removal() })],
    });
    folder = await mkdtemp(path.join(os.tmpdir(), 'castdeck-removal-'));
    revoked = [];
    team = await createTeam(db(), { name: 'Hazel & Rye' });
    of = await addRecords();
    browser = await web.signIn(await createMember(db(), { team, role: 'owner', name: 'Maja' }));
    for (const name of ['none.mp4', 'of-another-team.mp4']) await writeFile(path.join(folder, name), 'x');
    for (const id of [of.channel, of.channel + 1]) {
      await mkdir(path.join(channelFolder(folder, { id, plugin: 'tiktok' }), 'covers'), { recursive: true });
    }
  });
  afterEach(() => rm(folder, { recursive: true }));

  const parts = () => ({
    ...{ db: db(), clock: web.clock, t: web.t, log: silentLog, queue: createJobQueue({ db: db(), clock: web.clock }) },
    ...{ events: createEventLog(web), teams: new TeamStore(db().knex), people: new PersonStore(db().knex) },
    timings: standardTimings,
    store: new TeamRemovalStore(db()),
  });
  const removal = () => {
    const begin = () => createTeamRemoval(parts());
    return {
      plan: (id: number) => begin().plan(id),
      begin: (...args: Parameters<ReturnType<typeof begin>['begin']>) => begin().begin(...args),
    };
  };
  const deskOf = () => createDeliveryDesk(parts());

  function handler() {
    const credentials = {
      async revokeIfUnused(id: number) {
        const taken = await db().transaction((sql) => takeUnusedTokens(sql, id));
        if (taken !== undefined) revoked.push(id);
        return taken !== undefined;
      },
    };
    const avatars = createAvatars({ dataDir: folder, log: silentLog });
    const channels = createChannelService({
      ...{ ...parts(), store: createChannelStore(db()), desk: deskOf(), avatars },
      ...{ credentials: { ...unusedCalls, ...credentials }, settings: { appKeys: () => Promise.resolve(undefined) } },
    });
    const avatarFile = (name: string) => avatars.file(name);
    const folderOf = (channel: { id: number; plugin: string }) => channelFolder(folder, channel);
    const files = { mediaFolder: folder, avatarFile, channelFolder: folderOf };
    return teamRemovalHandler({ ...parts(), channels, credentials, ...files });
  }

  /** What a worker would do now; it is told to stop once it was asked so many times. */
  async function work({ stopsAfter = Infinity } = {}): Promise<JobOutcome | undefined> {
    let asked = 0;
    const isStopping = () => (asked += 1) > stopsAfter;
    const rows: unknown = await db().knex('jobs').where({ kind: 'remove-team' }).select('key', 'payload');
    const { key, payload } = jobRow.parse(rows)[0];
    const job: ClaimedJob = {
      ...{ id: 1, kind: 'remove-team', key, payload: z.json().parse(JSON.parse(payload)), runAt: 0, fence: 1 },
      ...{ deaths: 1, failures: 0, worker: 'w', signal: new AbortController().signal },
      ...{ isStopping, pieceDone: () => undefined, freeSlot: () => undefined },
    };
    return handler().run(job);
  }

  const page = () => `/team/${team.id}/deletion`;
  const deleteIt = () => browser.post(page(), { name: team.name });
  const settle = () => db().knex('attempts').where({ delivery_id: of.delivery }).update({ outcome: 'failed' });

  /** A channel, a file, and three posts: one that is being published, one scheduled, a draft. */
  async function addRecords() {
    const now = web.clock.now();
    const account = { plugin: 'tiktok', account_id: 'open-id-1' };
    const insert = async (table: string, row: Readonly<Record<string, string | number | null>>): Promise<number> => {
      const ids: unknown = await db().knex(table).insert(row);
      return z.tuple([z.int()]).parse(ids)[0];
    };
    const credential = await insert('credentials', {
      ...{ ...account, app_key: 'awexample0000000', mode: 'live', access_token: 'sealed', refresh_token: 'sealed' },
      ...{ scopes: '["video.publish"]', access_expires_at: now, refresh_expires_at: now, state: 'valid' },
      refreshed_at: now,
    });
    const place = { ...account, team_id: team.id, credential_id: credential };
    const channel = await insert('channels', { ...place, nickname: 'Hazel & Rye', connected_at: now });
    const media = await insert('media', {
      ...{ team_id: team.id, file_name: 'Lucia.mp4', stored_name: 'none.mp4', kind: 'video', type: 'video/mp4' },
      ...{ bytes: 9, sha256: 'a'.repeat(64), width: 360, height: 640, duration_ms: 4_000, created_at: now },
    });
    const addPost = async (state: string): Promise<number> => {
      const post = { team_id: team.id, caption: state, nonce: state, nonce_body: 'x', state };
      return insert('posts', { ...post, created_at: now, updated_at: now });
    };
    const post = await addPost('publishing');
    await addPost('draft');
    const due = { wall: '2026-12-21T13:00', zone: 'UTC', at: Date.UTC(2026, 11, 21, 13) };
    const begun = { teamId: team.id, channelId: channel, plugin: 'tiktok', options: {}, due, consent: null };
    const create = (postId: number) => db().transaction((sql) => deskOf().create({ ...begun, postId }, sql));
    const [delivery] = [await create(post), await create(await addPost('scheduled'))];
    await db().knex('deliveries').where({ id: delivery }).update({ state: 'publishing' });
    await db()
      .knex('attempts')
      .insert({
        ...{ delivery_id: delivery, n: 1, plugin: 'tiktok', credential_id: credential, revision: 1 },
        ...{ started_at: now, outcome: 'open' },
      });
    return { channel, credential, media, post, delivery };
  }

  async function addMore(): Promise<void> {
    const own = { team_id: team.id };
    const step = { at: 0, subject: 'delivery', subject_id: '1', kind: 'delivery.step', facts: '{}' };
    await db().knex('post_media').insert({ post_id: of.post, media_id: of.media, position: 0 });
    await db().knex('posting_slots').insert({ channel_id: of.channel, weekday: 1, wall_time: '09:00' });
    await db()
      .knex('events')
      .insert({ ...own, ...step });
    const facts = { channel: 'Hazel & Rye', plugin: 'tiktok', because: 'network' } as const;
    const told = { kind: 'reconnect-needed', teamId: team.id, subjectId: of.channel, facts } as const;
    await putNotification(db().knex, { clock: web.clock, timings: standardTimings }, told);
  }

  it('says what goes, asks for its name and the password, and is gone at once for everybody', async () => {
    await settle();
    const member = await web.signIn(await createMember(db(), { team, role: 'editor' }));
    const shown = await browser.get(page());
    expect(shown.status).to.equal(200);
    expect(shown.text)
      .to.contain('2 members')
      .and.to.contain('1 channel is')
      .and.to.contain('3 posts')
      .and.to.contain('1 file ');
    const wrong = await browser.post(page(), { name: 'Hazel' });
    expect([wrong.status, wrong.text.includes('This is not its name')]).to.deep.equal([422, true]);
    web.clock.advance(10 * 60_000 + 1);
    const late = await deleteIt();
    expect([late.status, late.text.includes('Your password again')]).to.deep.equal([403, true]);
    web.clock.advance(-10 * 60_000 - 1);
    expect((await browser.post(page(), { name: `  ${team.name} ` })).status).to.equal(303);
    expect((await member.get(`/team/${team.id}/`)).status).to.equal(404);
    expect((await deleteIt()).status).to.equal(404);
    const admin = await web.signIn(await createPerson(db(), { isAdmin: true }));
    expect((await admin.get('/admin/teams')).text).not.to.contain(`data-team="${team.id}"`);
    expect((await admin.get(`/admin/teams/${team.id}/deletion`)).status).to.equal(404);
  });

  it('disconnects, revokes, cancels and removes rows and files, and keeps what people did in the audit', async () => {
    await settle();
    await addMore();
    await deleteIt();
    const paused: unknown[] = await db().knex('channels').where({ id: of.channel }).pluck('is_paused');
    expect(paused.map(Boolean), 'nothing begins to be published').to.deep.equal([true]);
    // A worker was quicker.
    await db()
      .knex('attempts')
      .where({ delivery_id: of.delivery })
      .update({ outcome: 'open', point_of_no_return_at: 1 });
    expect(await work()).to.deep.include({ kind: 'again' });
    expect(await readdir(folder), 'while a publish is under way').to.include('none.mp4');
    await settle();
    await db().knex('deliveries').where({ id: of.delivery }).update({ state: 'published' });
    expect(await work()).to.deep.equal({ kind: 'done' });
    expect(revoked).to.deep.equal([of.credential]);
    expect(await leftoversOf(db(), team.id)).to.deep.equal([]);
    expect(await readdir(folder)).to.have.members(['of-another-team.mp4', 'plugins']);
    expect(await readdir(path.join(folder, 'plugins/tiktok/channels'))).to.deep.equal([String(of.channel + 1)]);
    const registry = createPluginRegistry();
    const audit = createAuditService({ store: new AuditStore(db()), events: parts().events, registry });
    const { acts } = await audit.page('installation', {}, web.t);
    expect(new Set(acts.map((act) => act.team))).to.deep.equal(new Set([team.name]));
    expect(acts.map(({ what }) => what)).to.include.members([
      'Disconnected the channel Hazel & Rye',
      `Deleted the team ${team.name} (channels: 1, posts: 3, files: 1)`,
    ]);
    expect(await work(), 'again, after its worker died').to.deep.equal({ kind: 'done' });
  });

  for (const state of ['publishing', 'processing', 'needs-attention']) {
    it(`is refused while the outcome of a post is not known, and nothing has changed: ${state}`, async () => {
      await db().knex('deliveries').where({ id: of.delivery }).update({ state });
      await db().knex('attempts').where({ delivery_id: of.delivery }).update({ point_of_no_return_at: 1 });
      expect((await browser.get(page())).text)
        .to.contain('cannot be deleted now')
        .and.to.contain(`/team/${team.id}/posts/${of.post}`);
      const answer = await deleteIt();
      expect([answer.status, answer.text.includes('cannot be deleted now')]).to.deep.equal([409, true]);
      expect((await browser.get(`/team/${team.id}/`)).status).to.equal(200);
      expect(await db().knex('jobs').where({ kind: 'remove-team' })).to.deep.equal([]);
    });
  }

  it('takes what is being published from its worker, which cannot pass the point of no return any more', async () => {
    const publishing = { kind: 'publish-delivery', key: String(of.delivery) };
    await db()
      .knex('deliveries')
      .where({ id: of.delivery })
      .update({ due_at: web.clock.now() - 1 });
    const lease = { state: 'running', lease_owner: 'w', lease_until: web.clock.now() + 60_000, fence: 7 };
    await db().knex('jobs').where(publishing).update(lease);
    const jobs = () =>
      db().knex('jobs').where({ kind: 'publish-delivery' }).orderBy('id').select('id', 'state', 'fence');
    const [claim, other] = jobRows.parse(await jobs());
    expect((await deleteIt()).status).to.equal(303);
    expect(await jobs()).to.deep.equal([{ ...claim, state: 'waiting', fence: 8 }, other]);
    const change = { state: 'running', runAt: 0, owner: 'w', leaseUntil: 0 } as const;
    const isHeld = await db().transaction((sql) => saveJob(sql, claim, { change, now: web.clock.now() }));
    expect(isHeld, 'the claim of its worker').to.equal(false);
  });

  it('goes on later from wherever its worker is told to stop', async () => {
    await settle();
    await deleteIt();
    let outcome: JobOutcome | undefined;
    let stops = 0;
    for (let stopsAfter = 0; outcome?.kind !== 'done' && stopsAfter < 20; stopsAfter += 1) {
      outcome = await work({ stopsAfter });
      if (stopsAfter === 0) expect(await db().knex('channels').whereNull('disconnected_at')).to.have.length(1);
      if (outcome?.kind === 'again') {
        expect(outcome).to.deep.equal({ kind: 'again', at: web.clock.now() });
        stops += 1;
      }
    }
    expect(outcome).to.deep.equal({ kind: 'done' });
    expect(stops).to.be.greaterThan(3);
    expect(await leftoversOf(db(), team.id)).to.deep.equal([]);
  });

  it('is for owners, and for admins, who see numbers only', async () => {
    await settle();
    const manager = await web.signIn(await createMember(db(), { team, role: 'manager' }));
    expect((await manager.get(page())).status).to.equal(403);
    expect((await manager.post(page(), { name: team.name })).status).to.equal(403);
    const admin = await web.signIn(await createPerson(db(), { isAdmin: true }));
    expect((await admin.get(`/admin/teams/${team.id}/deletion`)).text).not.to.contain(`/team/${team.id}/posts`);
    const answer = await admin.post(`/admin/teams/${team.id}/deletion`, { name: team.name });
    expect([answer.status, answer.headers['location']]).to.deep.equal([303, '/admin/teams']);
  });

  it('S43: while fifty posts are being scheduled leaves no orphan row, and deletes once', async () => {
    await settle();
    await db().knex('deliveries').where({ id: of.delivery }).update({ state: 'published' });
    const due = { wall: '2027-01-01T09:00', zone: 'UTC', at: Date.UTC(2027, 0, 1, 9) };
    const schedule = (n: number) =>
      db().transaction(async (sql) => {
        const post = { team_id: team.id, caption: `Bun ${n}`, nonce: `m${n}`, nonce_body: 'x', state: 'scheduled' };
        const [postId = 0] = await sql('posts').insert({ ...post, created_at: 0, updated_at: 0 });
        const place = { postId, teamId: team.id, channelId: of.channel, plugin: 'tiktok' };
        await deskOf().create({ ...place, options: {}, due, consent: null }, sql);
      });
    const schedules = Array.from({ length: 50 }, (_, n) => schedule(n));
    const [answers, scheduled] = await Promise.all([
      Promise.all([deleteIt(), deleteIt(), deleteIt()]),
      Promise.allSettled([...schedules, ...Array.from({ length: 5 }, () => work().catch(() => undefined))]),
    ]);
    expect(answers.filter(({ status }) => status === 303)).to.have.length(1);
    expect(scheduled.some(({ status }) => status === 'fulfilled')).to.equal(true);
    let outcome = await work();
    for (let n = 0; n < 10 && outcome?.kind !== 'done'; n += 1) outcome = await work();
    expect(outcome).to.deep.equal({ kind: 'done' });
    expect(await leftoversOf(db(), team.id)).to.deep.equal([]);
    expect(await db().knex('deliveries')).to.deep.equal([]);
    expect(await db().knex('jobs').where({ kind: 'publish', state: 'waiting' })).to.deep.equal([]);
    await schedule(99).then(
      () => expect.fail('a post was scheduled for a team that is gone'),
      () => undefined,
    );
    const other = await createTeam(db());
    expect(other.id, 'numbers are not given again').to.be.greaterThan(team.id);
  }).timeout(60_000);
});
