import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { wallTimeAt } from '../../core/time/zones.ts';
import { DeskPerson } from '../support/desk-person.ts';
import { useWorld } from '../support/world.ts';
import { signIn } from './steps.ts';

const dayMs = 86_400_000;
const title = 'Butter, two ways';

describe('In the calendar, a member', function () {
  this.timeout(180_000);
  const theWorld = useWorld();
  const complaints: string[] = [];
  let page: Page;
  /** The day of the post: the seventh of the next month. */
  let first = '';

  before(async () => {
    const world = theWorld();
    const { url, teamPath, owner, team } = world;
    const nextMonth = wallTimeAt(world.now() + 31 * dayMs, team.zone).slice(0, 7);
    first = `${nextMonth}-07`;
    const desk = await DeskPerson.signIn(url, teamPath, owner);
    await desk.post({ caption: title, channels: [], media: '', act: 'draft', wall: `${first}T18:00` });
    page = await world.open({ reducedMotion: 'reduce' });
    page.on('console', (message) => void complaints.push(message.text()));
    page.on('pageerror', (error) => void complaints.push(String(error)));
    await page.setViewportSize({ width: 1440, height: 1200 });
    await signIn(page, owner);
    await page.goto(`${teamPath}/calendar?at=${first}`);
  });

  const event = (): Locator => page.getByRole('button', { name: title });
  const said = (words: string) => page.getByRole('status').filter({ hasText: words }).waitFor();
  /** The day of the list on which the post stands. */
  const placeOf = async () => page.locator('[data-agenda] [data-post]').getAttribute('data-at');
  const serious = async () => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}`);
  };

  it('drags a post to another day, where it keeps its time, and takes it back', async () => {
    // Letters that come later would move what is measured now.
    await page.evaluate('document.fonts.ready.then(() => true)');
    const from = await event().boundingBox();
    const to = await page.getByRole('link', { name: new RegExp(`^Show \\w+ 9 `) }).boundingBox();
    if (from === null || to === null) throw new Error('The month is not drawn.');
    await page.mouse.move(from.x + 20, from.y + 10);
    await page.mouse.down();
    await page.mouse.move(to.x + 30, to.y + 60, { steps: 8 });
    await page.mouse.up();
    await said('Moved to');
    expect(await placeOf()).to.equal(`${first.slice(0, 8)}09T18:00`);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator(`[data-agenda] [data-at="${first}T18:00"]`).waitFor({ state: 'attached' });
  });

  it('moves a post by keyboard alone, in the dialog and with Shift and an arrow key', async () => {
    await event().focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Move post' });
    await dialog.waitFor();
    await dialog.getByLabel('Time', { exact: true }).fill('07:15');
    await page.keyboard.press('Enter');
    await said(', 07:15.');
    expect(await placeOf()).to.equal(`${first}T07:15`);
    await page.waitForFunction('document.activeElement.dataset.event !== undefined');
    await page.keyboard.press('Shift+ArrowRight');
    await page.locator(`[data-agenda] [data-at="${first.slice(0, 8)}08T07:15"]`).waitFor({ state: 'attached' });
  });

  it('is told that somebody else was faster, and sees where the post stands', async () => {
    const other = await page.context().newPage();
    await other.goto(`${theWorld().teamPath}/calendar?view=list&at=${first}`);
    await other.getByRole('link', { name: `Move “${title}”` }).click();
    await other.getByLabel('Date', { exact: true }).fill(`${first.slice(0, 8)}20`);
    await other.getByRole('button', { name: 'Move post' }).click();
    await other.getByRole('status').filter({ hasText: 'Moved to' }).waitFor();
    await other.close();
    await event().press('Shift+ArrowDown');
    await page.getByRole('alert').filter({ hasText: 'Somebody else changed this post' }).waitFor();
    expect(await placeOf()).to.equal(`${first.slice(0, 8)}20T07:15`);
  });

  it('sees week and list, on a desk and on a phone, with nothing serious for assistive technology', async () => {
    const { teamPath } = theWorld();
    // The month is among the pages that pages.test.ts walks through.
    for (const view of ['week', 'list']) {
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(`${teamPath}/calendar?view=${view}&at=${first.slice(0, 8)}20`);
        if (view !== 'list' && width > 390) await event().waitFor();
        expect(await serious(), `${view} at ${width}`).to.deep.equal([]);
        const overflow: unknown = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, `${view} at ${width}`).to.equal(0);
      }
    }
    expect(complaints.filter((text) => !text.includes('409'))).to.deep.equal([]);
  });
});
