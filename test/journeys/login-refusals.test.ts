import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { useWorld } from '../support/world.ts';
import { openDesk } from './busy-team.ts';
import { authorize, connectByPopup, connectedCard, openAddChannel, saveCredentials, signIn } from './steps.ts';

describe('A login at TikTok that does not end as hoped', function () {
  this.timeout(180_000);
  const theWorld = useWorld();
  let page: Page;

  before(async () => {
    page = await openDesk(theWorld());
  });

  const openPopup = async (target: Page): Promise<Page> => {
    const card = await openAddChannel(target, theWorld().teamPath);
    const opened = target.waitForEvent('popup');
    await card.getByRole('button', { name: 'Profile' }).click();
    return opened;
  };

  it('goes on in the same window where the browser allows no popup, and says so', async () => {
    const world = theWorld();
    const blocked = await world.open();
    await blocked.addInitScript('window.open = () => null');
    await signIn(blocked, world.owner);
    const card = await openAddChannel(blocked, world.teamPath);
    await card.getByRole('button', { name: 'Profile' }).click();
    await blocked.getByRole('alert').filter({ hasText: 'Allow pop-ups in your browser' }).waitFor();
    await authorize(blocked, 'ryeclub');
    const connected = await connectedCard(blocked, 'ryeclub');
    expect(await connected.getAttribute('data-state')).to.equal('connected');
  });

  it('explains a cancelled login and offers to try again', async () => {
    const popup = await openPopup(page);
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await popup.getByRole('alert').filter({ hasText: 'the login was cancelled' }).waitFor();
    expect(await popup.locator('[data-code]').getAttribute('data-code')).to.equal('access_denied');
    await popup.getByRole('button', { name: 'Try again' }).click();
    const closed = popup.waitForEvent('close');
    await authorize(popup, 'hazelandrye');
    await closed;
    await connectedCard(page, 'hazelandrye');
  });

  it('keeps one channel of a profile that is connected twice', async () => {
    await connectByPopup(page, { teamPath: theWorld().teamPath, account: 'hazelandrye' });
    expect(await page.locator('[data-channel]').filter({ hasText: '@hazelandrye' }).count()).to.equal(1);
  });

  it('refuses another account when a channel is reconnected, and says which is which', async () => {
    await page.goto(`${theWorld().teamPath}/channels`);
    const channel = page.locator('[data-channel]').filter({ hasText: '@hazelandrye' });
    const opened = page.waitForEvent('popup');
    await channel.getByRole('button', { name: 'Reconnect' }).click();
    const popup = await opened;
    await authorize(popup, 'hazelandrye.workshops');
    const alert = popup.getByRole('alert').filter({ hasText: 'hazelandrye.workshops' });
    await alert.waitFor();
    expect(await alert.innerText()).to.include('Hazel & Rye belongs to another account');
    await popup.close();
  });

  it('says which permission was switched off and what will not work', async () => {
    const popup = await openPopup(page);
    await popup.getByLabel('Logged in as').selectOption('hazelandrye.workshops');
    await popup.getByRole('checkbox', { name: /video\.list/ }).uncheck();
    const closed = popup.waitForEvent('close');
    await popup.getByRole('button', { name: 'Authorize' }).click();
    await closed;
    const card = await connectedCard(page, 'hazelandrye.workshops');
    expect(await card.innerText()).to.include('Not everything was allowed');
  });

  it('explains an account that is no target user of the sandbox, and who can add it', async () => {
    const world = theWorld();
    const admin = await world.open();
    await signIn(admin, world.admin);
    await saveCredentials(admin, 'Sandbox');
    // Otherwise TikTok's own page tells it and nobody comes back.
    world.simulator.control.setSwitches({ authorize_errors: 'redirect' });
    const popup = await openPopup(page);
    await authorize(popup, 'hazelandrye.catering');
    await popup.getByText('is not a target user of the sandbox').first().waitFor();
    await popup.getByText('non_sandbox_target').first().waitFor();
    await popup.close();
  });

  it('S4: has told nobody a secret', async () => {
    expect(await theWorld().leaks()).to.deep.equal([]);
  });
});
