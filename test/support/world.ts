import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createPasswords } from '../../core/auth/passwords.ts';
import { readConfig } from '../../core/config.ts';
import { connectDatabase } from '../../core/db/connect.ts';
import type { Database } from '../../core/db/database.ts';
import { migrateToLatest } from '../../core/db/migrate.ts';
import { makeKey } from '../../core/keys/key-ring.ts';
import { migrationFolders } from '../../core/panel/foundation.ts';
import { discoverPlugins, ownPlugins } from '../../core/plugin-host/discover.ts';
import type { FoundPlugin } from '../../core/plugin-host/found-plugin.ts';
import { projectRoot } from '../../core/project-root.ts';
import { demoApps, type Simulator, startSimulator } from '../../plugins/tiktok/simulator/index.ts';
import { openContext, useBrowser } from './browser.ts';
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

interface Resident {
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
  /** What stands before each place of an answer, a redirect or a log line that has this text in it, 80 letters of it. */
  saidBefore(text: string): readonly string[];
}

/**
 * For a suite: opens a world before its tests and closes it after them.
 * @returns answers the world while a test runs
 */
export function useWorld(options: WorldOptions = {}): () => World {
  const browser = useBrowser();
  return keepOpen((undo) => settle({ options, start: startPanelInside, undo, browser }));
}

/** The same with the real web and worker commands, as processes of their own. */
export function useWorldOfProcesses(options: WorldOptions = {}): () => World<PanelProcesses> {
  const browser = useBrowser();
  return keepOpen((undo) => settle({ options, start: startPanelApart, undo, browser }));
}

type Undo = (() => Promise<unknown>)[];

/** What was opened is closed, the last first, also when the rest could not be opened. */
function keepOpen<T>(open: (undo: Undo) => Promise<T>): () => T {
  const undo: Undo = [];
  let opened: T | undefined;
  before(async function () {
    this.timeout(180_000);
    opened = await open(undo);
  });
  after(async function () {
    this.timeout(180_000);
    for (const step of undo.splice(0).reverse()) await step();
  });
  return () => {
    if (opened === undefined) throw new Error('The world is open only while a test runs.');
    return opened;
  };
}

interface Settling<Running> {
  readonly options: WorldOptions;
  readonly start: (parts: Parameters<typeof startPanelInside>[0]) => Promise<Running>;
  readonly undo: Undo;
  readonly browser: () => Browser;
}

async function settle<Running extends RunningPanel>({
  options,
  start,
  undo,
  browser,
}: Settling<Running>): Promise<World<Running>> {
  const clock = createRunningClock();
  const kept = async <T extends { close: () => Promise<unknown> }>(opening: Promise<T>): Promise<T> => {
    const thing = await opening;
    undo.push(() => thing.close());
    return thing;
  };
  const simulator = await kept(startSimulator({ now: clock.now }));
  const toTikTok = await kept(startRecordingProxy());
  toTikTok.connectTo(Number(new URL(simulator.url).port));
  const toPanel = await kept(startRecordingProxy());
  const mariadb = options.database === 'mariadb' ? await startMariaDb() : undefined;
  undo.push(async () => mariadb?.stop());
  const dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-world-'));
  undo.push(() => rm(dataDir, { recursive: true, force: true }));

  const url = `http://localhost:${toPanel.port}`;
  const environment = {
    ...{ PUBLIC_URL: url, PORT: String(await freePort()), DATA_DIR: dataDir, LOG_LEVEL: 'debug' },
    ...(mariadb === undefined ? {} : { DATABASE_URL: mariadb.url }),
    ...{ APP_KEY: makeKey('world'), ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
    ...{ TIKTOK_API_URL: `http://127.0.0.1:${toTikTok.port}`, TIKTOK_AUTH_URL: simulator.url },
    ...(options.paperboyUrl === undefined ? {} : { PAPERBOY_URL: options.paperboyUrl }),
  };
  const plugins = await discoverPlugins([ownPlugins, ...(options.paperboyUrl === undefined ? [] : [testPlugins])]);
  const config = readConfig(environment, plugins);
  const db = await kept(connectDatabase(config.database));
  const team = await makeHome(db, plugins);
  const panel = await kept(start({ config, environment, plugins, clock }));
  toPanel.connectTo(config.port);
  // As a real app has it: what became of a video is told at once.
  for (const { client_key } of Object.values(demoApps)) {
    simulator.control.putApp({ client_key, webhook_url: `${url}/webhooks/tiktok` });
  }

  return {
    ...{ url, simulator, panel, db, team, teamPath: `/team/${team.id}`, admin, owner, viewer, now: clock.now },
    advance: (ms) => {
      clock.advance(ms);
      // What has become due at TikTok happens now.
      simulator.control.advanceClock(0);
    },
    open: async (contextOptions = {}) => {
      const context = await openContext(browser(), { baseURL: url, ...contextOptions });
      undo.push(() => context.close());
      return context.newPage();
    },
    leaks: () => {
      const issued = secretsIn(toTikTok.answers());
      if (issued.length === 0) throw new Error('TikTok issued nothing, so there is nothing to search for.');
      const secrets = [...issued, ...knownSecrets, environment.APP_KEY.slice('world:'.length)];
      return findLeaks({ secrets, said: { log: panel.logged(), answers: toPanel.answers() }, db, dataDir });
    },
    saidBefore: (text) => [panel.logged(), toPanel.answers()].flatMap((said) => placesOf(said, text)),
  };
}

function placesOf(said: string, text: string): readonly string[] {
  const parts = said.split(text).slice(0, -1);
  return parts.map((part) => part.slice(-80));
}

const testPlugins = path.join(projectRoot, 'test/support/plugins');

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

/** A team with its people, before anybody else has the database open. */
async function makeHome(db: Database, plugins: readonly FoundPlugin[]) {
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
  return team;
}
