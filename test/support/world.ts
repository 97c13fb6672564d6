import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { createPasswords } from '../../core/auth/passwords.ts';
import { type Config, readConfig } from '../../core/config.ts';
import { connectDatabase } from '../../core/db/connect.ts';
import type { Database } from '../../core/db/database.ts';
import { migrateToLatest } from '../../core/db/migrate.ts';
import { makeKey } from '../../core/keys/key-ring.ts';
import { migrationFolders } from '../../core/panel/foundation.ts';
import { discoverPlugins, ownPlugins } from '../../core/plugin-host/discover.ts';
import type { FoundPlugin } from '../../core/plugin-host/found-plugin.ts';
import { projectRoot } from '../../core/project-root.ts';
import { demoApps, type Simulator, startSimulator } from '../../plugins/tiktok/simulator/index.ts';
import { theBrowser } from './browser.ts';
import { createRunningClock } from './clock.ts';
import { createMember, createTeam } from './factories.ts';
import { freePort } from './free-port.ts';
import { startMariaDb } from './mariadb.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import { type PanelProcesses, type RunningPanel, startPanelApart, startPanelInside } from './running-panel.ts';
import { findLeaks, secretsIn } from './secrets.ts';

export interface WorldOptions {
  readonly database?: 'sqlite' | 'mariadb';
  /** Also the plugins of test/support/plugins, at this address. */
  readonly paperboyUrl?: string;
}

export interface Resident {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** A whole installation with a TikTok of its own, and browsers in front of it. Everything it says is recorded. */
export interface World<Running extends RunningPanel = RunningPanel> {
  readonly url: string;
  readonly simulator: Simulator;
  readonly panel: Running;
  /** A connection of the test's own: to look, not to touch. */
  readonly db: Database;
  readonly team: { readonly id: number; readonly name: string; readonly zone: string };
  readonly teamPath: string;
  readonly admin: Resident;
  readonly owner: Resident;
  readonly viewer: Resident;
  now(): number;
  /** Moves TikTok ahead, and a panel inside this process on SQLite. */
  advance(ms: number): void;
  /** A page in a browser profile of its own. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** S4: where a secret of this run stands readably: logs, answers, database, files. Empty when all is well. */
  leaks(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Web and worker as one panel in this process. */
export function openWorld(options: WorldOptions = {}): Promise<World> {
  return settle(options, startPanelInside);
}

/** The real web and worker commands, as processes of their own. */
export function openWorldOfProcesses(options: WorldOptions = {}): Promise<World<PanelProcesses>> {
  return settle(options, startPanelApart);
}

type Start<Running> = (parts: Parameters<typeof startPanelInside>[0]) => Promise<Running>;

async function settle<Running extends RunningPanel>(
  options: WorldOptions,
  start: Start<Running>,
): Promise<World<Running>> {
  const clock = createRunningClock();
  const simulator = await startSimulator({ now: clock.now });
  const wires = { panel: await startRecordingProxy(), tiktok: await startRecordingProxy() };
  wires.tiktok.connectTo(Number(new URL(simulator.url).port));
  const url = `http://localhost:${wires.panel.port}`;
  const mariadb = options.database === 'mariadb' ? await startMariaDb() : undefined;
  const dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-world-'));
  const environment = {
    ...{ PUBLIC_URL: url, PORT: String(await freePort()), DATA_DIR: dataDir, LOG_LEVEL: 'debug' },
    ...(mariadb === undefined ? {} : { DATABASE_URL: mariadb.url }),
    ...{ APP_KEY: makeKey('world'), ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
    ...{ TIKTOK_API_URL: `http://127.0.0.1:${wires.tiktok.port}`, TIKTOK_AUTH_URL: simulator.url },
    ...(options.paperboyUrl === undefined ? {} : { PAPERBOY_URL: options.paperboyUrl }),
  };
  const testPlugins = path.join(projectRoot, 'test/support/plugins');
  const plugins = await discoverPlugins([ownPlugins, ...(options.paperboyUrl === undefined ? [] : [testPlugins])]);
  const shapes = plugins.map(({ plugin }) => plugin);
  const config = readConfig(environment, shapes);
  const { db, team } = await makeHome(config, plugins);
  const panel = await start({ config, environment, plugins, clock });
  wires.panel.connectTo(config.port);
  const pages: Page[] = [];
  return {
    ...{ url, simulator, panel, db, team, teamPath: `/team/${team.id}`, admin, owner, viewer, now: clock.now },
    advance: (ms) => {
      clock.advance(ms);
      // What has become due at TikTok happens now.
      simulator.control.advanceClock(0);
    },
    open: async (contextOptions = {}) => {
      const context = await (await theBrowser()).newContext({ baseURL: url, ...contextOptions });
      const page = await context.newPage();
      pages.push(page);
      return page;
    },
    leaks: () => {
      const issued = secretsIn(wires.tiktok.answers());
      if (issued.length === 0) throw new Error('TikTok issued nothing, so there is nothing to search for.');
      const secrets = [...issued, ...knownSecrets, environment.APP_KEY.slice('world:'.length)];
      return findLeaks({ secrets, said: { log: panel.logged(), answers: wires.panel.answers() }, db, dataDir });
    },
    close: async () => {
      for (const page of pages) await page.context().close();
      await panel.close();
      await db.close();
      await Promise.all([simulator.close(), wires.panel.close(), wires.tiktok.close(), mariadb?.stop()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const person = (name: string): Resident => ({
  name,
  email: `${name.toLowerCase()}@example.org`,
  password: `${name.toLowerCase().split('').reverse().join('')}-quiet-harbour-77`,
});
const [admin, owner, viewer] = [person('Ada'), person('Olga'), person('Vera')];

const knownSecrets = [
  ...[admin, owner, viewer].map(({ password }) => password),
  ...[demoApps.live.client_secret, demoApps.sandbox.client_secret],
];

/** The database with a team in it, before anybody else has it open. */
async function makeHome(config: Config, plugins: readonly FoundPlugin[]) {
  const db = await connectDatabase(config.database);
  await migrateToLatest(db, migrationFolders(plugins));
  const passwords = createPasswords();
  const team = await createTeam(db, { name: 'Hazel & Rye', zone: 'Europe/Copenhagen' });
  for (const [resident, role] of [
    [owner, 'owner'],
    [viewer, 'viewer'],
  ] as const) {
    const { name, email, password } = resident;
    await createMember(db, { team, role, name, email, passwordHash: await passwords.hash(password) });
  }
  return { db, team };
}
