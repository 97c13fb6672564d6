import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { ProfileStore } from '../../plugins/tiktok/insights/profile-store.ts';
import { addDays, dayIn } from '../../plugins/tiktok/insights/slots.ts';
import { DeskPerson } from '../support/desk-person.ts';
import { until } from '../support/until.ts';
import { useWorld } from '../support/world.ts';
import { signIn } from './steps.ts';

const gapDaysAgo = 3;

describe('A channel’s numbers in a browser', function () {
  this.timeout(120_000);
  const theWorld = useWorld();
  const complaints: string[] = [];
  let page: Page;
  let profiles: ProfileStore;
  let channelId: number;

  before(async () => {
    const world = theWorld();
    await (await DeskPerson.signIn(world.url, world.teamPath, world.admin)).saveCredentials();
    channelId = Number(await (await DeskPerson.signIn(world.url, world.teamPath, world.owner)).connect('hazelandrye'));
    profiles = new ProfileStore((name) => world.db.knex(`tiktok_${name}`));
    await until(async () => ((await profiles.find(channelId))?.videosAt ?? null) !== null, 'all videos are read');
    await rememberAWeek();
    page = await world.open({ colorScheme: 'light' });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await signIn(page, world.owner);
    await page.clock.install();
    await page.goto(`${world.teamPath}/channels/${channelId}?days=7`);
    await page.locator('canvas').waitFor();
  });

  /** As if it had been read on each of the days before, but for one. */
  async function rememberAWeek(): Promise<void> {
    const world = theWorld();
    const today = await profiles.find(channelId);
    for (const ago of [1, 2, 4, 5, 6, 7]) {
      const day = addDays(dayIn(world.team.zone, world.now()), -ago);
      const counters = { following: 300, likes: 1000 * (9 - ago), videos: 200 };
      const followers = (today?.followers ?? 0) - ago * 10;
      await world.db
        .knex('tiktok_snapshots')
        .insert({ channel_id: channelId, day, ...counters, followers, at: world.now() });
    }
  }

  const inTable = async (column: number): Promise<(number | null)[]> => {
    const rows = await page.locator('#numbers-table tbody tr').all();
    const words = await Promise.all(rows.map(async (row) => (await row.locator('td').allTextContents())[column - 1]));
    return words.map((text = '') => (/\d/.test(text) ? Number(text.replaceAll(',', '')) : null));
  };
  const drawnValues = (): Promise<unknown> => inChart('data.map(({ y }) => y)');
  const inChart = (what: string): Promise<unknown> =>
    page.evaluate(`Chart.getChart(document.querySelector('canvas')).data.datasets[0].${what}`);

  it('are drawn from the table beside it, the gap a gap, and told to whoever does not see it', async () => {
    const canvas = page.getByRole('img', { name: /^Followers over 7 days, from 48,144 to 48,214\./ });
    const box = await canvas.boundingBox();
    expect(box?.width).to.be.greaterThan(300);
    expect(box?.height).to.be.greaterThan(100);
    const drawn = await drawnValues();
    expect(drawn).to.deep.equal(await inTable(1));
    expect(drawn).to.have.property(String(7 - gapDaysAgo), null);
    expect(await page.locator('[data-stat="followers"]').innerText()).to.match(/48,214\s+\+70/);
  });

  it('are chosen by keyboard', async () => {
    await page.getByRole('radio', { name: /Followers/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('img', { name: /^Likes over 7 days/ }).waitFor();
    expect(await drawnValues()).to.deep.equal(await inTable(3));
  });

  it('are saved as a picture by keyboard, light in both themes', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as picture' }).focus();
    await page.keyboard.press('Enter');
    const download = await coming;
    expect(download.suggestedFilename()).to.match(/^Hazel-Rye-Likes-.*\.png$/);
    const picture = sharp(await download.path());
    expect(await picture.metadata()).to.include({ format: 'png', width: 2400, height: 1350 });
    const { channels } = await picture.stats();
    const means = channels.slice(0, 3).map(({ mean }) => mean);
    expect(Math.min(...means), 'mostly white').to.be.greaterThan(235);
    expect(Math.max(...channels.map(({ stdev }) => stdev)), 'with something on it').to.be.greaterThan(5);
    await page.emulateMedia({ colorScheme: 'light' });
  });

  it('are for everybody, on any screen, the table open: axe finds nothing', async () => {
    await page.getByText('Show as a table').click();
    await page.locator('#numbers-table').waitFor();
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 });
      const { violations } = await new AxeBuilder({ page })
        .include('[data-live-part="numbers"]')
        .setLegacyMode(true)
        .analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).to.deep.equal([]);
      expect(await page.evaluate('document.documentElement.scrollWidth'), 'nothing hangs out').to.equal(width);
    }
  });

  it('take the colours of the other theme', async () => {
    const light = await inChart('borderColor');
    await page.emulateMedia({ colorScheme: 'dark' });
    await until(async () => (await inChart('borderColor')) !== light, 'the chart has other colours');
  });

  it('show how far the reading of all videos is, and are told anew once it is over', async () => {
    const world = theWorld();
    const pass = { beganAt: world.now(), cursor: null, seen: 60 };
    await profiles.saveState(channelId, { pass });
    await page.reload();
    const bar = page.getByRole('progressbar', { name: 'Reading all videos' });
    await bar.waitFor();
    await page.getByText('60 of 214 videos').waitFor();
    await profiles.saveState(channelId, { pass: { ...pass, seen: 120 } });
    await page.clock.fastForward(5000);
    await page.getByText('120 of 214 videos').waitFor();
    // Whoever looks meanwhile is told the same.
    world.simulator.control.putAccount({ username: 'hazelandrye', follower_count: 50_000 });
    await world.db.knex('tiktok_profiles').where({ channel_id: channelId }).update({ followers: 50_000 });
    await profiles.saveState(channelId, { pass: null });
    await page.clock.fastForward(5000);
    await bar.waitFor({ state: 'detached' });
    await page.locator('[data-stat="followers"]').getByText('50,000').waitFor();
    await until(async () => (await inChart('data.length')) === 8, 'the chart is drawn again');
  });

  it('complain of nothing', () => {
    expect(complaints).to.deep.equal([]);
  });
});
