import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import type { Database } from '../../core/db/database.ts';
import { holdScript, openContext, useBrowser } from '../support/browser.ts';
import { createRunningClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { createMember, createTeam } from '../support/factories.ts';
import { freePort } from '../support/free-port.ts';
import { openUploadSite, padVideo, type UploadSite } from '../support/uploads.ts';
import { until } from '../support/until.ts';
import { makeVideo } from '../support/videos.ts';

describe('Many files at once, in a browser', function () {
  this.timeout(180_000);
  const browser = useBrowser();
  const fileBytes = 2_000_000;
  let db: Database;
  let dataDir: string;
  let site: UploadSite;
  let context: BrowserContext;
  let page: Page;
  let address: string;
  let files: string[];
  let hashes: string[];
  let owner: { readonly teamId: number; readonly personId: number };
  let restart: () => Promise<void>;

  before(async () => {
    db = await openTestDatabase();
    dataDir = await mkdtemp(path.join(tmpdir(), 'castdeck-many-'));
    const port = await freePort();
    const clock = { ...createRunningClock(), set: () => undefined };
    restart = async () => {
      site = await openUploadSite({ db, dataDir, clock, port });
    };
    await restart();
    const video = await readFile(await makeVideo());
    const bytes = ['Lucia', 'Kringle', 'Saffron'].map((name) => ({ name, bytes: padVideo(video, fileBytes) }));
    hashes = bytes.map((file) => createHash('sha256').update(file.bytes).digest('hex')).sort();
    files = bytes.map(({ name }) => path.join(dataDir, `${name}.mp4`));
    for (const [index, file] of files.entries()) await writeFile(file, bytes[index]?.bytes ?? '');
    const team = await createTeam(db, { name: 'Hazel & Rye' });
    const person = await createMember(db, { team, role: 'editor', name: 'Maja Lind' });
    owner = { teamId: team.id, personId: person.id };
    const maja = await site.web.signIn(person);
    const [name = '', value = ''] = maja.cookie.split('=');
    context = await openContext(browser());
    await context.addCookies([{ name, value, url: `http://localhost:${port}` }]);
    page = await context.newPage();
    address = `http://localhost:${port}/team/${team.id}/files`;
  });

  after(async () => {
    await context.close();
    await site.stop();
    await db.close();
    await rm(dataDir, { recursive: true });
  });

  /** The least that any of the files has on the server. */
  const arrived = async (): Promise<number> => {
    const all = await site.uploads.unfinished(owner);
    return all.length < files.length ? 0 : Math.min(...all.map((one) => one.arrived));
  };
  const rowOf = (name: string) =>
    page.getByRole('list', { name: 'Uploads in progress' }).getByRole('listitem').filter({ hasText: name });

  it('goes on by itself after a restart of the server, and after a reload when the same files are chosen', async () => {
    const slowDownTo = await throttle(page);
    await slowDownTo(600_000);
    await page.goto(address);
    await page.getByLabel('Upload files').setInputFiles(files);
    await until(async () => (await arrived()) > 0, 'something of each has arrived');

    await site.stop();
    await rowOf('Lucia.mp4').getByText('Waiting for the connection. It goes on by itself.').waitFor();
    const before = await arrived();
    await restart();
    await until(async () => (await arrived()) > before, 'it goes on');

    await page.reload();
    const unfinished = page.getByRole('region', { name: '3 unfinished: choose the same files again to go on' });
    await unfinished.getByRole('listitem').filter({ hasText: 'Kringle.mp4' }).waitFor();
    await slowDownTo(100_000_000);
    // A proxy whose server is away: that is no reason to begin anew.
    const away = { status: 502, body: 'Bad gateway' };
    await page.route('**/files/uploads/*', (route) => route.fulfill(away), { times: files.length });
    await page.getByLabel('Upload files').setInputFiles(files);
    for (const name of ['Lucia.mp4', 'Kringle.mp4', 'Saffron.mp4']) {
      await page.locator(`[data-state="ready"][aria-label="${name}"]`).waitFor();
    }
    await unfinished.waitFor({ state: 'hidden' });
    expect(await db.knex('uploads').select('id'), 'no upload was begun twice').to.have.lengthOf(3);
    const kept: { sha256: string }[] = await db.knex('media').select('sha256');
    expect(kept.map(({ sha256 }) => sha256).sort()).to.deep.equal(hashes);
  });

  it('takes a file that was chosen before the page’s script had come', async () => {
    const early = path.join(dataDir, 'Wreath.mp4');
    await copyFile(await makeVideo(), early);
    const letGo = await holdScript(page, 'upload');
    await page.goto(address, { waitUntil: 'commit' });
    await page.getByLabel('Upload files').setInputFiles(early);
    letGo();
    await page.locator('[data-state="ready"][aria-label="Wreath.mp4"]').waitFor();
  });
});

/** @returns sets how many bytes a second the page may send */
async function throttle(page: Page): Promise<(uploadThroughput: number) => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  const wide = { offline: false, latency: 0, downloadThroughput: -1 };
  return async (uploadThroughput) => {
    await devtools.send('Network.emulateNetworkConditions', { ...wide, uploadThroughput });
  };
}
