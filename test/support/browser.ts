import { type Browser, chromium } from 'playwright-core';
import { findProgram } from './needs.ts';

/** What Chromium does on its own account would be noise in a test, and reach for the internet. */
const quiet = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

let launched: Promise<Browser> | undefined;

/** One browser for the whole run; every test opens contexts of its own. Use `before(needs('chromium'))`. */
export function theBrowser(): Promise<Browser> {
  launched ??= chromium.launch({ executablePath: findProgram('chromium') ?? 'chromium', args: quiet });
  return launched;
}

after(async () => {
  await (await launched)?.close();
});
