import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { DeskPerson } from '../support/desk-person.ts';
import { addMember } from '../support/factories.ts';
import { useWorld } from '../support/world.ts';
import { signIn } from './steps.ts';

const desk = { width: 1440, height: 900 };

describe('Record mode', function () {
  this.timeout(180_000);
  const theWorld = useWorld();
  let page: Page;
  let options: Locator;

  before(async () => {
    const world = theWorld();
    await (await DeskPerson.signIn(world.url, world.teamPath, world.admin)).saveCredentials();
    await (await DeskPerson.signIn(world.url, world.teamPath, world.owner)).connect('hazelandrye');
    const [id = 0] = await world.db.knex('users').where({ email: world.admin.email }).pluck<number[]>('id');
    await addMember(world.db, { team: world.team, person: { id }, role: 'editor' });
    page = await world.open({ reducedMotion: 'reduce', viewport: desk });
    await signIn(page, world.admin);
    await page.goto('/admin/going-live/tiktok/film');
    await page.getByRole('button', { name: 'Switch on for an hour' }).click();
    await page.getByText('Record mode is on for an hour').waitFor();
    await page.goto(`${world.teamPath}/posts/new?channel=1`);
    options = page.getByRole('group', { name: 'Hazel & Rye', exact: true });
    await options.getByLabel('Privacy').waitFor();
  });

  /** Whether what is brought into sight can be pressed at its middle, and lies outside the strip. */
  async function isFree(control: Locator): Promise<boolean> {
    await control.scrollIntoViewIfNeeded();
    await control.evaluate(`(element) => element.scrollIntoView({ block: 'start' })`);
    const box = await control.boundingBox();
    const strip = await page.locator('[data-strip]').boundingBox();
    if (box === null || strip === null) return false;
    return box.y >= strip.y + strip.height || box.y + box.height <= strip.y;
  }

  it('R40: covers nothing that TikTok asks for, on a desk and on a phone', async () => {
    const asked = [
      options.getByLabel('Privacy'),
      options.getByLabel('Allow Comment'),
      options.getByLabel('Allow Duet'),
      options.getByLabel('Disclose content'),
      page.locator('a:visible', { hasText: 'Music Usage Confirmation' }).first(),
      page.getByLabel('Caption', { exact: true }),
      page.getByRole('button', { name: 'Schedule post', exact: true }),
    ];
    for (const size of [desk, { width: 390, height: 844 }]) {
      await page.setViewportSize(size);
      for (const control of asked) expect(await isFree(control), `${String(control)} at ${size.width}`).to.equal(true);
    }
    await page.setViewportSize(desk);
  });

  it('R40: names one point after the other, and leads on', async () => {
    const strip = page.getByRole('complementary', { name: 'Record mode' });
    await strip.locator('[data-point]:visible', { hasText: 'Options asked from TikTok just now' }).waitFor();
    await strip.getByRole('button', { name: 'Next point' }).click();
    await strip.locator('[data-point]:visible', { hasText: 'The nickname shows which profile' }).waitFor();
    expect(await strip.getByText('Point 2 of 15').isVisible()).to.equal(true);
    expect(await strip.getByRole('link', { name: "Next: The post's page" }).isVisible()).to.equal(true);
  });
});
