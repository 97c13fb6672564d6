import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram, needs } from './needs.ts';

/** What Chromium does on its own account would be noise in a test, and reach for the internet. */
const quiet = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...[
    '--in-process-gpu',
    '--disable-software-rasterizer',
    '--disable-site-isolation-trials',
    '--renderer-process-limit=1',
  ],
];

/** For a suite: one Chromium for its tests, which open contexts of their own. @returns answers it while a test runs */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  before(needs('chromium'));
  before(async function () {
    this.timeout(180_000);
    browser = await chromium.launch({ executablePath: findProgram('chromium') ?? '', args: quiet, timeout: 120_000 });
  });
  after(() => browser?.close());
  return () => {
    if (browser === undefined) throw new Error('The browser is open only while a test runs.');
    return browser;
  };
}

/** Says on the page that its scripts listen. Asked for again, a module is the same one: this waits until it has run. */
const tellWhenReady = `addEventListener('DOMContentLoaded', async () => {
  const modules = [...document.querySelectorAll('script[type="module"][src]')];
  await Promise.allSettled(modules.map(({ src }) => import(src)));
  document.documentElement.dataset.listens = 'yes';
})`;

/**
 * A browser profile of its own, whose pages are touched and read by locators only once their scripts listen, on a machine
 * of any speed: people rarely are quicker than scripts, tests always are. See `holdScript` for those who are.
 */
export async function openContext(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(60_000);
  if (options.javaScriptEnabled === false) return context;
  await context.addInitScript(tellWhenReady);
  context.on('page', (page) => void waitForScripts(page));
  return context;
}

async function waitForScripts(page: Page): Promise<void> {
  const listens = (): Promise<void> => page.locator('html[data-listens]').waitFor({ state: 'attached' });
  try {
    await page.addLocatorHandler(page.locator('html:not([data-listens])'), listens, { noWaitAfter: true });
  } catch (error) {
    // A popup may be gone as soon as it came.
    if (!page.isClosed()) throw error;
  }
}

/**
 * As on a slow line: this script of a page does not come before it is let go, and nobody waits for it to listen.
 * @returns lets it go
 */
export async function holdScript(page: Page, name: string): Promise<() => void> {
  let letGo = (): void => undefined;
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  await page.route(
    (url) => url.pathname.endsWith(`/js/${name}.js`),
    async (route) => {
      await page.evaluate(`document.documentElement.dataset.listens = 'not-yet'`);
      await isLetGo;
      await route.continue();
    },
    { times: 1 },
  );
  return letGo;
}
