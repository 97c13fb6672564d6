import { stat } from 'node:fs/promises';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { wallTimeAt } from '../../core/time/zones.ts';
import { demoApps } from '../../plugins/tiktok/simulator/index.ts';
import { needs } from '../support/needs.ts';
import { sha256Of } from '../support/sha256.ts';
import { until } from '../support/until.ts';
import { makeVideo } from '../support/videos.ts';
import { useWorld } from '../support/world.ts';
import {
  connectByPopup,
  deliveryIn,
  fillComposer,
  reloadUntil,
  saveCredentials,
  scheduleAt,
  signIn,
  testConnection,
  uploadFile,
} from './steps.ts';

const minuteMs = 60_000;

for (const database of ['sqlite', 'mariadb'] as const) {
  describe(`From an empty installation to a published video, on ${database}`, function () {
    this.timeout(180_000);
    if (database === 'mariadb') before(needs('mariadbd'));
    before(needs('ffmpeg'));
    const theWorld = useWorld({ database });

    let page: Page;
    let file: string;
    const complaints: string[] = [];

    before(async () => {
      file = await makeVideo({ seconds: 10, megabits: 60 });
      page = await theWorld().open();
      page.context().on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
    });

    it('lets an admin enter TikTok’s credentials and test them', async () => {
      const world = theWorld();
      const desk = await world.open();
      await signIn(desk, world.admin);
      await saveCredentials(desk);
      const result = await testConnection(desk);
      expect(await result.getAttribute('data-result')).to.equal('ok');
    });

    it('lets a member connect a profile in a popup', async () => {
      const world = theWorld();
      await signIn(page, world.owner);
      const card = await connectByPopup(page, { teamPath: world.teamPath, account: 'hazelandrye' });
      expect(await card.getAttribute('data-state')).to.equal('connected');
    });

    it('takes a real video of seven chunks', async () => {
      const world = theWorld();
      expect((await stat(file)).size).to.be.within(70_000_000, 80_000_000);
      await uploadFile(page, { teamPath: world.teamPath, file });
    });

    it('schedules it and publishes it when its time has come', async () => {
      const world = theWorld();
      // On its way until the page has seen it there.
      const hangSeconds = 40;
      world.simulator.control.setSwitches({
        processing_seconds: 1,
        failures: [{ endpoint: 'upload', kind: 'hang', chunk: 4, seconds: hangSeconds }],
      });
      const fileName = file.slice(file.lastIndexOf('/') + 1);
      const channels = [{ nickname: 'Hazel & Rye', privacy: 'Everyone' }];
      await fillComposer(page, { teamPath: world.teamPath, channels, caption: 'First batch, still warm', fileName });
      if (database === 'sqlite') {
        const laterMs = 10 * minuteMs;
        await scheduleAt(page, wallTimeAt(world.now() + laterMs, world.team.zone));
        await deliveryIn(page, 'scheduled');
        expect(world.simulator.control.publishes()).to.be.empty;
        world.advance(laterMs);
      } else {
        // The database's own clock cannot be moved; the current minute means now. One that turns between typing and
        // pressing the button would make it a time of the past.
        const hasRoom = (): boolean => world.now() % minuteMs < 0.75 * minuteMs;
        await until(hasRoom, 'there is room in the minute');
        await scheduleAt(page, wallTimeAt(world.now(), world.team.zone));
      }
      const delivery = await deliveryIn(page, 'publishing');
      await delivery.getByRole('progressbar', { name: 'Upload to Hazel & Rye' }).waitFor();
      world.simulator.control.advanceClock(hangSeconds * 1000);
      const published = await deliveryIn(page, 'published');
      const link = published.getByRole('link', { name: 'View on TikTok' });
      await link.waitFor();
      expect(await link.getAttribute('href')).to.match(/\/@hazelandrye\/video\/\d{19}/);
    });

    it('has sent exactly that file, once, in seven parts', async () => {
      const world = theWorld();
      const posts = world.simulator.control.posts();
      expect(posts).to.have.lengthOf(1);
      const [post] = posts;
      expect(post).to.deep.include({
        account: 'hazelandrye',
        caption: 'First batch, still warm',
        privacy_level: 'PUBLIC_TO_EVERYONE',
        sha256: await sha256Of(file),
      });
      expect(post?.chunk_requests).to.have.lengthOf(7);
      expect(post?.source, 'R36').to.equal('FILE_UPLOAD');
      expect(world.simulator.control.publishes()).to.have.lengthOf(1);
    });

    it('lists the video on the channel’s page', async () => {
      const world = theWorld();
      await page.goto(`${world.teamPath}/channels`);
      await page.getByRole('link', { name: 'Hazel & Rye', exact: true }).click();
      await page.getByRole('button', { name: 'Refresh' }).click();
      const row = page.locator('[data-video-id]').filter({ hasText: 'First batch, still warm' });
      await page.getByRole('status').first().waitFor();
      await reloadUntil(page, async () => (await row.count()) === 1);
      const [post] = world.simulator.control.posts();
      expect(await row.getAttribute('data-video-id')).to.equal(post?.post_id);
      for (const stat of ['followers', 'following', 'likes', 'videos']) {
        expect(await page.locator(`[data-stat="${stat}"]`).innerText()).to.match(/\d/);
      }
    });

    it('S21: was never in the way of its own pages', () => {
      expect(complaints).to.deep.equal([]);
    });

    it('S4, R35: has told nobody a secret, and the app’s key only to TikTok, in TikTok’s own links, and to its admin', async () => {
      const world = theWorld();
      expect(await world.leaks()).to.deep.equal([]);
      const needed = /(client_(key|id)=|utm_source=|name="(live|sandbox)\.appId"[^>]* value=")$/u;
      const { live, sandbox } = demoApps;
      const told = [live, sandbox].flatMap(({ client_key: key }) => world.saidBefore(key));
      expect(told).not.to.deep.equal([]);
      expect(told.filter((before) => !needed.test(before))).to.deep.equal([]);
    });
  });
}
