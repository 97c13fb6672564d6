import type { Page } from 'playwright-core';
import { wallTimeAt } from '../../core/time/zones.ts';
import { until } from '../support/until.ts';
import { makeVideo } from '../support/videos.ts';
import type { World } from '../support/world.ts';
import {
  chooseWhen,
  connectByPopup,
  deliveryIn,
  fillComposer,
  publishNow,
  saveCredentials,
  scheduleAt,
  signIn,
  uploadFile,
} from './steps.ts';

const hourMs = 3_600_000;

/** An installation where the admin has entered the credentials and the owner is at the desk. */
export async function openDesk(world: World): Promise<Page> {
  const admin = await world.open();
  await signIn(admin, world.admin);
  await saveCredentials(admin);
  await admin.context().close();
  const page = await world.open();
  await signIn(page, world.owner);
  return page;
}

/** A team with two channels, one of them paused, a video, and posts in most states. @returns the owner's page */
export async function openBusyDesk(world: World): Promise<Page> {
  const { teamPath, simulator } = world;
  const page = await openDesk(world);
  await connectByPopup(page, { teamPath, account: 'hazelandrye.workshops' });
  await connectByPopup(page, { teamPath, account: 'hazelandrye' });
  const fileName = await uploadFile(page, { teamPath, file: await makeVideo() });
  simulator.control.setSwitches({ processing_seconds: 0, post_id_delay_seconds: 0 });
  const compose = (caption: string, nickname = 'Hazel & Rye') =>
    fillComposer(page, { teamPath, caption, fileName, channels: [{ nickname, privacy: 'Everyone' }] });

  await compose('First batch, still warm');
  await publishNow(page);
  await deliveryIn(page, 'published');

  simulator.control.setSwitches({ failures: [{ endpoint: 'publish', kind: 'fail-reason', reason: 'spam_risk_text' }] });
  await compose('Raisins, yes or no?');
  await publishNow(page);
  await deliveryIn(page, 'failed');

  await compose('Winter menu, all of it');
  await scheduleAt(page, wallTimeAt(world.now() + 26 * hourMs, world.team.zone));
  await compose('The oven at four');
  await scheduleAt(page, wallTimeAt(world.now() + 50 * hourMs, world.team.zone));
  await page.getByRole('button', { name: 'Cancel post' }).click();
  await deliveryIn(page, 'cancelled');

  await compose('How we score a rye loaf', 'Hazel & Rye Workshops');
  await chooseWhen(page, 'Draft');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.waitForURL(/\/posts\/\d+$/);

  await page.goto(`${teamPath}/channels`);
  const workshops = page.locator('[data-channel]').filter({ hasText: 'Hazel & Rye Workshops' });
  await workshops.getByRole('button', { name: 'Pause' }).click();
  await page.locator('[data-channel][data-state="paused"]').waitFor();
  await until(async () => (await listedVideos(world)) > 0, 'the first look at the profile’s videos has come back');
  return page;
}

async function listedVideos({ db }: World): Promise<number> {
  const rows = await db.knex('tiktok_videos').count({ count: '*' }).first<{ readonly count: number }>();
  return rows.count;
}
