import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountInput } from './accounts.ts';
import type { AppInput } from './apps.ts';
import { systemTime } from './clock.ts';
import { createControl, type SimulatorControl } from './control.ts';
import { defaultAccounts, defaultApps } from './demo-data.ts';
import { listen } from './server.ts';
import { simulatorApp } from './simulator-routes.ts';
import { createWorld } from './world.ts';

export { demoApps } from './demo-data.ts';
export type { SimulatorControl } from './control.ts';

export interface SimulatorOptions {
  /** 0: any free port. */
  readonly port?: number;
  readonly host?: string;
  /** UTC ms; the machine's time by default. */
  readonly now?: () => number;
  /** Where received bytes go; a temporary directory, removed at the end, by default. */
  readonly dataDir?: string;
  /** One line per request. */
  readonly log?: (line: string) => void;
  /** Instead of the demo's. */
  readonly apps?: readonly AppInput[];
  readonly accounts?: readonly AccountInput[];
}

export interface Simulator {
  /** Base address for both TIKTOK_API_URL and TIKTOK_AUTH_URL, without a slash at the end. */
  readonly url: string;
  readonly control: SimulatorControl;
  close(): Promise<void>;
}

/** A strict TikTok on this machine: see docs/SIMULATOR.md. Throws when the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, log = () => undefined } = options;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tiktok-simulator-')));
  let url = '';
  const world = createWorld({
    now: options.now ?? systemTime,
    dataDir,
    apps: options.apps ?? defaultApps,
    accounts: options.accounts ?? defaultAccounts,
    url: () => url,
  });
  const control = createControl(world);
  const server = await listen(simulatorApp(world, control, log), { host, port });
  url = `http://${host}:${server.port}`;
  return {
    url,
    control,
    close: async () => {
      world.agenda.clear();
      world.webhooks.close();
      await server.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
