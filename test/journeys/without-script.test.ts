import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { needs } from '../support/needs.ts';
import { makeVideo } from '../support/videos.ts';
import { useWorld } from '../support/world.ts';
import { authorize, connectedCard, optionsOf, reloadUntil, saveCredentials, signIn, testConnection } from './steps.ts';

describe('In a browser without JavaScript', function () {
  this.timeout(180_000);
  before(needs('ffmpeg'));
  const theWorld = useWorld();
  let page: Page;
  let fileName: string;

  before(async () => {
    page = await theWorld().open({ javaScriptEnabled: false });
  });

  it('an admin signs in, saves the credentials and tests them', async () => {
    const world = theWorld();
    const desk = await world.open({ javaScriptEnabled: false });
    await signIn(desk, world.admin);
    await saveCredentials(desk);
    expect(await (await testConnection(desk)).getAttribute('data-result')).to.equal('ok');
    await desk.getByRole('button', { name: 'Sign out' }).first().click();
    await desk.goto('/admin/api-integration/tiktok');
    expect(new URL(desk.url()).pathname).to.equal('/sign-in');
  });

  it('a member connects a profile', async () => {
    const world = theWorld();
    await signIn(page, world.owner);
    await page.goto(`${world.teamPath}/channels`);
    await page.getByRole('button', { name: 'Add Channel' }).click();
    await page.getByRole('button', { name: 'Profile' }).click();
    await authorize(page, 'hazelandrye');
    expect(await (await connectedCard(page, 'hazelandrye')).getAttribute('data-state')).to.equal('connected');
  });

  it('pauses and resumes a channel', async () => {
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('[data-channel][data-state="paused"]').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('[data-channel][data-state="connected"]').waitFor();
  });

  it('uploads a video', async () => {
    const file = await makeVideo();
    fileName = file.slice(file.lastIndexOf('/') + 1);
    await page.goto(`${theWorld().teamPath}/files`);
    await page.getByLabel('Upload files').setInputFiles(file);
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.locator('[data-state="ready"]').filter({ hasText: fileName }).waitFor();
  });

  it('composes a post and publishes it', async () => {
    const { teamPath, simulator } = theWorld();
    simulator.control.setSwitches({ processing_seconds: 0, post_id_delay_seconds: 0 });
    await page.goto(`${teamPath}/posts/new`);
    await page.getByLabel('Caption', { exact: true }).fill('Plain bread');
    await page.getByRole('group', { name: 'Channels', exact: true }).getByLabel('Hazel & Rye').check();
    await page.getByRole('button', { name: 'Show options' }).click();
    await optionsOf(page, 'Hazel & Rye').getByLabel('Privacy').selectOption({ label: 'Friends' });
    await page.getByRole('button', { name: 'Add media' }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose media' });
    await dialog.getByRole('radio', { name: fileName, exact: true }).check();
    await dialog.getByRole('button', { name: 'Use', exact: true }).click();
    await page.getByRole('group', { name: 'When to post' }).getByLabel('Immediately').check();
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.waitForURL(/\/posts\/\d+$/);
    await reloadUntil(page, async () => (await page.locator('[data-delivery][data-state="published"]').count()) === 1);
    expect(simulator.control.posts().map(({ caption }) => caption)).to.deep.equal(['Plain bread']);
  });

  it('S4: nobody is told a secret', async () => {
    expect(await theWorld().leaks()).to.deep.equal([]);
  });
});
