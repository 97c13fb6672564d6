import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { readConfig } from '../../../core/config.ts';
import { publishJobKind } from '../../../core/deliveries/publishing-context.ts';
import { makeKey } from '../../../core/keys/key-ring.ts';
import { createPino } from '../../../core/log/logger.ts';
import { createPanel, type Panel } from '../../../core/panel.ts';
import { discoverPlugins, ownPlugins } from '../../../core/plugin-host/discover.ts';
import { standardTimings, type Timings } from '../../../core/timings.ts';
import { demoApps, type Simulator, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import { connectAccount } from '../../plugins/tiktok/login.ts';
import { publicOptions } from '../../plugins/tiktok/support.ts';
import { createRunningClock } from '../../support/clock.ts';
import { createTeam } from '../../support/factories.ts';
import { freePort } from '../../support/free-port.ts';
import { sha256Of } from '../../support/sha256.ts';
import { until } from '../../support/until.ts';
import { type Dice } from '../dice.ts';
import type { Fate } from './fates.ts';
import { PostOffice, type Treatment, treatments } from './post-office.ts';

interface Channel {
  readonly id: number;
  readonly openId: string;
  readonly username: string;
  readonly treatment: Treatment;
  readonly slot: number;
}

const day = 86_400_000;
const timings: Timings = {
  ...standardTimings,
  // It is told whenever the clock was moved.
  idlePollMs: 250,
  rescueMs: day,
  // The clock skips, the database's does not: it is not to be asked again.
  heartbeatMs: day,
  leaseMs: day,
  // What an installation does besides publishing would only take time.
  ...{ seedEveryMs: day, refreshEveryMs: day, purgeEveryMs: day, mailLookMs: day, accessLookMs: day },
};

/** What is due within this is done together. */
const stepMs = 10_000;

/** The whole product with its web and a worker, a TikTok, and a post office between TikTok's webhooks and the product. */
export class WebhookWorld {
  readonly office: PostOffice;
  readonly #panel: Panel;
  readonly #simulator: Simulator;
  readonly #clock: ReturnType<typeof createRunningClock>;
  readonly #dataDir: string;
  #channels: readonly Channel[] = [];
  #place = { teamId: 0, mediaId: 0 };
  #releases = new Map<string, number>();
  #dice: Dice;

  private constructor(parts: {
    readonly panel: Panel;
    readonly simulator: Simulator;
    readonly clock: ReturnType<typeof createRunningClock>;
    readonly dataDir: string;
    readonly dice: Dice;
  }) {
    this.#panel = parts.panel;
    this.#simulator = parts.simulator;
    this.#clock = parts.clock;
    this.#dataDir = parts.dataDir;
    this.#dice = parts.dice;
    this.office = new PostOffice({
      ...{ panelUrl: `${parts.panel.base.config.publicUrl}/webhooks/tiktok`, now: parts.clock.now, dice: parts.dice },
      treatmentOf: (openId) => this.#channelOf(openId).treatment,
    });
  }

  /** @param slots deliveries of one run */
  static async open(dice: Dice, slots: number): Promise<WebhookWorld> {
    const clock = createRunningClock();
    const simulator = await startSimulator({ now: clock.now });
    simulator.control.setSwitches({ media_check: 'none', rate_limits: 'off', processing_hold: true });
    simulator.control.setSwitches({ access_token_seconds: 10 * 365 * 86_400 });
    const dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-webhooks-'));
    const port = String(await freePort());
    const environment = {
      ...{ PUBLIC_URL: `http://127.0.0.1:${port}`, PORT: port, DATA_DIR: dataDir, APP_KEY: makeKey('webhooks') },
      ...{ TIKTOK_API_URL: simulator.url, TIKTOK_AUTH_URL: simulator.url, TIKTOK_POSTS_PER_DAY: '1000' },
      ...{ TIKTOK_CLIENT_KEY: demoApps.live.client_key, TIKTOK_CLIENT_SECRET: demoApps.live.client_secret },
    };
    const plugins = await discoverPlugins([ownPlugins]);
    const log = createPino({ level: 'silent' });
    const panel = await createPanel(readConfig(environment, plugins), { plugins, clock, timings, log });
    const world = new WebhookWorld({ panel, simulator, clock, dataDir, dice });
    await world.#settleIn(slots);
    return world;
  }

  async close(): Promise<void> {
    await this.#panel.close();
    await this.office.close();
    await this.#simulator.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /**
   * One run for each treatment, side by side: the same deliveries, the same TikTok, only the webhooks differ.
   * @returns for each fate how its delivery ended, by treatment
   */
  async run(fates: readonly Fate[]): Promise<readonly ReadonlyMap<Treatment, string>[]> {
    const seconds = fates.map(() => this.#dice.between(0, 120));
    const failures = this.#channels.flatMap(({ slot, username }) =>
      (fates[slot]?.failures ?? []).map((failure) => ({ ...failure, account: username })),
    );
    this.#simulator.control.setSwitches({ clear_failures: true, failures });
    const deliveries = new Map<number, Channel>();
    for (const channel of this.#channels) {
      const fate = fates[channel.slot];
      if (fate !== undefined) deliveries.set(await this.#schedule(channel, fate), channel);
    }
    await this.#runToTheEnd(seconds);
    const ends = fates.map(() => new Map<Treatment, string>());
    for (const [id, { slot, treatment }] of deliveries) ends[slot]?.set(treatment, await this.#endOf(id));
    return ends;
  }

  async #settleIn(slots: number): Promise<void> {
    const { base, services } = this.#panel;
    await this.office.open();
    this.#simulator.control.putApp({ client_key: demoApps.live.client_key, webhook_url: this.office.url });
    const team = await createTeam(base.db);
    const places = treatments.flatMap((treatment, n) =>
      Array.from({ length: slots }, (_nothing, slot) => ({ treatment, slot, username: `branch.${n}.${slot}` })),
    );
    this.#channels = await Promise.all(
      places.map(async (place) => {
        this.#simulator.control.putAccount({ username: place.username, daily_post_cap: 100_000 });
        const account = await connectAccount(this.#simulator.url, { clock: this.#clock, account: place.username });
        const owner = { plugin: 'tiktok', appKey: demoApps.live.client_key, mode: 'live' };
        const credentialId = await services.credentials.save({ ...owner, account });
        const [id = 0] = await base.db.knex('channels').insert({
          ...{ team_id: team.id, credential_id: credentialId, plugin: 'tiktok', account_id: account.accountId },
          ...{ nickname: account.nickname, connected_at: this.#clock.now() },
        });
        return { ...place, id, openId: account.accountId };
      }),
    );
    this.#place = { teamId: team.id, mediaId: await this.#storeVideo(team.id) };
    await this.#panel.listen();
    await this.#panel.startWorker();
  }

  async #storeVideo(teamId: number): Promise<number> {
    const file = path.join(this.#dataDir, 'media', 'lucia.mp4');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, randomBytes(2_000));
    const [id = 0] = await this.#panel.base.db.knex('media').insert({
      ...{ team_id: teamId, file_name: 'Lucia.mp4', stored_name: path.basename(file), kind: 'video' },
      ...{ type: 'video/mp4', bytes: 2_000, sha256: await sha256Of(file), width: 360, height: 640 },
      ...{ duration_ms: 4_000, frame_rate: 30, codec: 'avc', created_at: this.#clock.now() },
    });
    return id;
  }

  async #schedule(channel: Channel, { privacy }: Fate): Promise<number> {
    const { base, services } = this.#panel;
    const { teamId, mediaId } = this.#place;
    const at = this.#clock.now();
    return base.db.transaction(async (sql) => {
      const [postId = 0] = await sql('posts').insert({
        ...{ team_id: teamId, caption: 'Lucia buns', nonce: randomBytes(8).toString('hex'), nonce_body: 'x' },
        ...{ created_at: at, updated_at: at, state: 'scheduled' },
      });
      await sql('post_media').insert({ post_id: postId, media_id: mediaId, position: 0 });
      const due = { wall: '2026-12-13T07:00', zone: 'Europe/Copenhagen', at };
      const place = { postId, teamId, channelId: channel.id, plugin: 'tiktok' };
      return services.desk.create({ ...place, options: { ...publicOptions, privacy }, due, consent: null }, sql);
    });
  }

  /** Until neither the product, nor TikTok, nor the post office has anything left to do. */
  async #runToTheEnd(seconds: readonly number[]): Promise<void> {
    for (;;) {
      await this.#settle();
      await this.#noticeArrivals(seconds);
      await this.#settle();
      const times = [await this.#nextDueAt(), this.office.nextAt, ...this.#releases.values()];
      const next = Math.min(...times.filter((at) => at !== undefined));
      if (next === Infinity) return;
      this.#clock.advance(Math.max(0, next - this.#clock.now()) + stepMs);
      for (const [publishId, at] of this.#releases) {
        if (at > this.#clock.now()) continue;
        this.#releases.delete(publishId);
        this.#simulator.control.release(publishId);
      }
      // What has become due at TikTok happens now.
      this.#simulator.control.advanceClock(0);
      await this.office.deliverDue();
    }
  }

  /** How long TikTok takes for a video is the same in all runs. */
  async #noticeArrivals(seconds: readonly number[]): Promise<void> {
    for (const publish of this.#simulator.control.publishes()) {
      if (publish.status !== 'PROCESSING_UPLOAD' || publish.arrived_at === null) continue;
      if (this.#releases.has(publish.publish_id)) continue;
      const { slot, openId } = this.#channelNamed(publish.account);
      this.#releases.set(publish.publish_id, publish.arrived_at + (seconds[slot] ?? 0) * 1000);
      await this.office.lieAbout(publish.publish_id, openId);
    }
  }

  /** Until no webhook is on its way, nobody does anything and nothing is due. */
  async #settle(): Promise<void> {
    const { base, services } = this.#panel;
    const isTold = (): boolean => this.#simulator.control.webhooks().every(({ isDelivered }) => isDelivered);
    const isIdle = async (): Promise<boolean> => {
      services.queue.signal();
      const busy: unknown[] = await base.db
        .knex('jobs')
        .where({ state: 'running' })
        .orWhere((due) => void due.where({ state: 'waiting' }).where('run_at', '<=', this.#clock.now()))
        .limit(1)
        .select('id');
      return busy.length === 0;
    };
    await until(async () => isTold() && (await isIdle()) && isTold(), 'all is quiet');
  }

  async #nextDueAt(): Promise<number | undefined> {
    const jobs = this.#panel.base.db.knex('jobs').where({ state: 'waiting', kind: publishJobKind });
    const rows: unknown = await jobs.min('run_at as at');
    return z.array(z.object({ at: z.number().nullable() })).parse(rows)[0]?.at ?? undefined;
  }

  async #endOf(id: number): Promise<string> {
    const { knex } = this.#panel.base.db;
    const delivery: unknown = await knex('deliveries').where({ id }).first();
    const attempts: unknown = await knex('attempts').where({ delivery_id: id }).orderBy('n');
    const { state, outcome_code: code, hold, url, link_pending: isPending } = deliveryRow.parse(delivery);
    const tries = z.array(attemptRow).parse(attempts);
    const posts = this.#simulator.control
      .posts()
      .filter((post) => tries.some((one) => one.reference === post.publish_id));
    const link = url === null ? 'no link' : 'a link';
    return [
      ...[state, code ?? 'no code', hold ?? 'no hold', isPending ? 'a link to come' : link, `${posts.length} posts`],
      ...tries.map(({ outcome, reason }) => `${outcome} ${reason ?? ''}`),
    ].join(', ');
  }

  #channelOf(openId: string): Channel {
    return found(this.#channels.find((channel) => channel.openId === openId));
  }

  #channelNamed(username: string): Channel {
    return found(this.#channels.find((channel) => channel.username === username));
  }
}

function found(channel: Channel | undefined): Channel {
  if (channel === undefined) throw new Error('Nobody here has this account.');
  return channel;
}

const deliveryRow = z.object({
  state: z.string(),
  outcome_code: z.string().nullable(),
  hold: z.string().nullable(),
  url: z.string().nullable(),
  link_pending: z.coerce.boolean(),
});

const attemptRow = z.object({ outcome: z.string(), reason: z.string().nullable(), reference: z.string().nullable() });
