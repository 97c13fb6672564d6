import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { readConfig } from '../../core/config.ts';
import { publishJobKind } from '../../core/deliveries/publishing-context.ts';
import { makeKey } from '../../core/keys/key-ring.ts';
import { createPino } from '../../core/log/logger.ts';
import { createPanel, type Panel } from '../../core/panel.ts';
import { discoverPlugins, ownPlugins } from '../../core/plugin-host/discover.ts';
import { standardTimings, type Timings } from '../../core/timings.ts';
import { demoApps, type Simulator, startSimulator } from '../../plugins/tiktok/simulator/index.ts';
import { connectAccount } from '../plugins/tiktok/login.ts';
import { publicOptions } from '../plugins/tiktok/support.ts';
import { createRunningClock } from './clock.ts';
import { createTeam, nextNumber } from './factories.ts';
import { freePort } from './free-port.ts';
import type { MariaDbServer } from './mariadb.ts';
import { until } from './until.ts';

interface Channel {
  readonly id: number;
  readonly teamId: number;
}

/** Workers of the whole product in this process, a TikTok, and a clock for both that skips the times of waiting. */
export interface LimitsWorld {
  readonly simulator: Simulator;
  readonly panels: readonly Panel[];
  /** What processes of this installation are started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Connected channels with an access each; all accesses are the same account at TikTok. */
  addChannels(count: number): Promise<readonly Channel[]>;
  /** A post of its own for each, due now; with `overMs` a tenth of them, and the others one after the other over it. */
  schedule(channels: readonly Channel[], count: number, overMs?: number): Promise<void>;
  /**
   * Lets the workers do all that is due, then moves the clock to what is next, until it holds of those published. Where
   * time is true it only waits.
   * @param stepMs jobs due within this are done together; half a second unless said
   */
  runUntil(holds: (published: number) => boolean, stepMs?: number): Promise<void>;
  close(): Promise<void>;
}

interface LimitsWorldOptions {
  /** SQLite unless said; needed for more than one panel. */
  readonly mariadb?: MariaDbServer;
  readonly panels?: number;
  /** Whether the times of waiting are skipped, as they are unless said, or waited for with the product's own timings. */
  readonly time?: 'skipped' | 'true';
  /** Who works: the panels here unless said, or processes that the test starts. */
  readonly workers?: 'here' | 'elsewhere';
}

const day = 86_400_000;
const skippingTimings: Timings = {
  ...standardTimings,
  idlePollMs: 10,
  rescueMs: day,
  // The clock skips, the database's does not: it is not to be asked again.
  heartbeatMs: day,
  leaseMs: day,
  // What an installation does besides publishing would only take time.
  ...{ seedEveryMs: day, refreshEveryMs: day, purgeEveryMs: day },
};
const timingsOf = { skipped: skippingTimings, true: standardTimings };

export async function openLimitsWorld(options: LimitsWorldOptions): Promise<LimitsWorld> {
  const { mariadb, panels: count = 1, time = 'skipped', workers = 'here' } = options;
  const clock = createRunningClock();
  const simulator = await startSimulator({ now: clock.now });
  simulator.control.setSwitches({ media_check: 'none', webhooks: 'off', processing_seconds: 0 });
  const dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-limits-'));
  const port = String(await freePort());
  const environment = {
    ...{ PORT: port, PUBLIC_URL: `http://localhost:${port}` },
    ...{ DATA_DIR: dataDir, APP_KEY: makeKey('limits'), TIKTOK_POSTS_PER_DAY: '1000' },
    ...{ TIKTOK_API_URL: simulator.url, TIKTOK_AUTH_URL: simulator.url },
    ...{ TIKTOK_CLIENT_KEY: demoApps.live.client_key, TIKTOK_CLIENT_SECRET: demoApps.live.client_secret },
    ...(mariadb === undefined ? {} : { DATABASE_URL: await ownDatabase(mariadb) }),
  };
  const plugins = await discoverPlugins([ownPlugins]);
  const config = readConfig(environment, plugins);
  const log = createPino({ level: 'silent' });
  const panels: Panel[] = [];
  for (let n = 0; n < count; n += 1) {
    panels.push(await createPanel(config, { plugins, clock, timings: timingsOf[time], log, migrates: true }));
  }
  const [first] = panels;
  if (first === undefined) throw new Error('A world has one panel at least.');
  const rooms = { ...first, clock, simulator };
  if (workers === 'here') {
    for (const panel of panels) await panel.startWorker();
    await settle(rooms);
  }
  return {
    ...{ simulator, panels, environment },
    addChannels: (channels) => addChannels(rooms, channels),
    schedule: (channels, posts, overMs = 0) => schedule(rooms, channels, { posts, overMs }),
    runUntil: (holds, stepMs = 500) =>
      time === 'true'
        ? until(async () => holds(await countPublished(rooms)), 'all is published', trueHoursMs)
        : runUntil(rooms, holds, stepMs),
    close: async () => {
      for (const panel of panels) await panel.close();
      await simulator.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function ownDatabase(server: MariaDbServer): Promise<string> {
  const { user, host, port, database } = await server.createDatabase();
  return `mysql://${user}@${host}:${port}/${database}`;
}

interface Rooms extends Panel {
  readonly clock: ReturnType<typeof createRunningClock>;
  readonly simulator: Simulator;
}

async function writeVideo(dataDir: string) {
  const content = randomBytes(20_000);
  const storedName = `lucia-${nextNumber()}.mp4`;
  await mkdir(path.join(dataDir, 'media'), { recursive: true });
  await writeFile(path.join(dataDir, 'media', storedName), content);
  return { storedName, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

async function addChannels({ base, services, clock, simulator }: Rooms, count: number): Promise<readonly Channel[]> {
  const { tokens } = await connectAccount(simulator.url, { clock });
  simulator.control.putAccount({ username: 'hazelandrye', daily_post_cap: 10_000 });
  const team = await createTeam(base.db);
  const channels: Channel[] = [];
  for (let n = 0; n < count; n += 1) {
    const account = { accountId: `account-${nextNumber()}`, nickname: `Branch ${n}`, tokens };
    const owner = { plugin: 'tiktok', appKey: demoApps.live.client_key, mode: 'live' };
    const credentialId = await services.credentials.save({ ...owner, account });
    const [id = 0] = await base.db.knex('channels').insert({
      ...{ team_id: team.id, credential_id: credentialId, plugin: 'tiktok', account_id: account.accountId },
      ...{ nickname: account.nickname, connected_at: clock.now() },
    });
    channels.push({ id, teamId: team.id });
  }
  return channels;
}

async function schedule(
  { base, services, clock }: Rooms,
  channels: readonly Channel[],
  { posts, overMs }: { readonly posts: number; readonly overMs: number },
): Promise<void> {
  const at = clock.now();
  const file = await writeVideo(base.config.dataDir);
  const [mediaId = 0] = await base.db.knex('media').insert({
    ...{ team_id: channels[0]?.teamId, file_name: 'Lucia.mp4', stored_name: file.storedName, kind: 'video' },
    ...{ type: 'video/mp4', bytes: file.bytes, sha256: file.sha256, width: 360, height: 640 },
    ...{ duration_ms: 4_000, frame_rate: 30, codec: 'avc', created_at: at },
  });
  for (let n = 0; n < posts; n += 1) {
    const channel = channels[n % channels.length];
    if (channel === undefined) throw new Error('Posts need a channel.');
    const { teamId } = channel;
    await base.db.transaction(async (sql) => {
      const [postId = 0] = await sql('posts').insert({
        ...{ team_id: teamId, caption: `Lucia buns ${n}`, nonce: `n${at}-${n}`, nonce_body: 'x' },
        ...{ created_at: at, updated_at: at, state: 'scheduled' },
      });
      await sql('post_media').insert({ post_id: postId, media_id: mediaId, position: 0 });
      const due = {
        wall: '2026-11-21T13:00',
        zone: 'Europe/Copenhagen',
        at: at + Math.max(0, Math.round((n / posts - 0.1) * overMs)),
      };
      const options = { ...publicOptions };
      const place = { postId, teamId, channelId: channel.id, plugin: 'tiktok' };
      await services.desk.create({ ...place, options, due, consent: null }, sql);
    });
  }
}

/** How long is waited for what takes its true time. */
const trueHoursMs = 2 * 3_600_000;

async function runUntil(rooms: Rooms, holds: (published: number) => boolean, stepMs: number): Promise<void> {
  for (let round = 0; round < 20_000; round += 1) {
    await settle(rooms);
    if (holds(await countPublished(rooms))) return;
    const next = await nextDueAt(rooms);
    if (next === undefined) throw new Error('Nothing is left to be done.');
    rooms.clock.advance(Math.max(0, next - rooms.clock.now()) + stepMs);
    // What has become due at TikTok happens now.
    rooms.simulator.control.advanceClock(0);
  }
  throw new Error('It did not come to pass.');
}

/** Until nobody does anything and nothing is due. */
async function settle({ base, services, clock }: Rooms): Promise<void> {
  for (;;) {
    const busy: unknown[] = await base.db
      .knex('jobs')
      .where({ state: 'running' })
      .orWhere((due) => void due.where({ state: 'waiting' }).where('run_at', '<=', clock.now()))
      .limit(1)
      .select('id');
    if (busy.length === 0) return;
    services.queue.signal();
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

async function nextDueAt({ base }: Rooms): Promise<number | undefined> {
  const rows: unknown = await base.db
    .knex('jobs')
    .where({ state: 'waiting', kind: publishJobKind })
    .min('run_at as at');
  return z.array(z.object({ at: z.number().nullable() })).parse(rows)[0]?.at ?? undefined;
}

async function countPublished({ base }: Rooms): Promise<number> {
  const rows: unknown = await base.db.knex('deliveries').where({ state: 'published' }).count({ n: 'id' });
  return z.tuple([z.object({ n: z.coerce.number() })]).parse(rows)[0].n;
}
