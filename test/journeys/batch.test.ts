import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { holdScript } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { makeVideo, type VideoOrder } from '../support/videos.ts';
import { useWorld } from '../support/world.ts';
import { openStockedDesk } from './busy-team.ts';

const count = Number(process.env['BATCH_VIDEOS'] ?? 10);
const bakery = 'Hazel & Rye';

const kinds: readonly VideoOrder[] = [
  { seconds: 1 },
  { seconds: 2, size: '640x360' },
  { seconds: 1, format: 'mov' },
  { seconds: 1, format: 'webm' },
  { seconds: 2, frameRate: 24 },
];

describe(`${count} videos before lunch`, function () {
  this.timeout(180_000 + count * 6_000);
  before(needs('ffmpeg'));
  const theWorld = useWorld();
  let page: Page;
  let folder: string;

  before(async () => {
    ({ page } = await openStockedDesk(theWorld(), ['hazelandrye']));
    folder = await mkdtemp(path.join(tmpdir(), 'castdeck-batch-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are uploaded, tabled, planned and scheduled with keyboard and mouse.', async () => {
    const { teamPath, db } = theWorld();
    const made = await Promise.all(kinds.map((kind) => makeVideo(kind)));
    const files = await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        const video = made[n % made.length] ?? '';
        const file = path.join(folder, `bun-${String(n + 1).padStart(2, '0')}${path.extname(video)}`);
        await copyFile(video, file);
        return file;
      }),
    );

    await page.goto(`${teamPath}/batches/new`);
    await page.getByLabel(bakery, { exact: true }).check();
    // Whoever is quicker than the page's scripts loses nothing: neither files nor, below, words.
    const letTableGo = await holdScript(page, 'batch-table');
    await page.getByRole('button', { name: 'Start a batch' }).click();
    await page.getByLabel('Upload files').setInputFiles(files.slice(0, 3));
    letTableGo();
    await page.locator('tr[data-place]').nth(2).waitFor();
    await page.getByLabel('Upload files').setInputFiles(files.slice(3));
    const rows = page.locator('tr[data-row]');
    await rows.nth(count - 1).waitFor({ timeout: 90_000 + count * 6_000 });
    expect(
      await rows
        .nth(count - 1)
        .locator('[data-file]')
        .innerText(),
    ).to.equal(path.basename(files.at(-1) ?? ''));
    expect(await page.getByLabel('Caption of row 1', { exact: true }).inputValue(), 'no words of ours').to.equal('');

    // The names of the files only on request; then by keyboard from row to row.
    await page.getByRole('button', { name: 'Use file names as captions' }).click();
    await page.getByText(`${count} rows have the names of their files.`).waitFor();
    const first = page.getByLabel('Caption of row 1', { exact: true });
    expect(await first.inputValue()).to.equal('bun 01');
    const words = 'Lucia rehearsal, everybody is out of tune';
    const letRowsGo = await holdScript(page, 'batch-table');
    await page.reload();
    await first.fill(words);
    letRowsGo();
    await until(async () => (await db.knex('posts').where({ caption: words })).length === 1, 'the words are kept');
    await first.press('Enter');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('Butter, two ways');
    await page.keyboard.press('Enter');

    await page.getByLabel('From', { exact: true }).fill('2027-12-10');
    await page.getByLabel('Time 1', { exact: true }).fill('07:30');
    await page.getByRole('button', { name: 'Time', exact: true }).click();
    await page.getByLabel('Time 2', { exact: true }).fill('18:00');
    await page.getByText(/^ends /).waitFor();
    await page.getByRole('button', { name: `Fill ${count} rows` }).press('Enter');
    await page.getByText(`${count} rows have their times.`).waitFor();
    expect(await page.getByLabel('Time of row 2', { exact: true }).inputValue()).to.equal('18:00');

    // Nothing is preselected; what is missing is named, and its link leads there.
    const press = page.getByRole('button', { name: `Schedule ${count} posts` });
    await press.waitFor();
    expect(await press.getAttribute('aria-disabled')).to.equal('true');
    const privacy = page.getByRole('group', { name: bakery, exact: true }).getByLabel('Privacy');
    expect(await privacy.inputValue()).to.equal('');
    // Not the link to the times, which stands there until the rows are checked anew.
    await page.locator('[data-missing] a[data-group-link]').click();
    await page.locator('select:focus').waitFor();
    await privacy.selectOption({ label: 'Friends' });
    await page.getByText('By posting, you agree to').waitFor();
    await page.locator('[data-press]:not([aria-disabled])').waitFor();
    await press.click();

    await page.getByText(`${count} scheduled.`).waitFor();
    const posts: unknown[] = await db.knex('posts').where({ state: 'scheduled' }).select('state');
    expect(posts).to.have.length(count);
  });

  it('that are not taken lead to what that means, under Files and in a batch', async () => {
    const { teamPath } = theWorld();
    const notes = path.join(folder, 'notes.mp4');
    await writeFile(notes, 'Flour, butter, cardamom');
    const link = page.locator('a[href$="/help/errors/file_not_taken"]');
    await page.goto(`${teamPath}/files`);
    await page.getByLabel('Upload files').setInputFiles(notes);
    await link.waitFor();
    await page.goto(`${teamPath}/batches/new`);
    await page.getByLabel(bakery, { exact: true }).check();
    await page.getByRole('button', { name: 'Start a batch' }).click();
    await page.getByLabel('Upload files').setInputFiles(notes);
    await link.waitFor();
    expect(await link.getAttribute('target')).to.equal('_blank');
  });
});
