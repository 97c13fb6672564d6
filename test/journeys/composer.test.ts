import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { replaceSlots } from '../../core/slots/slot-store.ts';
import { holdScript } from '../support/browser.ts';
import { makePicture } from '../support/pictures.ts';
import { makeVideo } from '../support/videos.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { useWorld } from '../support/world.ts';
import { openStockedDesk } from './busy-team.ts';
import { becomes, chooseMedia, chooseWhen, optionsOf } from './steps.ts';

const bakery = 'Hazel & Rye';
const workshops = 'Hazel & Rye Workshops';

describe('The composer, while a post is being written', function () {
  this.timeout(180_000);
  before(needs('ffmpeg'));
  const theWorld = useWorld();
  let page: Page;
  let fileName: string;

  before(async () => {
    await makeVideo();
    ({ page, fileName } = await openStockedDesk(theWorld(), ['hazelandrye', 'hazelandrye.workshops']));
    await page.goto(`${theWorld().teamPath}/posts/new`);
  });

  const phone = (): Locator => page.getByRole('complementary', { name: 'Preview' });
  const channelBox = (name: string): Locator =>
    page.getByRole('group', { name: 'Channels', exact: true }).getByRole('checkbox', { name, exact: true });
  const button = (): Locator => page.getByRole('button', { name: 'Schedule post', exact: true });
  const missing = (): Locator => page.locator('[data-missing-line] a');
  const keptCaption = (caption: string): Promise<unknown> =>
    until(async () => (await theWorld().db.knex('posts').where({ caption })).length === 1, `“${caption}” is kept`);

  const optionsAreHere = (): Promise<void> =>
    page.locator('[data-group]:is([data-waiting], [aria-busy])').first().waitFor({ state: 'detached' });

  it('says in the bar what is missing, and leads there when the button is pressed too early', async () => {
    expect(await button().getAttribute('aria-disabled')).to.equal('true');
    await becomes(() => missing().innerText(), 'a channel');
    await channelBox(bakery).check();
    await channelBox(workshops).check();
    await becomes(() => missing().innerText(), 'a video or photos');
    await chooseMedia(page, fileName);
    await optionsOf(page, bakery).getByLabel('Privacy').selectOption({ label: 'Everyone' });
    await optionsOf(page, workshops).getByLabel('Privacy').waitFor();
    await page.getByRole('link', { name: `Privacy for ${workshops}` }).waitFor();
    await button().press('Enter');
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('name')).to.match(/^options\.\d+\.privacy$/);
    expect(await optionsOf(page, workshops).locator(':focus').count()).to.equal(1);
    expect(new URL(page.url()).pathname).not.to.match(/posts$/);
  });

  it('says at the file that it fits both profiles, with what each allows', async () => {
    const words = 'Fits both profiles: at most 10:00 for Hazel & Rye, 1:00 for Hazel & Rye Workshops';
    await becomes(() => page.locator('[data-fit]').innerText(), words);
  });

  it('R27: shows the video with caption, nickname and label while they are written', async () => {
    await page.getByLabel('Caption', { exact: true }).fill('Lucia morning starts at four.');
    await optionsOf(page, bakery).getByLabel('Disclose content').check();
    await optionsOf(page, bakery).getByLabel('Your brand').check();
    await phone().getByText('Promotional content').waitFor();
    await becomes(() => phone().locator('[data-words]').innerText(), 'Lucia morning starts at four.');
    await becomes(() => phone().locator('[data-nickname]').innerText(), bakery);
    expect(await phone().locator('video').getAttribute('src')).to.match(/\/files\/\d+\/content$/);
    await phone().getByRole('button', { name: workshops }).click();
    await becomes(() => phone().locator('[data-nickname]').innerText(), workshops);
    expect(await phone().getByText('Promotional content').isVisible()).to.equal(false);
  });

  it('takes the cover from one of nine frames, by keyboard, and names the moment', async () => {
    const frames = page.getByRole('group', { name: /^Cover frame/ });
    expect(await frames.getByRole('radio').count()).to.equal(10);
    await frames.getByRole('radio', { name: 'Let the network choose' }).focus();
    for (let n = 0; n < 3; n += 1) await page.keyboard.press('ArrowRight');
    await becomes(() => frames.locator('legend').innerText(), /^Cover frame, at 0:00\.8/);
    await page.locator('[data-film][data-drawn] canvas, [data-film][data-undrawn]').first().waitFor();
  });

  it('writes another caption for one channel, and shows it on that phone only', async () => {
    await page.getByText('Write another caption for one channel').click();
    await page.getByLabel(`Caption for ${workshops}`).fill('Only for those who bake');
    await becomes(() => phone().locator('[data-words]').innerText(), 'Only for those who bake');
    await phone().getByRole('button', { name: bakery, exact: true }).click();
    await becomes(() => phone().locator('[data-words]').innerText(), 'Lucia morning starts at four.');
  });

  it('copies one profile’s choices by a press, and says what the other does not allow', async () => {
    await optionsOf(page, bakery).getByLabel('Allow Comment').check();
    await optionsOf(page, bakery).getByLabel('Allow Duet').check();
    const group = optionsOf(page, workshops);
    expect(await group.getByLabel('Allow Comment').isChecked()).to.equal(false);
    await group.getByRole('button', { name: `Use same choices as ${bakery}` }).click();
    const said = await group.locator('[data-same-said]').innerText();
    expect(said)
      .to.contain('Allow Comment')
      .and.to.match(/Not taken over: .*Allow Duet/);
    expect(await group.getByLabel('Allow Duet').isChecked()).to.equal(false);
    expect(await group.getByLabel('Allow Comment').isChecked()).to.equal(true);
  });

  it('has kept it all as a draft by itself, and finds it again after a reload', async () => {
    await page.getByText(/^Draft saved at \d\d:\d\d:\d\d$/).waitFor();
    await page.waitForURL(/\/posts\/\d+\/edit$/);
    const saved = async () =>
      (await theWorld().db.knex('deliveries').whereNotNull('caption').select('caption')).length === 1;
    await until(saved, 'the other caption is kept');
    const comment = async () => {
      const rows: { options: string }[] = await theWorld().db.knex('deliveries').select('options');
      return rows.filter(({ options }) => options.includes('allowComment')).length === 2;
    };
    await until(comment, 'the copied choices are kept');
    await page.reload();
    expect(await page.getByLabel('Caption', { exact: true }).inputValue()).to.equal('Lucia morning starts at four.');
    expect(await page.getByLabel(`Caption for ${workshops}`).inputValue()).to.equal('Only for those who bake');
    await optionsOf(page, bakery).getByLabel('Disclose content').waitFor();
    expect(await optionsOf(page, bakery).getByLabel('Disclose content').isChecked()).to.equal(true);
    await page.getByText('Cover frame, at 0:00.8').waitFor();
  });

  it('tells the second tab on the same post, and leaves the decision to the person', async () => {
    const second = await page.context().newPage();
    await second.goto(page.url());
    await second.getByLabel('Caption', { exact: true }).fill('Written in the second tab');
    await second.getByText(/^Draft saved/).waitFor();
    await keptCaption('Written in the second tab');
    await page.getByLabel('Caption', { exact: true }).fill('Written in the first tab');
    const told = page.getByRole('alert').filter({ hasText: 'was changed in another tab' });
    await told.waitFor();
    expect(await page.getByLabel('Caption', { exact: true }).inputValue()).to.equal('Written in the first tab');
    await told.getByRole('button', { name: 'Keep mine' }).click();
    await keptCaption('Written in the first tab');
    expect(await told.count()).to.equal(0);
    await second.close();
  });

  it('asks whose words stay when words that had waited in the tab find others, and keeps those it is told to', async () => {
    const address = page.url();
    await optionsAreHere();
    await page.context().setOffline(true);
    await page.getByLabel('Caption', { exact: true }).fill('Waited in the tab');
    await page.getByText('Not saved yet: no connection.').waitFor();
    // The page is left before the connection is back; a colleague has written meanwhile.
    await page.goto('about:blank');
    await page.context().setOffline(false);
    const second = await page.context().newPage();
    await second.goto(address);
    await second.getByLabel('Caption', { exact: true }).fill('Written meanwhile');
    await keptCaption('Written meanwhile');
    await second.close();
    await page.goto(address);
    const told = page.getByRole('alert').filter({ hasText: 'was changed in another tab' });
    await told.waitFor();
    await told.getByRole('button', { name: 'Keep mine' }).click();
    await keptCaption('Waited in the tab');
    const shown = async () => (await page.getByLabel('Caption', { exact: true }).inputValue()) === 'Waited in the tab';
    await until(shown, 'the page shows what was kept');
    expect(await told.count()).to.equal(0);
  });

  it('keeps words in the tab while there is no connection, and sends them and asks what it needs when it is back', async () => {
    await optionsAreHere();
    await page.context().setOffline(true);
    await page.getByLabel('Caption', { exact: true }).fill('Written without a connection');
    await channelBox(workshops).uncheck();
    await channelBox(workshops).check();
    await page.getByText(`The options of ${workshops} did not arrive. Check your connection.`).waitFor();
    await page.getByText('Not saved yet: no connection.').waitFor();
    await page.context().setOffline(false);
    await optionsOf(page, workshops).getByLabel('Privacy').waitFor();
    const isKept = async () =>
      (await theWorld().db.knex('posts').where({ caption: 'Written without a connection' })).length === 1;
    await until(isKept, 'the words arrive');
  });

  it('loses nothing when the page is left in the middle of a word, and makes one post of it', async () => {
    const other = await page.context().newPage();
    await other.goto(`${theWorld().teamPath}/posts/new`);
    await other.getByLabel('Caption', { exact: true }).fill('Left in the middle of a wo');
    await other.goto(`${theWorld().teamPath}/posts`);
    const found = () => theWorld().db.knex('posts').where({ caption: 'Left in the middle of a wo' });
    await until(async () => (await found()).length === 1, 'the words arrive');
    // The next composer sends what the tab still has: the same words twice are one.
    const sent = other.waitForResponse(/\/posts\/drafts$/);
    await other.goto(`${theWorld().teamPath}/posts/new`);
    await sent;
    expect(await found()).to.have.length(1);
    await other.close();
  });

  it('keeps what was typed by somebody who was quicker than its scripts', async () => {
    const other = await page.context().newPage();
    const letGo = await holdScript(other, 'composer-kit');
    await other.goto(`${theWorld().teamPath}/posts/new`);
    await other.getByLabel('Caption', { exact: true }).fill('Typed on a slow line');
    letGo();
    await keptCaption('Typed on a slow line');
    await other.close();
  });

  it('is usable for everybody: axe finds nothing serious', async () => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).to.deep.equal([]);
  });

  it('keeps the place of options that are on their way: nothing jumps when they arrive', async () => {
    const gate = { open: (): void => undefined };
    const isOpen = new Promise<void>((resolve) => (gate.open = resolve));
    await page.route(/\/posts\/options\?/, async (route) => {
      await isOpen;
      await route.continue();
    });
    await channelBox(workshops).uncheck();
    await channelBox(workshops).check();
    const height = async () => (await optionsOf(page, workshops).boundingBox())?.height ?? 0;
    const waiting = await height();
    gate.open();
    await optionsOf(page, workshops).getByLabel('Privacy').waitFor();
    expect(Math.abs((await height()) - waiting)).to.be.below(16);
  });

  it('fills in date and time from a free slot at one press, and tells so', async () => {
    const { id } = await theWorld().db.knex('channels').where({ nickname: bakery }).first<{ id: number }>();
    const weekdays = [1, 2, 3, 4, 5, 6, 7];
    await replaceSlots(
      theWorld().db.knex,
      id,
      weekdays.map((weekday) => ({ weekday, time: '07:30' })),
    );
    await chooseWhen(page, 'Draft');
    await channelBox(workshops).uncheck();
    await channelBox(workshops).check();
    const slot = page.locator('[data-slot]');
    await slot.nth(2).waitFor();
    await slot.first().click();
    expect(await page.getByRole('radio', { name: 'Schedule', exact: true }).isChecked()).to.equal(true);
    expect(await page.getByLabel('Time', { exact: true }).inputValue()).to.equal('07:30');
    expect(await page.locator('[data-slot-taken]').innerText()).to.match(/^Date and time are now .*, 07:30\.$/);
    await page
      .locator('[data-due-note]')
      .getByText(/, in \d+ (hours?|days?|minutes?)/)
      .waitFor();
  });

  it('schedules once nothing is missing', async () => {
    await optionsOf(page, workshops).getByLabel('Privacy').selectOption({ index: 1 });
    await chooseWhen(page, 'Immediately');
    await page.locator('[data-missing-line]').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.waitForURL(/\/posts\/\d+$/);
    await page.getByText('Only for those who bake').first().waitFor();
  });

  it('puts photos in their order by keyboard, one of them as the cover, and shows them on the phone', async () => {
    const { teamPath } = theWorld();
    const files: string[] = [];
    for (const width of [700, 800, 900]) files.push(await makePicture({ width }));
    await page.goto(`${teamPath}/files`);
    await page.getByLabel('Upload files').setInputFiles(files);
    const names = files.map((file) => file.slice(file.lastIndexOf('/') + 1));
    for (const name of names) await page.locator('[data-state="ready"]').filter({ hasText: name }).waitFor();
    await page.goto(`${teamPath}/posts/new`);
    await page.getByRole('button', { name: 'Add media' }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose media' });
    for (const name of names) await dialog.getByRole('checkbox', { name, exact: true }).check();
    await dialog.getByRole('button', { name: 'Use', exact: true }).click();
    const photos = page.getByRole('list', { name: 'Photos, in the order of the post' });
    await photos.getByRole('listitem').nth(2).waitFor();
    const shown = async () => (await photos.locator('li p, li .t-strong').allInnerTexts()).map((text) => text.trim());
    expect(await shown(), 'as they were ticked').to.deep.equal(names);
    const [first = '', second = '', third = ''] = names;
    await photos.getByRole('radio', { name: `${third} is the cover` }).check();
    await photos.getByRole('button', { name: `Move ${third} up` }).press('Enter');
    await photos.getByRole('button', { name: `Move ${third} up` }).press('Enter');
    expect(await shown()).to.deep.equal([third, first, second]);
    expect(await photos.getByRole('radio', { name: `${third} is the cover` }).inputValue()).to.equal('0');
    await phone().getByText('Photo 1 of 3').waitFor();
    await phone().getByRole('button', { name: 'Next photo' }).click();
    await phone().getByText('Photo 2 of 3').waitFor();
    await page.getByText(/^Draft saved/).waitFor();
    const newest = () =>
      theWorld().db.knex('posts').whereNull('due_at').orderBy('id', 'desc').first<{ cover: unknown }>();
    await until(async () => (await newest()).cover === 0, 'the cover is kept');
  });
});
