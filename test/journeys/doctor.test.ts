import { createHmac } from 'node:crypto';
import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { demoApps } from '../../plugins/tiktok/simulator/index.ts';
import { DeskPerson } from '../support/desk-person.ts';
import { until } from '../support/until.ts';
import { useWorld } from '../support/world.ts';
import { signIn } from './steps.ts';

const address = '/admin/api-integration/tiktok';

describe('An admin who checks the setup', function () {
  this.timeout(180_000);
  const theWorld = useWorld();
  let page: Page;
  let loads = 0;

  before(async () => {
    const world = theWorld();
    await (await DeskPerson.signIn(world.url, world.teamPath, world.admin)).saveCredentials();
    page = await world.open();
    await signIn(page, world.admin);
    await page.goto(address);
    page.on('load', () => (loads += 1));
  });

  const findingOf = (check: string) =>
    page.locator(`#setup-check [data-check="${check}"]`).getAttribute('data-finding');
  const again = async (label: string, check: string) => {
    const row = await page.locator(`#setup-check [data-check="${check}"]`).elementHandle();
    await page.getByRole('button', { name: `Check again: ${label}`, exact: true }).click();
    // The row was taken out for the one that came.
    await row.waitForElementState('hidden');
    return findingOf(check);
  };

  it('sees everything looked at without leaving the page', async () => {
    await page.getByRole('button', { name: 'Check now' }).click();
    for (const [check, finding] of [
      ['tiktok.keys', 'ok'],
      ['tiktok.clock', 'ok'],
      ['tiktok.callback', 'local'],
      ['tiktok.webhook', 'none'],
      ['address', 'local'],
      ['worker', 'ok'],
      ['database', 'ok'],
      ['privacy-policy', 'placeholder'],
      ['mail', 'none'],
    ] as const) {
      expect(await findingOf(check), check).to.equal(finding);
    }
    expect(loads).to.equal(0);
  });

  it('reads it on any screen, in either theme: axe finds nothing serious', async () => {
    for (const [colorScheme, width] of [
      ['light', 1440],
      ['dark', 390],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const { violations } = await new AxeBuilder({ page }).include('#setup-check').setLegacyMode(true).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).to.deep.equal([]);
    }
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('checks one thing again and stays where the eyes are', async () => {
    theWorld().simulator.control.setSwitches({ date_skew_seconds: -90 });
    expect(await again('Clock', 'tiktok.clock')).to.equal('ahead');
    expect(await page.evaluate('document.activeElement.id')).to.equal('check-tiktok-clock');
    theWorld().simulator.control.setSwitches({ date_skew_seconds: 0 });
    expect(await again('Clock', 'tiktok.clock')).to.equal('ok');
  });

  it('learns that TikTok’s events arrive, and that some are signed with another secret', async () => {
    const world = theWorld();
    const { simulator, url } = world;
    const { client_key } = demoApps.live;
    simulator.control.sendWebhook({ client_key });
    await until(() => simulator.control.webhooks().some(({ attempts }) => attempts.length > 0), 'the event was sent');
    expect(await again('Webhook', 'tiktok.webhook')).to.equal('ok');
    world.advance(1000);
    const body = JSON.stringify({ client_key, event: 'tiktok.ping', create_time: 1, content: '{}' });
    const seconds = Math.floor(world.now() / 1000);
    const signature = createHmac('sha256', 'another secret').update(`${seconds}.${body}`).digest('hex');
    const headers = { 'tiktok-signature': `t=${seconds},s=${signature}` };
    expect((await fetch(`${url}/webhooks/tiktok`, { method: 'POST', headers, body })).status).to.equal(400);
    expect(await again('Webhook', 'tiktok.webhook')).to.equal('signature');
  });

  it('sees on every page how much there is to fix', async () => {
    await page.goto('/admin/users');
    const entry = page.locator('.cd-side').getByRole('link', { name: /^API Integration/ });
    expect(await entry.innerText()).to.match(/2\s*need you/u);
  });

  it('can do the same without script', async () => {
    const plain = await theWorld().open({ javaScriptEnabled: false });
    await signIn(plain, theWorld().admin);
    await plain.goto(address);
    await plain.getByRole('button', { name: 'Check again', exact: true }).first().click();
    await plain.getByRole('status').filter({ hasText: 'The setup was checked.' }).waitFor();
    expect(new URL(plain.url()).pathname).to.equal(address);
  });
});
