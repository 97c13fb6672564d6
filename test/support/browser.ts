import { type Browser, chromium } from 'playwright-core';
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
    this.timeout(60_000);
    browser = await chromium.launch({ executablePath: findProgram('chromium') ?? '', args: quiet });
  });
  after(() => browser?.close());
  return () => {
    if (browser === undefined) throw new Error('The browser is open only while a test runs.');
    return browser;
  };
}
