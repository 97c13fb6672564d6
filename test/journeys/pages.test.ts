import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { crawl } from '../support/page-crawl.ts';
import { useWorld } from '../support/world.ts';
import { makeBusyTeam } from './busy-team.ts';
import { tourOf, visitors, type Visitor } from './page-tour.ts';
import { signIn } from './steps.ts';

interface Look {
  readonly size: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}

/** Colours hang on the scheme and arrangement on the size: each of them twice over would find nothing more. */
const desk: Look = { size: { width: 1440, height: 900 }, colorScheme: 'light' };
const phone: Look = { size: { width: 390, height: 844 }, colorScheme: 'dark' };
/** A viewer's pages are the owner's with less on them. */
const looksOf = (visitor: Visitor): readonly Look[] => (visitor === 'viewer' ? [desk] : [desk, phone]);

describe('Every page, light on a desk and dark on a phone', function () {
  this.timeout(120_000);
  const theWorld = useWorld();
  const violations = new Map<Visitor, readonly string[]>();
  const complaints: string[] = [];

  before(async function () {
    this.timeout(240_000);
    await makeBusyTeam(theWorld());
    await Promise.all(visitors.map(lookAround));
  });

  for (const visitor of visitors) {
    it(`is usable with assistive technology, as the ${visitor} sees it`, () => {
      expect(violations.get(visitor)).to.deep.equal([]);
    });
  }

  it('S21: holds nothing that its content policy would block', () => {
    expect(complaints).to.deep.equal([]);
  });

  it('S21: does not run a script or a style that somebody got into it', async () => {
    const page = await theWorld().open();
    for (const address of ['/', '/sign-in', '/nowhere']) {
      const answer = await page.goto(address);
      const policy = answer?.headers()['content-security-policy'] ?? '';
      const probe = `<script>window.probe = 1</script><img src="x" onerror="window.probe = 2"><p style="color: red">probe</p>`;
      await page.route('**/probe', (route) =>
        route.fulfill({
          contentType: 'text/html',
          headers: { 'content-security-policy': policy },
          body: `<!doctype html><title>probe</title>${probe}`,
        }),
      );
      const blocked: string[] = [];
      page.on('console', (message) => void blocked.push(message.text()));
      await page.goto('/probe');
      expect(await page.evaluate('window.probe'), address).to.equal(undefined);
      expect(blocked.join(' '), address).to.include('script-src').and.to.include('style-src');
    }
  });

  it('S4: has told nobody a secret', async () => {
    expect(await theWorld().leaks()).to.deep.equal([]);
  });

  async function lookAround(visitor: Visitor): Promise<void> {
    const world = theWorld();
    // Without movement: a colour on its way to another one is neither.
    const page = await world.open({ reducedMotion: 'reduce' });
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(`${page.url()}: ${message.text()}`);
    });
    if (visitor !== 'anonymous') await signIn(page, world[visitor]);
    const { starts, below, leastPages } = await tourOf(world, visitor);
    const found: string[] = [];
    const visited = await crawl(page, {
      starts: starts.map((start) => `${world.url}${start}`),
      below,
      visit: async ({ pathname }) => void found.push(...(await violationsOn(page, pathname, looksOf(visitor)))),
    });
    if (visited.length < leastPages) found.push(`Only these were found: ${visited.join(', ')}`);
    violations.set(visitor, found);
  }
});

async function violationsOn(page: Page, pathname: string, looks: readonly Look[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [n, { size, colorScheme }] of looks.entries()) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    const violations = n === 0 ? await check(page) : await checkAgain(page);
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      const places = nodes.map(({ target, failureSummary = '' }) => `${target.join(' ')} (${failureSummary})`);
      found.push(`${pathname} at ${size.width}, ${colorScheme}: ${id}: ${places.join('; ')}`);
    }
  }
  return found;
}

const options = { resultTypes: ['violations' as const] };

/** In one frame: nothing of the product is framed, and a second page for the result costs more than the check. */
async function check(page: Page): Promise<readonly Violation[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options(options);
  return parsed.parse((await axe.analyze()).violations);
}

/** With the axe that is in the page by now. */
async function checkAgain(page: Page): Promise<readonly Violation[]> {
  return parsed.parse(
    await page.evaluate(`axe.run(document, ${JSON.stringify(options)}).then((run) => run.violations)`),
  );
}

type Violation = z.output<typeof violation>;
const violation = z.object({
  id: z.string(),
  impact: z.string().nullish(),
  nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() })),
});
const parsed = z.array(violation);
