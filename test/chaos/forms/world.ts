import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { createPasswords } from '../../../core/auth/passwords.ts';
import { readConfig } from '../../../core/config.ts';
import { publishJobKind } from '../../../core/deliveries/publishing-context.ts';
import { makeKey } from '../../../core/keys/key-ring.ts';
import { createPino } from '../../../core/log/logger.ts';
import { createPanel, type Panel } from '../../../core/panel.ts';
import { discoverPlugins, ownPlugins } from '../../../core/plugin-host/discover.ts';
import { demoApps, type Simulator, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import { connectAccount } from '../../plugins/tiktok/login.ts';
import { type BinProcess, startBin } from '../../support/bin.ts';
import { createMember, createTeam } from '../../support/factories.ts';
import { freePort } from '../../support/free-port.ts';
import { type MariaDbServer, startMariaDb } from '../../support/mariadb.ts';
import { ComposerDesk } from './desk.ts';

/** What stands in the database of one form. */
export interface Stored {
  readonly postId: number;
  readonly deliveries: number;
  readonly jobs: number;
}

const password = 'olga-quiet-harbour-77';
const usernames = ['hazelandrye', 'hazelandrye.workshops'];

/** An installation on MariaDB: its web in this process, and once more as the command that operators start. */
export class FormsWorld {
  readonly deliveriesOfAPost = usernames.length;
  readonly server: MariaDbServer;
  /** The member, at the web inside this process. */
  readonly desk: ComposerDesk;
  /** The same at the process that is killed. */
  readonly deskOfProcess: ComposerDesk;
  readonly #panel: Panel;
  readonly #simulator: Simulator;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #folder: string;
  #web: BinProcess | undefined;

  private constructor(parts: {
    readonly server: MariaDbServer;
    readonly panel: Panel;
    readonly simulator: Simulator;
    readonly environment: Readonly<Record<string, string>>;
    readonly folder: string;
    readonly teamId: number;
  }) {
    this.server = parts.server;
    this.#panel = parts.panel;
    this.#simulator = parts.simulator;
    this.#environment = parts.environment;
    this.#folder = parts.folder;
    this.desk = new ComposerDesk(parts.panel.base.config.publicUrl, parts.teamId);
    this.deskOfProcess = new ComposerDesk(parts.environment['PUBLIC_URL'] ?? '', parts.teamId);
  }

  static async open(): Promise<FormsWorld> {
    const [server, simulator] = await Promise.all([startMariaDb(), startSimulator()]);
    simulator.control.setSwitches({ rate_limits: 'off', webhooks: 'off' });
    const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-forms-'));
    const shared = {
      ...{ DATA_DIR: folder, DATABASE_URL: server.url, APP_KEY: makeKey('forms'), LOG_LEVEL: 'silent' },
      ...{ TIKTOK_API_URL: simulator.url, TIKTOK_AUTH_URL: simulator.url },
      ...{ TIKTOK_CLIENT_KEY: demoApps.live.client_key, TIKTOK_CLIENT_SECRET: demoApps.live.client_secret },
    };
    const at = (port: number) => ({ ...shared, PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` });
    const plugins = await discoverPlugins([ownPlugins]);
    const config = readConfig(at(await freePort()), plugins);
    const panel = await createPanel(config, { plugins, migrates: true, log: createPino({ level: 'silent' }) });
    await panel.listen();
    const team = await createTeam(panel.base.db);
    const environment = at(await freePort());
    const world = new FormsWorld({ server, panel, simulator, environment, folder, teamId: team.id });
    await world.#settleIn(team.id);
    return world;
  }

  async close(): Promise<void> {
    this.#web?.kill('SIGKILL');
    await this.#panel.close();
    await this.#simulator.close();
    await this.server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async startWeb(): Promise<void> {
    this.#web = startBin('web', { folder: this.#folder, environment: this.#environment });
    await this.#web.line('listening');
  }

  async killWeb(): Promise<void> {
    this.#web?.kill('SIGKILL');
    await this.#web?.ended;
  }

  /** What the form with this number has come to; undefined: nothing. @throws when it has come to several posts */
  async storedOf(nonce: string): Promise<Stored | undefined> {
    const { knex } = this.#panel.base.db;
    const posts = ids.parse(await knex('posts').where({ nonce }).select('id'));
    const [post, ...others] = posts;
    if (others.length > 0) throw new Error(`One form made ${posts.length} posts.`);
    if (post === undefined) return undefined;
    const deliveries = ids.parse(await knex('deliveries').where({ post_id: post.id, state: 'scheduled' }).select('id'));
    const keys = deliveries.map(({ id }) => String(id));
    const jobs = ids.parse(
      await knex('jobs').where({ kind: publishJobKind, state: 'waiting' }).whereIn('key', keys).select('id'),
    );
    return { postId: post.id, deliveries: deliveries.length, jobs: jobs.length };
  }

  /** So many forms in a minute are more than TikTok would answer. */
  async forgetCalls(): Promise<void> {
    await this.#panel.base.db.knex('call_windows').delete();
  }

  async #settleIn(teamId: number): Promise<void> {
    const { base, services } = this.#panel;
    const now = base.clock.now();
    const who = { email: 'olga@example.org', password };
    const passwordHash = await createPasswords().hash(password);
    await createMember(base.db, { team: { id: teamId }, role: 'owner', name: 'Olga', email: who.email, passwordHash });
    const channels: string[] = [];
    for (const username of usernames) {
      const account = await connectAccount(this.#simulator.url, { account: username, clock: base.clock });
      const owner = { plugin: 'tiktok', appKey: demoApps.live.client_key, mode: 'live' };
      const credentialId = await services.credentials.save({ ...owner, account });
      const [id = 0] = await base.db.knex('channels').insert({
        ...{ team_id: teamId, credential_id: credentialId, plugin: 'tiktok', account_id: account.accountId },
        ...{ nickname: account.nickname, connected_at: now },
      });
      channels.push(String(id));
    }
    const [media = 0] = await base.db.knex('media').insert({
      ...{ team_id: teamId, file_name: 'Lucia.mp4', stored_name: 'lucia.mp4', kind: 'video', type: 'video/mp4' },
      ...{ bytes: 20_000, sha256: '0'.repeat(64), width: 720, height: 1280, duration_ms: 4_000 },
      ...{ frame_rate: 30, codec: 'avc', created_at: now },
    });
    await this.startWeb();
    for (const desk of [this.desk, this.deskOfProcess]) {
      await desk.signIn(who);
      await desk.fillIn({ channels, media: String(media) });
    }
  }
}

const ids = z.array(z.object({ id: z.number() }));
