import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Environment, readConfig } from '../../../../core/config.ts';
import { makeKey } from '../../../../core/keys/key-ring.ts';
import { createPino } from '../../../../core/log/logger.ts';
import { createPanel, type Panel } from '../../../../core/panel.ts';
import { discoverPlugins, ownPlugins } from '../../../../core/plugin-host/discover.ts';
import { demoApps, type Simulator, startSimulator } from '../../../../plugins/tiktok/simulator/index.ts';
import { createTeam } from '../../../support/factories.ts';
import { startWorkerAlone, type WorkerProcess } from '../../../support/running-panel.ts';
import { until } from '../../../support/until.ts';
import { connectAccount } from '../login.ts';

const account = 'hazelandrye';
const pageOfList = z.object({
  data: z.object({ videos: z.array(z.object({ id: z.string() })), cursor: z.number(), has_more: z.boolean() }),
});
const passRow = z.object({
  videos_at: z.number().nullable(),
  listed: z.number().nullable(),
  pass_began_at: z.number().nullable(),
  pass_seen: z.number().nullable(),
});

interface Wanted {
  readonly videos: number;
  /** `mysql://…`; SQLite without. */
  readonly databaseUrl?: string | undefined;
}

/** One profile with many videos, whose list the worker command reads and is killed at. */
export class KilledSync {
  readonly simulator: Simulator;
  readonly #panel: Panel;
  readonly #folder: string;
  readonly #environment: Environment;
  #worker: WorkerProcess | undefined;
  /** When the first worker began, and what it asked TikTok for before: what the test itself needed. */
  #begun = { at: 0, requests: 0 };
  peakBytes = 0;

  private constructor(own: { simulator: Simulator; panel: Panel; folder: string; environment: Environment }) {
    this.simulator = own.simulator;
    this.#panel = own.panel;
    this.#folder = own.folder;
    this.#environment = own.environment;
  }

  static async open({ videos, databaseUrl }: Wanted): Promise<KilledSync> {
    const simulator = await startSimulator();
    simulator.control.putAccount({ username: account, videos });
    const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-sync-'));
    const environment = {
      ...{ DATA_DIR: folder, APP_KEY: makeKey('sync') },
      ...{ TIKTOK_API_URL: simulator.url, TIKTOK_AUTH_URL: simulator.url, TIKTOK_MODE: 'live' },
      ...{ TIKTOK_CLIENT_KEY: demoApps.live.client_key, TIKTOK_CLIENT_SECRET: demoApps.live.client_secret },
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    };
    const plugins = await discoverPlugins([ownPlugins]);
    const config = readConfig(environment, plugins);
    const panel = await createPanel(config, { plugins, migrates: true, log: createPino({ level: 'silent' }) });
    return new KilledSync({ simulator, panel, folder, environment });
  }

  async close(): Promise<void> {
    await this.#worker?.kill();
    await this.#panel.close();
    await this.simulator.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Somebody has connected the profile just now. @returns the ids of all its videos, as TikTok tells them, newest first */
  async connect(): Promise<readonly string[]> {
    const { services, base } = this.#panel;
    const connected = await connectAccount(this.simulator.url, { account });
    const app = { plugin: 'tiktok', appKey: demoApps.live.client_key, mode: 'live' };
    const credentialId = await services.credentials.save({ ...app, account: connected });
    const team = await createTeam(base.db);
    const now = base.clock.now();
    const [id = 0] = await base.db.knex('channels').insert({
      ...{ team_id: team.id, credential_id: credentialId, plugin: 'tiktok', account_id: connected.accountId },
      ...{ nickname: connected.nickname, username: account, is_paused: false, connected_at: now },
    });
    const job = { key: String(id), payload: null, channelId: id };
    await services.queue.enqueue({ ...job, kind: 'tiktok:sync', runAt: now });
    // The hourly look would ask for pages of its own.
    await services.queue.enqueue({ ...job, kind: 'tiktok:recent', runAt: now + 86_400_000 });
    const ids = await this.#idsAtTikTok(connected.tokens.accessToken);
    this.#begun = { at: performance.now(), requests: this.#listRequests() };
    return ids;
  }

  async startWorker(): Promise<void> {
    this.#worker = await startWorkerAlone({ environment: this.#environment });
  }

  async kill(): Promise<void> {
    await this.#noteMemory();
    await this.#worker?.kill();
    this.#worker = undefined;
  }

  /** Killed while it waits for the answer to this one of its next requests for a page, counted from 1. */
  async killAtRequest(n: number): Promise<void> {
    const { control } = this.simulator;
    control.setSwitches({ failures: [{ endpoint: 'video/list', kind: 'hang-after', skip: n - 1 }] });
    await this.startWorker();
    await until(() => control.switches().failures.length === 0, 'it waits for a page', 300_000);
    await this.kill();
  }

  /** Killed at whatever moment after so many videos are stored. */
  async killAfter(videos: number): Promise<void> {
    await this.startWorker();
    await until(async () => (await this.seen()) >= videos, `${videos} videos are stored`, 300_000);
    await this.kill();
  }

  async finish(): Promise<void> {
    await this.startWorker();
    const isOver = async (): Promise<boolean> => {
      await this.#noteMemory();
      const row = await this.#row();
      return row?.videos_at !== null && row?.pass_began_at === null && row.listed !== null;
    };
    await until(isOver, 'the pass is over', 600_000);
    await this.kill();
  }

  /** Videos of the pass that is under way, as stored. */
  async seen(): Promise<number> {
    return (await this.#row())?.pass_seen ?? 0;
  }

  /** When the pass that is under way began. */
  async beganAt(): Promise<number | null> {
    return (await this.#row())?.pass_began_at ?? null;
  }

  /** Requests for pages that workers have made, and how long it all took. */
  figures(): { readonly requests: number; readonly seconds: number } {
    const { at, requests } = this.#begun;
    return { requests: this.#listRequests() - requests, seconds: (performance.now() - at) / 1_000 };
  }

  /** What stands in the database, newest first. */
  async stored(): Promise<{ readonly ids: readonly string[]; readonly missing: number; readonly listed: number }> {
    const { knex } = this.#panel.base.db;
    const ids: unknown = await knex('tiktok_videos').orderBy('published_at', 'desc').pluck('video_id');
    const missing: unknown[] = await knex('tiktok_videos').whereNotNull('missing_since').select('video_id');
    return {
      ids: z.array(z.string()).parse(ids),
      missing: missing.length,
      listed: (await this.#row())?.listed ?? 0,
    };
  }

  async #row(): Promise<z.output<typeof passRow> | undefined> {
    const rows: unknown = await this.#panel.base.db.knex('tiktok_profiles').limit(1);
    return z.array(passRow).parse(rows)[0];
  }

  async #noteMemory(): Promise<void> {
    const memory = await this.#worker?.memory();
    this.peakBytes = Math.max(this.peakBytes, memory?.peak ?? 0);
  }

  #listRequests(): number {
    return this.simulator.control.requests().filter(({ endpoint }) => endpoint === 'video/list').length;
  }

  /** With another token than that of the workers, and before its limits count. */
  async #idsAtTikTok(token: string): Promise<readonly string[]> {
    this.simulator.control.setSwitches({ rate_limits: 'off' });
    const ids: string[] = [];
    for (let cursor = 0, isMore = true; isMore;) {
      const answer = await fetch(`${this.simulator.url}/v2/video/list/?fields=id`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ max_count: 20, ...(cursor === 0 ? {} : { cursor }) }),
      });
      const { data } = pageOfList.parse(await answer.json());
      ids.push(...data.videos.map(({ id }) => id));
      isMore = data.has_more;
      cursor = data.cursor;
    }
    this.simulator.control.setSwitches({ rate_limits: 'on' });
    return ids;
  }
}
