import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Environment, readConfig } from '../../core/config.ts';
import { createPino } from '../../core/log/logger.ts';
import { createPanel, type Panel } from '../../core/panel.ts';
import { siteFiles } from '../../core/panel/site-pages.ts';
import { panelRoutes } from '../../core/panel/web.ts';
import { discoverPlugins, ownPlugins } from '../../core/plugin-host/discover.ts';
import type { Route } from '../../core/web/route.ts';
import { createTestApp, type TestApp } from './app.ts';
import { createTestClock } from './clock.ts';

export interface WholePanel {
  readonly panel: Panel;
  /** Every route of the installation with all its plugins. */
  readonly routes: readonly Route[];
  /** The same database behind the test's own browsers. */
  readonly web: TestApp;
  close(): Promise<void>;
}

interface WholePanelOptions {
  /** E.g. replaces handlers. */
  readonly change?: (route: Route) => Route;
  readonly environment?: Environment;
}

/** Everything an installation answers to, without workers and without a network; its clock stands still. */
export async function openWholePanel(options: WholePanelOptions = {}): Promise<WholePanel> {
  const { change = (route: Route) => route, environment = {} } = options;
  const clock = createTestClock();
  const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-routes-'));
  const plugins = await discoverPlugins([ownPlugins]);
  const config = readConfig({ DATA_DIR: folder, TIKTOK_API_URL: 'http://127.0.0.1:9', ...environment }, plugins);
  const panel = await createPanel(config, { plugins, clock, log: createPino({ level: 'silent' }) });
  const routes = panelRoutes(panel.base, panel.services).map(change);
  const networks = plugins.map(({ plugin: { id, name, icon }, views, publicFiles }) => ({
    id,
    name,
    icon,
    ...(views && { views }),
    ...(publicFiles && { publicFiles }),
  }));
  const findFile = siteFiles(panel.services, routes);
  const brand = panel.base.identity;
  const { recordStrip } = panel.services;
  const errorHref = (code: string) => panel.services.errorLibrary.href(code);
  const parts = { networks, findFile, brand, recordStrip, errorHref };
  const web = await createTestApp({ db: panel.base.db, clock, routes: () => routes, ...parts });
  const close = async (): Promise<void> => {
    await panel.close();
    await rm(folder, { recursive: true });
  };
  return { panel, routes, web, close };
}
