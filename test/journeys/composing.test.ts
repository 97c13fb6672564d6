import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { wallTimeAt } from '../../core/time/zones.ts';
import { needs } from '../support/needs.ts';
import { useWorld } from '../support/world.ts';
import { openStockedDesk } from './busy-team.ts';
import {
  chooseWhen,
  deliveryIn,
  fillComposer,
  optionsOf,
  publishNow,
  scheduleAt,
  statesOn,
  toNextPage,
} from './steps.ts';

const hourMs = 3_600_000;
const bakery = 'Hazel & Rye';
const workshops = 'Hazel & Rye Workshops';

const pressAnyway = `(() => {
  const form = document.querySelector('[data-composer]');
  form.requestSubmit(form.querySelector('[value="schedule"]:is(button)'));
})()`;

describe('Composing for two channels', function () {
  this.timeout(180_000);
  before(needs('ffmpeg'));
  const theWorld = useWorld();
  let page: Page;
  let fileName: string;

  before(async () => {
    const world = theWorld();
    ({ page, fileName } = await openStockedDesk(world, ['hazelandrye', 'hazelandrye.workshops']));
    world.simulator.control.setSwitches({ processing_seconds: 0, post_id_delay_seconds: 0 });
  });

  const wallIn = (hours: number): string => wallTimeAt(theWorld().now() + hours * hourMs, theWorld().team.zone);

  it('keeps everything that was typed when something is wrong at one channel', async () => {
    const channels = [{ nickname: bakery, privacy: 'Friends' }];
    await fillComposer(page, { teamPath: theWorld().teamPath, channels, caption: 'Raisins, yes or no?', fileName });
    await optionsOf(page, bakery).getByLabel('Allow Comment').check();
    await page.getByRole('group', { name: 'Channels', exact: true }).getByLabel(workshops).check();
    await optionsOf(page, workshops).getByLabel('Privacy').waitFor();
    await chooseWhen(page, 'Schedule');
    const due = wallIn(48);
    await page.getByLabel('Date', { exact: true }).fill(due.slice(0, 10));
    await page.getByLabel('Time', { exact: true }).fill(due.slice(11, 16));
    // The page itself would lead to what is missing: this is what the server says of it.
    await page.evaluate(pressAnyway);

    await page.getByRole('alert').filter({ hasText: 'Nothing was saved' }).waitFor();
    expect(await optionsOf(page, workshops).getByLabel('Privacy').getAttribute('aria-invalid')).to.equal('true');
    expect(await optionsOf(page, bakery).getByLabel('Privacy').getAttribute('aria-invalid')).to.equal(null);
    expect(await page.getByLabel('Caption', { exact: true }).inputValue()).to.equal('Raisins, yes or no?');
    expect(await optionsOf(page, bakery).getByLabel('Privacy').locator('option:checked').innerText()).to.equal(
      'Friends',
    );
    expect(await optionsOf(page, bakery).getByLabel('Allow Comment').isChecked()).to.equal(true);
    expect(await page.getByLabel('Time', { exact: true }).inputValue()).to.equal(due.slice(11, 16));
    expect(await page.getByText(fileName).first().isVisible()).to.equal(true);
  });

  it('offers what each profile allows, and nothing is chosen beforehand', async () => {
    const options = optionsOf(page, workshops);
    expect(await options.getByLabel('Privacy').inputValue()).to.equal('');
    expect(await options.getByLabel('Allow Duet').isDisabled()).to.equal(true);
    expect(await options.getByLabel('Allow Stitch').isDisabled()).to.equal(false);
    expect(await options.getByLabel('Allow Comment').isChecked()).to.equal(false);
  });

  it('schedules both once it is put right', async () => {
    await optionsOf(page, workshops).getByLabel('Privacy').selectOption({ label: 'Only me' });
    await page.getByRole('button', { name: 'Schedule post', exact: true }).click();
    await page.waitForURL(/\/posts\/\d+$/);
    expect(await statesOn(page)).to.deep.equal(['scheduled', 'scheduled']);
  });

  it('cancels a scheduled post on both', async () => {
    await page.getByRole('button', { name: 'Cancel post' }).click();
    await deliveryIn(page, 'cancelled');
    expect(await statesOn(page)).to.deep.equal(['cancelled', 'cancelled']);
    expect(theWorld().simulator.control.publishes()).to.be.empty;
  });

  it('takes a draft up again, edits and schedules it', async () => {
    const channels = [{ nickname: bakery, privacy: 'Everyone' }];
    await fillComposer(page, { teamPath: theWorld().teamPath, channels, caption: 'Half a thought', fileName });
    await chooseWhen(page, 'Draft');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await deliveryIn(page, 'draft');

    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await page.getByLabel('Caption', { exact: true }).fill('A whole thought');
    await scheduleAt(page, wallIn(24));
    await deliveryIn(page, 'scheduled');
    await page.getByText('A whole thought').first().waitFor();
  });

  it('moves a scheduled post to now', async () => {
    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await publishNow(page);
    await deliveryIn(page, 'published');
    expect(
      theWorld()
        .simulator.control.posts()
        .map(({ caption }) => caption),
    ).to.deep.equal(['A whole thought']);
  });

  it('says why a post failed, and publishes it when a person retries', async () => {
    const { simulator, teamPath } = theWorld();
    // So many looks in one minute are no person's: the worker would wait for room.
    theWorld().advance(70_000);
    const refusal = { endpoint: 'publish', kind: 'fail-reason', reason: 'spam_risk_text' } as const;
    simulator.control.setSwitches({ failures: [refusal] });
    const channels = [{ nickname: bakery, privacy: 'Everyone' }];
    await fillComposer(page, { teamPath, channels, caption: 'Second try', fileName });
    await publishNow(page);
    const failed = await deliveryIn(page, 'failed');
    expect(await failed.getAttribute('data-code')).to.equal('spam_risk_text');
    await failed.getByRole('list', { name: 'Timeline' }).waitFor();

    await failed.getByRole('button', { name: 'Retry' }).click();
    await deliveryIn(page, 'published');
    expect(simulator.control.posts().map(({ caption }) => caption)).to.deep.equal(['A whole thought', 'Second try']);
  });

  it('lists the deliveries by state', async () => {
    await page.goto(`${theWorld().teamPath}/posts`);
    expect(await statesOn(page)).to.deep.equal(['cancelled', 'cancelled', 'published', 'published']);
    await toNextPage(page, () => page.getByRole('link', { name: /^Published/ }).click());
    expect(await statesOn(page)).to.deep.equal(['published', 'published']);
  });

  it('S4: has told nobody a secret', async () => {
    expect(await theWorld().leaks()).to.deep.equal([]);
  });
});
