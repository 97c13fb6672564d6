import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { DeskPerson } from '../support/desk-person.ts';
import { useWorld } from '../support/world.ts';
import { authorize, saveCredentials, signIn } from './steps.ts';

describe('From Sandbox to Live', function () {
  this.timeout(180_000);
  const theWorld = useWorld();
  let admin: Page;

  before(async () => {
    const world = theWorld();
    admin = await world.open({ reducedMotion: 'reduce' });
    await signIn(admin, world.admin);
    await saveCredentials(admin, 'Sandbox');
    const desk = await DeskPerson.signIn(world.url, world.teamPath, world.owner);
    for (const account of ['hazelandrye', 'hazelandrye.workshops']) await desk.connect(account);
  });

  const seriousOn = async (page: Page): Promise<readonly string[]> => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id);
  };

  it('tells what the other mode changes as soon as it is chosen, and saving does it', async () => {
    await admin.goto('/admin/api-integration/tiktok');
    const told = admin.getByText('Saving switches Mode to Live:');
    expect(await told.isVisible()).to.equal(false);
    await admin.getByRole('radio', { name: 'Live', exact: true }).check();
    expect(await told.isVisible()).to.equal(true);
    expect(await admin.locator('#switch-live').innerText()).to.contain('2 channels stay with Sandbox');
    expect(await seriousOn(admin)).to.deep.equal([]);
    await admin.getByRole('button', { name: 'Save', exact: true }).click();
    await admin.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
  });

  it('leads through the profiles that stay behind, one login after the other, in small windows', async () => {
    const world = theWorld();
    const page = await world.open({ reducedMotion: 'reduce' });
    await signIn(page, world.owner);
    await page.goto(`${world.teamPath}/channels`);
    await page.getByRole('link', { name: 'Reconnect all 2 with Live' }).click();
    expect(await seriousOn(page)).to.deep.equal([]);
    for (const [account, said] of [
      ['hazelandrye', 'Hazel & Rye publishes with Live now.'],
      ['hazelandrye.workshops', 'Hazel & Rye Workshops publishes with Live now.'],
    ] as const) {
      await page.getByText(`as @${account}.`).waitFor();
      const opened = page.waitForEvent('popup');
      await page.getByRole('button', { name: 'Reconnect', exact: true }).click();
      await authorize(await opened, account);
      await page.getByRole('status').filter({ hasText: said }).waitFor();
    }
    await page.getByText('Nothing is left to reconnect').waitFor();
    await admin.goto('/admin/api-integration/tiktok/connections?app=live');
    expect(await admin.locator('[data-channel]').count()).to.equal(2);
  });
});
