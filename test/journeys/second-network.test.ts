import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { projectRoot } from '../../core/project-root.ts';
import { needs } from '../support/needs.ts';
import { makeVideo } from '../support/videos.ts';
import { useWorld } from '../support/world.ts';
import { openDesk } from './busy-team.ts';
import { chooseMedia, deliveryIn, optionsOf, publishNow, signIn, uploadFile } from './steps.ts';

/** Nobody listens there: the browser is answered by the test. */
const paperboyUrl = 'http://127.0.0.1:9';

describe('A second network', function () {
  this.timeout(180_000);
  before(needs('ffmpeg'));
  const theWorld = useWorld({ paperboyUrl });
  let page: Page;

  before(async () => {
    page = await openDesk(theWorld());
    await page.context().route(`${paperboyUrl}/subscribe?*`, (route) => {
      const asked = new URL(route.request().url()).searchParams;
      const back = `${asked.get('redirect_uri') ?? ''}?code=morning-reader&state=${asked.get('state') ?? ''}`;
      return route.fulfill({
        contentType: 'text/html',
        body: `<a href="${back.replaceAll('&', '&amp;')}">Subscribe</a>`,
      });
    });
  });

  it('is set up on a page of its own', async () => {
    const world = theWorld();
    const desk = await world.open();
    await signIn(desk, world.admin);
    await desk.goto('/admin/api-integration');
    await desk
      .getByRole('link', { name: /Paperboy/ })
      .first()
      .click();
    const set = desk.getByRole('group', { name: 'Live', exact: true });
    await set.getByLabel('Agency number').fill('agency-7');
    await set.getByLabel('Stamp').fill('a stamp that nobody sees again');
    await desk.getByRole('button', { name: 'Save', exact: true }).click();
    await desk.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
  });

  it('stands in Add Channel beside TikTok and connects', async () => {
    await page.goto(`${theWorld().teamPath}/channels`);
    await page.getByRole('button', { name: 'Add Channel' }).click();
    await page.getByRole('region', { name: 'TikTok', exact: true }).getByRole('button', { name: 'Profile' }).waitFor();
    const opened = page.waitForEvent('popup');
    await page.getByRole('region', { name: 'Paperboy' }).getByRole('button', { name: 'Profile' }).click();
    const popup = await opened;
    const closed = popup.waitForEvent('close');
    await popup.getByRole('link', { name: 'Subscribe' }).click();
    await closed;
    await page.locator('[data-channel][data-state="connected"]').filter({ hasText: 'morning-reader' }).waitFor();
  });

  it('publishes from the same composer', async () => {
    const { teamPath } = theWorld();
    const fileName = await uploadFile(page, { teamPath, file: await makeVideo() });
    await page.goto(`${teamPath}/posts/new`);
    await page.getByRole('group', { name: 'Channels', exact: true }).getByLabel('morning-reader').check();
    await optionsOf(page, 'morning-reader').getByRole('radio', { name: 'front' }).check();
    await page.getByLabel('Caption', { exact: true }).fill('Extra, extra');
    await chooseMedia(page, fileName);
    await publishNow(page);
    const published = await deliveryIn(page, 'published');
    const link = published.getByRole('link', { name: 'View on Paperboy' });
    expect(await link.getAttribute('href')).to.match(/\/prints\/print-\d+-1$/);
  });

  it('shows what it published on its channel’s page', async () => {
    await page.goto(`${theWorld().teamPath}/channels`);
    await page.getByRole('link', { name: 'morning-reader' }).click();
    await page.getByText('Extra, extra').waitFor();
  });
});

describe('The host', () => {
  it('names no network anywhere but in the demo', async () => {
    const named: string[] = [];
    for (const folder of ['core', 'views', 'migrations']) {
      for (const file of await filesIn(path.join(projectRoot, folder))) {
        const name = path.relative(projectRoot, file);
        if (name.startsWith('core/bin/demo')) continue;
        if (/tiktok/i.test(name) || /tiktok/i.test(await readFile(file, 'latin1'))) named.push(name);
      }
    }
    expect(named).to.deep.equal([]);
  });
});

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
