import type { Page } from 'playwright-core';

/** Numbers and keys differ from record to record: one page of each kind is enough. An opened dialog is another page. */
export function kindOf(address: URL): string {
  const path = address.pathname.replace(/^(\/help\/errors\/).+/, '$1:code').replaceAll(/\d+/g, ':id');
  return path + (address.searchParams.has('add') ? '?add' : '');
}

interface Crawl {
  /** Whole addresses, each of them visited. */
  readonly starts: readonly string[];
  /** Where to stay: the start of every path that is followed. */
  readonly below: string;
  /** Handed each page as it stands. */
  readonly visit: (address: URL) => Promise<void>;
}

/**
 * Visits the starts and everything that links lead to from there, one page of each kind.
 * @returns the addresses visited
 */
export async function crawl(page: Page, { starts, below, visit }: Crawl): Promise<readonly string[]> {
  const waiting = starts.map((start) => new URL(start));
  const seen = new Set<string>();
  const visited: string[] = [];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (visited.length >= starts.length && seen.has(kindOf(next))) continue;
    seen.add(kindOf(next));
    const response = await page.goto(next.href);
    if (!(response?.headers()['content-type'] ?? '').startsWith('text/html')) continue;
    await refuseUnsaidTexts(page);
    visited.push(next.href);
    await visit(next);
    waiting.push(...(await linksOn(page)).filter(({ pathname }) => pathname.startsWith(below)));
  }
  return visited;
}

/** A deferred text that no template turned into words. */
async function refuseUnsaidTexts(page: Page): Promise<void> {
  if (/[\uFDD0-\uFDD4]/.test(await page.content())) throw new Error(`${page.url()} shows a text that is no words.`);
}

/** Links and buttons that lead to another page of the installation; files to download are none, nor is choosing a language. */
async function linksOn(page: Page): Promise<readonly URL[]> {
  const found: unknown = await page.evaluate(`[
    ...[...document.querySelectorAll('a[href]:not([download])')].map((link) => link.href),
    ...[...document.querySelectorAll('form:not([method=post]):not([method=dialog])')].map((form) => {
      const button = form.querySelector('button[name]');
      return form.action.split('?')[0] + (button ? '?' + button.name + '=' + button.value : '');
    }),
  ].filter((href) => href.startsWith(location.origin + '/') && !href.endsWith('/content') && !href.startsWith(location.origin + '/language/'))`);
  if (!Array.isArray(found)) throw new Error('The page told no links.');
  return found.filter((href) => typeof href === 'string').map((href) => new URL(href));
}
