import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { demoApps, startSimulator, type Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import { readConfig } from '../../config.ts';
import { createPino } from '../../log/logger.ts';
import { createPanel, type Panel } from '../../panel.ts';
import { discoverPlugins, ownPlugins } from '../../plugin-host/discover.ts';
import { wallTimeAt } from '../../time/zones.ts';

interface DemoPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Web, worker, an embedded database and the simulator in this process, on data that is thrown away at the end. */
export interface DemoWorld {
  readonly url: string;
  readonly simulator: Simulator;
  readonly panel: Panel;
  readonly folder: string;
  readonly admin: DemoPerson;
  readonly member: DemoPerson;
  readonly zone: string;
  /** The simulator's app whose credentials the demo uses. */
  readonly app: { readonly appId: string; readonly appSecret: string };
  readonly scopes: readonly string[];
  /** The team's wall clock to the minute, e.g. 2026-11-21T09:30. */
  wallTimeNow(): string;
  /** Called after each request that the simulator has answered. */
  onRequest(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface DemoOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly simulatorPort: number;
}

const zone = 'Europe/Copenhagen';
const teamName = 'Hazel & Rye';
const admin: DemoPerson = { name: 'Ines Holm', email: 'ines.holm@northlight.example', password: 'lantern-harbour-42' };
const member: DemoPerson = { name: 'Maja Lindqvist', email: 'maja@hazelandrye.example', password: 'rye-and-butter-7' };
const scopes = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];

export async function openDemoWorld(options: DemoOptions): Promise<DemoWorld> {
  const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-demo-'));
  const listeners = new Set<() => void>();
  const log = (): void => {
    for (const listener of listeners) listener();
  };
  const simulator = await startSimulator({ port: options.simulatorPort, dataDir: path.join(folder, 'tiktok'), log });
  const panel = await startPanel(simulator, folder, options);
  const { url } = await panel.listen();
  await panel.startWorker();
  await plantPeople(panel);
  const webhookUrl = `${url}/webhooks/tiktok`;
  for (const { client_key } of Object.values(demoApps))
    simulator.control.putApp({ client_key, webhook_url: webhookUrl });
  return {
    ...{ url, simulator, panel, folder, admin, member, zone, scopes },
    app: { appId: demoApps.live.client_key, appSecret: demoApps.live.client_secret },
    wallTimeNow: () => wallTimeAt(panel.base.clock.now(), zone),
    onRequest: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {
      await panel.close();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startPanel(simulator: Simulator, folder: string, options: DemoOptions): Promise<Panel> {
  const plugins = await discoverPlugins([ownPlugins]);
  const environment = {
    PORT: String(options.port === 0 ? await freePort() : options.port),
    DATA_DIR: path.join(folder, 'data'),
    TIKTOK_API_URL: simulator.url,
    TIKTOK_AUTH_URL: simulator.url,
    // Whoever tries the demo out is its only person.
    HOURLY_LIMITS: 'upload=1000,connect=1000,publish=1000',
  };
  const config = readConfig(environment, plugins);
  return createPanel(config, { plugins, migrates: true, log: createPino({ level: 'warn' }) });
}

/** The demo's sign-ins are printed for everybody to read: they exist on its throwaway data only. */
async function plantPeople(panel: Panel): Promise<void> {
  const { people, passwords, teams } = panel.services;
  for (const person of [admin, member]) {
    const passwordHash = await passwords.hash(person.password);
    await people.add({ ...person, passwordHash, isAdmin: person === admin, at: panel.base.clock.now() });
  }
  await teams.add(null, { name: teamName, zone });
  await teams.addMember({ team: teamName, email: member.email, role: 'manager' });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
