import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { makePicture } from '../support/pictures.ts';
import { useWorld } from '../support/world.ts';
import { connectByPopup, deliveryIn, optionsOf, publishNow, saveCredentials, signIn, uploadFile } from './steps.ts';

describe('From pictures to a post of photos', function () {
  this.timeout(180_000);
  const theWorld = useWorld({ database: 'sqlite' });
  const names: string[] = [];
  let desk: Page;
  let page: Page;

  it('takes a large PNG and a JPEG under Files, and says what became of them', async () => {
    const world = theWorld();
    desk = await world.open();
    await signIn(desk, world.admin);
    await saveCredentials(desk);
    page = await world.open();
    await signIn(page, world.owner);
    await connectByPopup(page, { teamPath: world.teamPath, account: 'hazelandrye' });
    const orders = [
      { width: 1512, height: 2016, format: 'png' as const },
      { width: 900, height: 1200 },
    ];
    for (const order of orders) {
      const file = await makePicture(order);
      names.push(await uploadFile(page, { teamPath: world.teamPath, file }));
    }
    const item = page.locator('[data-state="ready"]').filter({ hasText: names[0] ?? '' });
    await page.goto(`${world.teamPath}/files`);
    expect(await item.innerText()).to.include('Converted from PNG and made smaller: 1512 × 2016 → 1080 × 1440');
  });

  it('R11, R37: offers photos comments only, and posts none until an admin has verified the address', async () => {
    const world = theWorld();
    await compose();
    const options = optionsOf(page, 'Hazel & Rye');
    // What was asked before photos were chosen goes as soon as the answer for photos is there.
    await options.getByLabel('Allow Duet').waitFor({ state: 'detached' });
    expect(await options.getByLabel('Allow Comment').count()).to.equal(1);
    expect(await options.getByLabel(/Allow (Duet|Stitch)/u).count()).to.equal(0);
    const reason = `verified ${world.url}/m/ at TikTok and confirmed it under API Integration`;
    await page.getByText(reason).first().waitFor();
    expect(world.simulator.control.publishes()).to.deep.equal([]);

    await desk.goto('/admin/api-integration/tiktok');
    const live = desk.getByRole('group', { name: 'Live', exact: true });
    await live.getByLabel(`I have verified ${world.url}/m/ in TikTok's portal`).check();
    await desk.getByRole('button', { name: 'Save', exact: true }).click();
    await desk
      .getByText(/Confirmed .* by /u)
      .first()
      .waitFor();
  });

  it('R36: posts them in the order they were dragged into, fetched from the panel under addresses that nobody else has', async () => {
    const world = theWorld();
    await compose();
    await arrange();
    await publishNow(page);
    await deliveryIn(page, 'published');
    const [post, ...others] = world.simulator.control.posts();
    expect(others).to.deep.equal([]);
    expect(post).to.include({ caption: 'Two trays, still warm', privacy_level: 'PUBLIC_TO_EVERYONE' });
    const fetched = post?.photos?.fetched ?? [];
    const sizes = fetched.map(({ type, width, height }) => `${type} ${width} × ${height}`);
    expect(sizes).to.deep.equal(['image/jpeg 900 × 1200', 'image/jpeg 1080 × 1440']);
    const sent = await readFile(await makePicture({ width: 900, height: 1200 }));
    expect(fetched.find(({ width }) => width === 900)?.bytes, 'byte for byte').to.equal(sent.byteLength);
    expect(await world.leaks()).to.deep.equal([]);
  });

  /** By mouse, there and back by keyboard, and once more by mouse: the second comes first. */
  async function arrange(): Promise<void> {
    const photos = page.getByRole('list', { name: 'Photos, in the order of the post' }).getByRole('listitem');
    const [large = '', small = ''] = names;
    const inOrder = async (...wanted: readonly string[]): Promise<void> => {
      for (const [at, name] of wanted.entries()) await photos.nth(at).filter({ hasText: name }).waitFor();
    };
    await inOrder(large, small);
    await dragUp(photos.nth(1), photos.nth(0));
    await inOrder(small, large);
    await photos.getByRole('button', { name: `Move ${large} up` }).focus();
    await page.keyboard.press('Enter');
    await inOrder(large, small);
    await dragUp(photos.nth(1), photos.nth(0));
    await inOrder(small, large);
  }

  async function dragUp(item: Locator, over: Locator): Promise<void> {
    await over.scrollIntoViewIfNeeded();
    const [from, to] = [await item.boundingBox(), await over.boundingBox()];
    if (from === null || to === null) throw new Error('The photos are not drawn.');
    await page.mouse.move(from.x + 20, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + 20, to.y + to.height / 3, { steps: 6 });
    await page.mouse.up();
  }

  async function compose(): Promise<void> {
    const { teamPath } = theWorld();
    await page.goto(`${teamPath}/posts/new`);
    const channels = page.getByRole('group', { name: 'Channels', exact: true });
    await channels.getByRole('checkbox', { name: 'Hazel & Rye', exact: true }).check();
    await page.getByRole('button', { name: 'Add media' }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose media' });
    for (const name of names) await dialog.getByRole('checkbox', { name, exact: true }).check();
    await dialog.getByRole('button', { name: 'Use', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByLabel('Caption', { exact: true }).fill('Two trays, still warm');
    await optionsOf(page, 'Hazel & Rye').getByLabel('Privacy').selectOption({ label: 'Everyone' });
  }
});
