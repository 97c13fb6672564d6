import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { readConfig } from '../../../core/config.ts';
import { makeKey } from '../../../core/keys/key-ring.ts';
import { createPino } from '../../../core/log/logger.ts';
import { createPanel } from '../../../core/panel.ts';
import { discoverPlugins, ownPlugins } from '../../../core/plugin-host/discover.ts';
import { standardTimings } from '../../../core/timings.ts';
import { type Simulator, startSimulator } from '../../../plugins/tiktok/simulator/index.ts';
import { openContext } from '../../support/browser.ts';
import { createRunningClock } from '../../support/clock.ts';
import { freePort } from '../../support/free-port.ts';
import { type Front, startFront } from './front.ts';

/** As an operator starts it for the first time: a first admin, nothing else, and nobody who does what is due. */
export interface EmptyInstallation {
  readonly url: string;
  readonly simulator: Simulator;
  readonly front: Front;
  readonly admin: { readonly email: string; readonly password: string };
  startWorker(): Promise<void>;
  /** Sets the clock of this installation ahead of everybody else's, or back. */
  moveClock(ms: number): void;
  open(): Promise<Page>;
  close(): Promise<void>;
}

const admin = { email: 'ada@example.org', password: 'quiet-harbour-before-noon' };

export async function openEmptyInstallation(browser: Browser): Promise<EmptyInstallation> {
  const undo: (() => Promise<unknown>)[] = [];
  const simulator = await startSimulator();
  undo.push(() => simulator.close());
  const dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-setup-'));
  undo.push(() => rm(dataDir, { recursive: true, force: true }));
  const port = await freePort();
  const front = await startFront(port);
  undo.push(() => front.close());
  const url = `http://localhost:${front.port}`;
  const plugins = await discoverPlugins([ownPlugins]);
  const environment = {
    ...{ PUBLIC_URL: url, PORT: String(port), DATA_DIR: dataDir, APP_KEY: makeKey('setup') },
    ...{ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password, LOG_LEVEL: 'error' },
    ...{ TIKTOK_API_URL: simulator.url, TIKTOK_AUTH_URL: simulator.url },
  };
  const clock = createRunningClock();
  const log = createPino({ level: 'error', write: (line) => void process.stderr.write(line) });
  const timings = { ...standardTimings, idlePollMs: 50 };
  const panel = await createPanel(readConfig(environment, plugins), { plugins, clock, log, timings });
  undo.push(() => panel.close());
  await panel.listen();
  return {
    ...{ url, simulator, front, admin },
    startWorker: () => panel.startWorker(),
    moveClock: clock.advance,
    open: async () => {
      const context = await openContext(browser, { baseURL: url, reducedMotion: 'reduce' });
      undo.push(() => context.close());
      return context.newPage();
    },
    close: async () => {
      for (const step of undo.splice(0).reverse()) await step();
    },
  };
}
