import { setTimeout as pause } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { demoApps } from '../../plugins/tiktok/simulator/index.ts';

/** What people do, by the names they see. Every step ends where the person sees that it worked. */

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export async function signIn(page: Page, { email, password }: Credentials): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email', { exact: true }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(/\/(team\/\d+\/|admin\/)/);
}

/** Both credential sets, the chosen mode, saved and tested. */
export async function saveCredentials(page: Page, mode: 'Live' | 'Sandbox' = 'Live'): Promise<void> {
  await page.goto('/admin/api-integration/tiktok');
  await page.getByRole('group', { name: 'Mode', exact: true }).getByRole('radio', { name: mode, exact: true }).check();
  for (const [name, app] of [
    ['Sandbox', demoApps.sandbox],
    ['Live', demoApps.live],
  ] as const) {
    const set = page.getByRole('group', { name, exact: true });
    await set.getByLabel('App ID', { exact: true }).fill(app.client_key);
    await set.getByLabel('App Secret', { exact: true }).fill(app.client_secret);
  }
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
}

/** @returns the element with the result, once it says ok or failed */
export async function testConnection(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Test connection' }).click();
  const result = page.locator('[data-result]');
  await result.waitFor();
  return result;
}

/** The list of networks, opened. @returns TikTok's card in it */
export async function openAddChannel(page: Page, teamPath: string): Promise<Locator> {
  await page.goto(`${teamPath}/channels`);
  await page.getByRole('button', { name: 'Add Channel' }).click();
  const card = page.getByRole('region', { name: 'TikTok', exact: true });
  await card.waitFor();
  return card;
}

interface Login {
  readonly teamPath: string;
  readonly account: string;
}

/** Connects by popup. @returns the new channel's card */
export async function connectByPopup(page: Page, { teamPath, account }: Login): Promise<Locator> {
  const card = await openAddChannel(page, teamPath);
  const opened = page.waitForEvent('popup');
  await card.getByRole('button', { name: 'Profile' }).click();
  const popup = await opened;
  const closed = popup.waitForEvent('close');
  await authorize(popup, account);
  await closed;
  return connectedCard(page, account);
}

/** Says yes on the network's consent page as this account. */
export async function authorize(page: Page, account: string): Promise<void> {
  await page.getByLabel('Logged in as').selectOption(account);
  await page.getByRole('button', { name: 'Authorize', exact: true }).click();
}

/** The card of the account's channel on the list that greets it. */
export async function connectedCard(page: Page, account: string): Promise<Locator> {
  await page.getByRole('heading', { name: 'Connected Channels' }).waitFor();
  await page.waitForURL(/[?&]connected=\d+/);
  const card = page
    .locator('[data-channel]')
    .filter({ hasText: `@${account}` })
    .filter({ hasNotText: `@${account}.` });
  await card.waitFor();
  return card;
}

/** Uploads through the field Upload files and waits until the file is ready. @returns its name */
export async function uploadFile(page: Page, { teamPath, file }: { teamPath: string; file: string }): Promise<string> {
  await page.goto(`${teamPath}/files`);
  await page.getByLabel('Upload files').setInputFiles(file);
  const name = file.slice(file.lastIndexOf('/') + 1);
  await page.locator('[data-state="ready"]').filter({ hasText: name }).waitFor({ timeout: 120_000 });
  return name;
}

export interface Draft {
  readonly teamPath: string;
  readonly channels: readonly { readonly nickname: string; readonly privacy: string }[];
  readonly caption: string;
  readonly fileName?: string;
}

/** Fills the composer up to the question when to post. */
export async function fillComposer(page: Page, draft: Draft): Promise<void> {
  await page.goto(`${draft.teamPath}/posts/new`);
  const channels = page.getByRole('group', { name: 'Channels', exact: true });
  for (const { nickname } of draft.channels)
    await channels.getByRole('checkbox', { name: nickname, exact: true }).check();
  if (draft.fileName !== undefined) await chooseMedia(page, draft.fileName);
  await page.getByLabel('Caption', { exact: true }).fill(draft.caption);
  for (const { nickname, privacy } of draft.channels) {
    await optionsOf(page, nickname).getByLabel('Privacy').selectOption({ label: privacy });
  }
}

export async function chooseMedia(page: Page, fileName: string): Promise<void> {
  await page.getByRole('button', { name: 'Add media' }).click();
  const dialog = page.getByRole('dialog', { name: 'Choose media' });
  await dialog.getByRole('radio', { name: fileName, exact: true }).check();
  await dialog.getByRole('button', { name: 'Use', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** The group of one channel's options. */
export function optionsOf(page: Page, nickname: string): Locator {
  return page.getByRole('group', { name: nickname, exact: true }).first();
}

/** Chooses the wall time in the team's zone and schedules. Ends on the post's page. */
export async function scheduleAt(page: Page, wall: string): Promise<void> {
  await chooseWhen(page, 'Schedule');
  await page.getByLabel('Date', { exact: true }).fill(wall.slice(0, 10));
  await page.getByLabel('Time', { exact: true }).fill(wall.slice(11, 16));
  await page.getByRole('button', { name: 'Schedule post', exact: true }).click();
  await page.waitForURL(/\/posts\/\d+$/);
}

export async function publishNow(page: Page): Promise<void> {
  await chooseWhen(page, 'Immediately');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.waitForURL(/\/posts\/\d+$/);
}

export async function chooseWhen(page: Page, when: 'Immediately' | 'Schedule' | 'Draft'): Promise<void> {
  await page.getByRole('group', { name: 'When to post' }).getByRole('radio', { name: when, exact: true }).check();
}

/** The delivery's part of the page, once it is in this state. */
export async function deliveryIn(page: Page, state: string, timeout = 60_000): Promise<Locator> {
  const delivery = page.locator(`[data-delivery][data-state="${state}"]`).first();
  await delivery.waitFor({ timeout });
  return delivery;
}

/** The states of all deliveries on the page, sorted. */
export async function statesOn(page: Page): Promise<readonly (string | null)[]> {
  await page.waitForLoadState();
  const deliveries = await page.locator('[data-delivery]').all();
  const states = await Promise.all(deliveries.map((delivery) => delivery.getAttribute('data-state')));
  return states.sort();
}

/** A page that says "in a moment" is looked at again. @throws after a minute */
export async function reloadUntil(page: Page, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It never came to pass on ${page.url()}.`);
    await page.reload();
  }
}

/** Does what leads to another page, maybe at the same address, and waits until that one stands there. */
export async function toNextPage(page: Page, act: () => Promise<void>): Promise<void> {
  await page.evaluate(`document.documentElement.dataset.left = 'yes'`);
  await act();
  await page.locator('html:not([data-left])').waitFor();
  await page.waitForLoadState();
}

/** Looks until it is so: scripts and answers take their time. @throws with what was there last, after a minute */
export async function becomes(look: () => Promise<string | null>, wanted: string | RegExp): Promise<void> {
  const isSo = (seen: string | null): boolean => (wanted instanceof RegExp ? wanted.test(seen ?? '') : seen === wanted);
  const end = performance.now() + 60_000;
  for (let seen = await look(); !isSo(seen); seen = await look()) {
    if (performance.now() > end) throw new Error(`It stayed “${seen ?? ''}” and did not become ${String(wanted)}.`);
    await pause(20);
  }
}
