import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { demoApps } from '../../plugins/tiktok/simulator/index.ts';
import { useBrowser } from '../support/browser.ts';
import { type EmptyInstallation, openEmptyInstallation } from './setup/empty-installation.ts';
import { allScopes, openPortal, type Portal } from './setup/portal.ts';
import { SettingsPage } from './setup/settings-page.ts';
import { authorize, connectedCard, signIn } from './steps.ts';

const { sandbox, live } = demoApps;

describe('From an empty installation to a profile on Live, with everything put wrong on the way', function () {
  this.timeout(180_000);
  const theBrowser = useBrowser();
  let home: EmptyInstallation;
  let portal: Portal;
  let page: Page;
  let settings: SettingsPage;
  let channels: string;
  let callback: string;

  before(async () => {
    home = await openEmptyInstallation(theBrowser());
    portal = openPortal(home.simulator);
    callback = `${home.url}/app/tiktok/profile`;
    // What nobody has done at TikTok yet.
    portal.setTargetUsers([]);
    home.simulator.control.putApp({ client_key: live.client_key, approved: false });
    page = await home.open();
    settings = new SettingsPage(page);
  });
  after(() => home.close());

  const alertSaying = (words: string) => page.getByRole('alert').filter({ hasText: words }).waitFor();
  const openPopup = async (button = 'Profile'): Promise<Page> => {
    // Without its script the page goes on in the same window.
    await page.waitForLoadState();
    const opened = page.waitForEvent('popup');
    await page.getByRole('button', { name: button, exact: true }).click();
    return opened;
  };
  /** What TikTok's own page says, looked up where Add Channel says, in the same window. @returns the words of the page found */
  const pasteIntoBook = async (popup: Page): Promise<string> => {
    await popup.getByText('Something went wrong').first().waitFor();
    const pasted = await popup.locator('main').innerText();
    await popup.goto(`${home.url}/help/errors`);
    await popup.getByLabel(/^Search by code/u).fill(pasted);
    await popup.getByRole('button', { name: 'Search' }).click();
    await popup.locator('section[aria-labelledby="found"] a').first().click();
    await popup.waitForURL(/\/help\/errors\/.+/u);
    const words = await popup.locator('main').innerText();
    await popup.close();
    return words.replace(/^Error book\s+/u, '');
  };

  it('begins with the check: what is missing is red, each with what to do', async () => {
    await signIn(page, home.admin);
    await settings.chooseMode('Sandbox');
    await settings.checkAll();
    expect(await settings.said('tiktok.keys')).to.contain('bad: App ID or App Secret is missing');
    expect(await settings.said('worker'))
      .to.contain('npm run worker')
      .and.to.match(/^bad: No worker has ever reported/u);
  });

  it('dead worker: started as the check says, it is green', async () => {
    await home.startWorker();
    expect(await settings.checkAgain('Worker')).to.match(/^ok: Worker 1? ?alive/u);
  });

  it('skewed clock: the check says by how much and which way, and what sets it right', async () => {
    home.moveClock(90_000);
    expect(await settings.checkAgain('Clock'))
      .to.match(/^bad: The clock is (8[7-9]|9[0-3])(\.\d)? seconds ahead of TikTok’s/u)
      .and.to.contain('timedatectl set-ntp true');
    home.moveClock(-90_000);
    expect(await settings.checkAgain('Clock')).to.match(/^ok: Clock/u);
  });

  it('spaces in the key: those around it are taken away, one inside is said at the field', async () => {
    await settings.open();
    await settings.chooseMode('Sandbox');
    await settings.type('Sandbox', { id: 'sbawdemo3v8r 5t6w', secret: ` ${sandbox.client_secret} ` });
    await settings.press('Save');
    await alertSaying('Nothing was saved');
    await settings.set('Sandbox').getByText('App ID has a space or line break inside. Copy it again').waitFor();
    await settings.type('Sandbox', { id: `  ${sandbox.client_key}\t` });
    await settings.save();
    await settings.press('Test connection');
    await alertOrStatus('TikTok accepts this App ID and App Secret.');
  });

  const alertOrStatus = (words: string) => page.locator('[data-result]').filter({ hasText: words }).waitFor();

  it('swapped keys: App ID for App Secret is red, one set’s for the other’s amber, both with where to copy from', async () => {
    await settings.type('Sandbox', { id: sandbox.client_secret, secret: sandbox.client_key });
    await settings.save();
    expect(await settings.checkAgain('App ID and App Secret'))
      .to.contain('bad: App ID and App Secret look swapped (Sandbox)')
      .and.to.contain('Copy Client key to App ID and Client secret to App Secret');
    await settings.type('Sandbox', { id: live.client_key, secret: live.client_secret });
    await settings.type('Live', { id: sandbox.client_key, secret: sandbox.client_secret });
    await settings.save();
    await settings.set('Sandbox').getByText('This looks like a key of a live app').waitFor();
    expect(await settings.checkAgain('App ID and App Secret'))
      .to.contain('warn: The App ID of the set Sandbox looks like one of the other set')
      .and.to.contain('If it belongs to the other set, put both values there, and Save');
    await settings.type('Sandbox', { id: sandbox.client_key, secret: sandbox.client_secret });
    await settings.type('Live', { id: live.client_key, secret: live.client_secret });
    await settings.save();
    expect(await settings.checkAgain('App ID and App Secret')).to.contain('ok: App ID and App Secret accepted');
  });

  it('trailing slash: refused at the field, which says what TikTok compares', async () => {
    const field = settings.set('Sandbox').getByLabel('Callback URL', { exact: true });
    await field.fill(`${home.url}/app/tiktok/profile/`);
    await settings.press('Save');
    await alertSaying('Nothing was saved');
    await settings.set('Sandbox').getByText('The slash at the end differs from the address').waitFor();
    await field.fill('');
    await settings.save();
    expect(await settings.checkAgain('Callback URL')).to.match(/^warn: .* works on this machine only/u);
  });

  it('placeholder legal pages: the check leads to the text, and a filled one is green', async () => {
    for (const label of ['Privacy policy', 'Terms of service']) {
      const row = page.locator('#setup-check li').filter({ hasText: `${label}: still the placeholder` });
      await row.getByRole('link', { name: 'Write the text' }).click();
      const text = page.getByLabel('Text', { exact: true });
      await text.fill((await text.inputValue()).replaceAll(/\[FILL IN: [^\]]*\]/gu, 'Northlight, Copenhagen'));
      await page.getByRole('button', { name: 'Save version' }).click();
      await page.getByRole('status').filter({ hasText: 'The new version is shown now.' }).waitFor();
      await settings.open();
      expect(await settings.checkAgain(label)).to.match(/^ok: /u);
    }
  });

  it('a verification file that answers other bytes: found where it is saved and by the check', async () => {
    await page.getByRole('link', { name: 'Prove that this address is yours' }).click();
    const form = page.getByRole('form', { name: 'Paste it' });
    const name = 'tiktokAbCdEf0123456789AbCdEf0123456789.txt';
    await form.getByLabel('File name').fill(name);
    await form.getByLabel('Content').fill(`tiktok-developers-site-verification=${name.slice(6, -4)}`);
    await form.getByRole('button', { name: 'Save file' }).click();
    home.front.answer(`/${name}`, 'tiktok-developers-site-verification=of-the-old-website');
    await page.getByRole('button', { name: `Fetch /${name} as the network would` }).click();
    await alertSaying('A cache or another server answers: empty the cache');
    await settings.open();
    expect(await settings.checkAgain('Site verification'))
      .to.contain(`bad: /${name} answers other bytes than you saved`)
      .and.to.contain('See whether a file of the same name stands on the reverse proxy or a cache; remove it there');
    home.front.passOn();
    expect(await settings.checkAgain('Site verification')).to.contain('answers as a network fetches it');
  });

  it('goes on to a team of her own, and from there to its first channel', async () => {
    await page.getByRole('link', { name: 'Teams', exact: true }).click();
    await page.getByRole('link', { name: 'Add team' }).first().click();
    await page.getByLabel('Team name').fill('Hazel & Rye');
    await page.getByLabel('Time zone').selectOption('Europe/Copenhagen');
    await page.getByLabel('I am its owner').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Add team' }).click();
    await page.waitForURL(/\/team\/\d+\/$/u);
    await page.getByRole('link', { name: 'Add Channel' }).click();
    await page.getByRole('link', { name: 'the error book explains them' }).waitFor();
    channels = new URL(page.url()).pathname;
  });

  it('trailing slash at TikTok: the word on its page leads to what to do', async () => {
    portal.registerCallback('sandbox', `${callback}/`);
    const explained = await pasteIntoBook(await openPopup());
    expect(explained)
      .to.match(/^redirect_uri/u)
      .and.to.match(/Login Kit, Redirect URI/u);
    portal.registerCallback('sandbox', callback);
  });

  it('missing scope of the app: the same, by the word scope', async () => {
    portal.setScopes('sandbox', allScopes.slice(0, 4));
    const explained = await pasteIntoBook(await openPopup());
    expect(explained)
      .to.match(/^scope/u)
      .and.to.contain('Press Apply changes in a sandbox');
    portal.setScopes('sandbox', allScopes);
  });

  it('no target user: explained from TikTok’s own page', async () => {
    const popup = await openPopup();
    await authorize(popup, 'hazelandrye');
    const explained = await pasteIntoBook(popup);
    expect(explained)
      .to.match(/^non_sandbox_target/u)
      .and.to.contain('Target users, Add account');
  });

  it('no target user: explained on the way back, and once it is one the same window goes on', async () => {
    home.simulator.control.setSwitches({ authorize_errors: 'redirect' });
    const popup = await openPopup();
    await popup.getByRole('alert').filter({ hasText: 'is not a target user of the sandbox' }).waitFor();
    await popup.getByRole('heading', { name: 'You can fix it, as an admin here' }).waitFor();
    await popup.getByText('Sandbox settings').first().waitFor();
    portal.setTargetUsers(['hazelandrye']);
    await popup.getByRole('button', { name: 'Try again' }).click();
    await popup.getByRole('checkbox', { name: /video\.list/u }).uncheck();
    const closed = popup.waitForEvent('close');
    await authorize(popup, 'hazelandrye');
    await closed;
    expect(await (await connectedCard(page, 'hazelandrye')).innerText()).to.contain('Not everything was allowed');
  });

  it('missing scope of a profile: the check says which, and reconnecting with everything on is green', async () => {
    await settings.open();
    expect(await settings.checkAgain('Scopes'))
      .to.contain('bad: No profile has granted video.list')
      .and.to.contain('Have the profiles reconnect with every permission on');
    await page.goto(channels);
    const popup = await openPopup('Reconnect');
    const closed = popup.waitForEvent('close');
    await authorize(popup, 'hazelandrye');
    await closed;
    await connectedCard(page, 'hazelandrye');
    await settings.open();
    expect(await settings.checkAgain('Scopes')).to.contain('ok: Scopes the connected profile granted all');
  });

  it('Live before TikTok has approved the app: told where profiles are added, and explained from TikTok’s page', async () => {
    await page.getByRole('link', { name: 'Going live' }).click();
    await page.locator('[data-step="live"]').getByText('Open', { exact: true }).waitFor();
    await settings.open();
    await settings.chooseMode('Live');
    await page.getByText('Saving switches Mode to Live:').waitFor();
    await settings.set('Live').getByLabel('App status at TikTok').selectOption('Draft');
    await settings.save();
    await page.goto(`${channels}?add`);
    await page.getByText('The app is noted as Draft. TikTok lets nobody log in').waitFor();
    const explained = await pasteIntoBook(await openPopup());
    expect(explained)
      .to.match(/^client_key/u)
      .and.to.contain('works only once the app is Live');
  });

  it('Live once it is approved: the profile is reconnected, and nothing is red any more', async () => {
    portal.approve('live');
    await settings.open();
    await settings.set('Live').getByLabel('App status at TikTok').selectOption('Live');
    await settings.save();
    await portal.testWebhook('live', await page.getByLabel('Webhook URL').inputValue());
    await page.goto(channels);
    await page.getByRole('link', { name: 'Reconnect it with Live' }).click();
    const popup = await openPopup('Reconnect');
    await authorize(popup, 'hazelandrye');
    await page.getByRole('status').filter({ hasText: 'Hazel & Rye publishes with Live now.' }).waitFor();
    await settings.open();
    await settings.checkAll();
    const { bad, warn } = await settings.findings();
    expect(bad).to.deep.equal([]);
    // What belongs to an installation on one machine, without mail.
    expect(warn).to.have.members(['tiktok.callback', 'address', 'mail']);
    await page.getByRole('link', { name: 'Going live' }).click();
    await page.locator('[data-step="live"][data-step-state="done"]').waitFor();
  });

  it('says all of it in Thai to whoever chose Thai', async () => {
    await page.goto('/account');
    await page.getByRole('group', { name: 'Language' }).getByRole('radio', { name: 'ไทย' }).check();
    await page.getByRole('button', { name: 'Save language' }).click();
    await page.locator('html[lang="th"]').waitFor();
    await settings.open();
    await settings.checkAll();
    const words = [await page.locator('#setup-check').innerText()];
    await page.goto('/admin/going-live');
    words.push(await page.locator('main').innerText());
    await page.goto(`${channels}?add`);
    const popup = await openPopup('โปรไฟล์');
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await popup.getByRole('alert').waitFor();
    words.push(await popup.locator('main').innerText());
    for (const one of words) {
      expect(one).to.match(/[\u0e00-\u0e7f]{10}/u);
      expect(one.match(/(?:[A-Za-z’']+[ ,.]+){4,}/gu), 'English sentences').to.equal(null);
    }
  });
});
