import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { languages } from '../../core/language/languages.ts';
import { crawl, kindOf } from '../support/page-crawl.ts';
import { useWorld, type World } from '../support/world.ts';
import { makeBusyTeam } from './busy-team.ts';
import { complaintsAbout, type Look, looksInTurn, nameOf } from './page-looks.ts';
import { pagesInEveryLanguage, prepareTour, tourOf, visitors, type Visitor } from './page-tour.ts';
import { signIn } from './steps.ts';

describe('Every page, in light and dark, on a desk and on a phone', function () {
  this.timeout(120_000);
  const theWorld = useWorld();
  const complaints = new Map<Visitor, readonly string[]>();
  const blocked: string[] = [];
  /** In words, as often as it was looked at. */
  const lookedAt: string[] = [];

  before(async function () {
    this.timeout(600_000);
    await makeBusyTeam(theWorld());
    await prepareTour(theWorld());
    await Promise.all(visitors.map(lookAround));
  });

  for (const visitor of visitors) {
    it(`is usable with assistive technology and no wider than its window, as the ${visitor} sees it`, () => {
      expect(complaints.get(visitor)).to.deep.equal([]);
    });
  }

  it('was looked at in every language, width and colour scheme', function () {
    const combinations = new Set(lookedAt);
    if (this.test) this.test.title += ` (${combinations.size} combinations in ${lookedAt.length} looks)`;
    expect([...combinations]).to.have.length(languages.length * 4);
  });

  it('has a text for every place', () => {
    expect(theWorld().saidBefore('a text is missing')).to.deep.equal([]);
  });

  it('sets Sandbox and Live beside each other on a desk, and below each other on a phone', async () => {
    const page = await theWorld().open({ locale: 'en-GB' });
    await signIn(page, theWorld().admin);
    await page.goto('/admin/api-integration/tiktok');
    const place = async (name: string) => {
      const { x, y } = placed.parse(await page.getByRole('group', { name, exact: true }).boundingBox());
      return { x, y };
    };
    await page.setViewportSize({ width: 1440, height: 900 });
    const [sandbox, live] = [await place('Sandbox'), await place('Live')];
    expect(live.y).to.equal(sandbox.y);
    expect(live.x).to.be.above(sandbox.x + 300);
    await page.setViewportSize({ width: 390, height: 844 });
    const [above, below] = [await place('Sandbox'), await place('Live')];
    expect(below.x).to.equal(above.x);
    expect(below.y).to.be.above(above.y + 1000);
  });

  it('S21: holds nothing that its content policy would block', () => {
    expect(blocked).to.deep.equal([]);
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
      const said: string[] = [];
      page.on('console', (message) => void said.push(message.text()));
      await page.goto('/probe');
      expect(await page.evaluate('window.probe'), address).to.equal(undefined);
      expect(said.join(' '), address).to.include('script-src').and.to.include('style-src');
    }
  });

  it('S4: has told nobody a secret', async () => {
    expect(await theWorld().leaks()).to.deep.equal([]);
  });

  async function lookAround(visitor: Visitor): Promise<void> {
    const world = theWorld();
    // Without movement: a colour on its way to another one is neither.
    const page = await world.open({ reducedMotion: 'reduce', locale: 'en-GB' });
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) blocked.push(`${page.url()}: ${message.text()}`);
    });
    if (visitor !== 'anonymous') await signIn(page, world[visitor]);
    const inEveryLanguage = await pagesInEveryLanguage(world, visitor);
    const found = [
      ...(await followLinks({ page, world, visitor, inEveryLanguage })),
      ...(await lookInThai({ page, world, visitor, inEveryLanguage })),
    ];
    complaints.set(visitor, found);
  }

  /** Everything that links lead to, in English. @returns complaints */
  async function followLinks({ page, world, visitor, inEveryLanguage }: Walk): Promise<readonly string[]> {
    const { starts, below, leastPages } = await tourOf(world, visitor);
    const kinds = inEveryLanguage.map((path) => kindOf(new URL(path, world.url)));
    const found: string[] = [];
    const visited = await crawl(page, {
      starts: [...new Set([...starts, ...inEveryLanguage])].map((start) => `${world.url}${start}`),
      below,
      visit: async (address) => {
        const turn = kinds.indexOf(kindOf(address));
        found.push(...(await look(page, 'en', looksInEnglish(visitor, turn))));
      },
    });
    if (visited.length < leastPages) found.push(`Only these were found: ${visited.join(', ')}`);
    return found;
  }

  /** The look that the English page did not have. @returns complaints */
  async function lookInThai({ page, visitor, inEveryLanguage }: Walk): Promise<readonly string[]> {
    if (inEveryLanguage.length === 0) return [];
    await chooseThai(page, visitor);
    const found: string[] = [];
    for (const [turn, path] of inEveryLanguage.entries()) {
      await page.goto(path);
      found.push(...(await look(page, 'th', [looksInTurn(turn)[1]])));
    }
    return found;
  }

  async function look(page: Page, language: 'en' | 'th', looks: readonly Look[]): Promise<readonly string[]> {
    const found: string[] = [];
    const said = await page.evaluate('document.documentElement.lang');
    if (said !== language) found.push(`${page.url()} says that its language is ${String(said)}.`);
    for (const [n, one] of looks.entries()) {
      found.push(...(await complaintsAbout({ page, look: one, isFirst: n === 0 })));
      lookedAt.push(`${language}, ${nameOf(one)}`);
    }
    return found;
  }
});

const placed = z.object({ x: z.number(), y: z.number() });

interface Walk {
  readonly page: Page;
  readonly world: World;
  readonly visitor: Visitor;
  readonly inEveryLanguage: readonly string[];
}

/**
 * Colours hang on the scheme and arrangement on the size: each of them twice over would find nothing more. What is looked
 * at in Thai as well has its other look there; a viewer's pages are the owner's with less on them.
 */
function looksInEnglish(visitor: Visitor, turn: number): readonly Look[] {
  const [first, second] = looksInTurn(Math.max(turn, 0));
  return turn >= 0 || visitor === 'viewer' ? [first] : [first, second];
}

async function chooseThai(page: Page, visitor: Visitor): Promise<void> {
  if (visitor === 'anonymous') {
    await page.goto('/language/th');
  } else {
    await page.goto('/account');
    await page.getByRole('group', { name: 'Language' }).getByRole('radio', { name: 'ไทย' }).check();
    await page.getByRole('button', { name: 'Save language' }).click();
  }
  await page.locator('html[lang="th"]').waitFor();
}
