import type { Page } from 'playwright-core';
import { wallTimeAt } from '../../core/time/zones.ts';
import { DeskPerson } from '../support/desk-person.ts';
import { until } from '../support/until.ts';
import { makeVideo } from '../support/videos.ts';
import type { World } from '../support/world.ts';
import { signIn } from './steps.ts';

const hourMs = 3_600_000;

/** Enters the credentials as the admin. @returns the owner, at the desk */
async function prepareDesk({ url, teamPath, admin, owner }: World): Promise<DeskPerson> {
  await (await DeskPerson.signIn(url, teamPath, admin)).saveCredentials();
  return DeskPerson.signIn(url, teamPath, owner);
}

/** An installation where the admin has entered the credentials and the owner is at the desk. */
export async function openDesk(world: World): Promise<Page> {
  await prepareDesk(world);
  const page = await world.open();
  await signIn(page, world.owner);
  return page;
}

/** The same with these channels connected, a video and these other files uploaded. @returns also the video's name */
export async function openStockedDesk(
  world: World,
  accounts: readonly string[],
  others: readonly string[] = [],
): Promise<{ readonly page: Page; readonly fileName: string }> {
  const desk = await prepareDesk(world);
  for (const account of accounts) await desk.connect(account);
  const file = await makeVideo();
  for (const one of [...others, file]) await desk.upload(one);
  const page = await world.open();
  await signIn(page, world.owner);
  return { page, fileName: file.slice(file.lastIndexOf('/') + 1) };
}

/** A team with two channels, one of them paused, a video, and posts in most states. */
export async function makeBusyTeam(world: World): Promise<void> {
  const { teamPath, simulator } = world;
  const desk = await prepareDesk(world);
  const workshops = await desk.connect('hazelandrye.workshops');
  const bakery = await desk.connect('hazelandrye');
  const media = await desk.upload(await makeVideo());
  simulator.control.setSwitches({ processing_seconds: 0, post_id_delay_seconds: 0 });
  const order = { channels: [bakery], media, act: 'publish' } as const;

  await desk.postIn(await desk.post({ ...order, caption: 'First batch, still warm' }), 'published');
  simulator.control.setSwitches({ failures: [{ endpoint: 'publish', kind: 'fail-reason', reason: 'spam_risk_text' }] });
  await desk.postIn(await desk.post({ ...order, caption: 'Raisins, yes or no?' }), 'failed');

  const forgets = { kind: 'refuse', status: 400, code: 'invalid_publish_id', message: 'It is not known.' } as const;
  simulator.control.setSwitches({ failures: [{ endpoint: 'status/fetch', times: 1_000, ...forgets }] });
  await desk.postIn(await desk.post({ ...order, caption: 'Saffron buns, batch one' }), 'needs-attention');

  const wallIn = (hours: number): string => wallTimeAt(world.now() + hours * hourMs, world.team.zone);
  await desk.post({ ...order, caption: 'Winter menu, all of it', act: 'schedule', wall: wallIn(26) });
  const oven = await desk.post({ ...order, caption: 'The oven at four', act: 'schedule', wall: wallIn(50) });
  await desk.press(oven, '/cancellation');
  await desk.post({ ...order, caption: 'How we score a rye loaf', channels: [workshops], act: 'draft' });
  await desk.press(`${teamPath}/channels/${workshops}`, '/pause');
  await until(async () => (await listedVideos(world)) > 0, 'the first look at the profile’s videos has come back');
}

async function listedVideos({ db }: World): Promise<number> {
  const rows = await db.knex('tiktok_videos').count({ count: '*' }).first<{ readonly count: number }>();
  return rows.count;
}
