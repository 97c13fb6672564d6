import type { Locator, Page } from 'playwright-core';
import { toNextPage } from '../steps.ts';

const settingsPath = '/admin/api-integration/tiktok';

type SetName = 'Sandbox' | 'Live';

/** The settings of TikTok with the setup check beside them, as an admin reads and uses them. */
export class SettingsPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(): Promise<void> {
    await this.#page.goto(settingsPath);
  }

  set(name: SetName): Locator {
    return this.#page.getByRole('group', { name, exact: true });
  }

  async chooseMode(name: SetName): Promise<void> {
    const modes = this.#page.getByRole('group', { name: 'Mode', exact: true });
    await modes.getByRole('radio', { name, exact: true }).check();
  }

  async type(name: SetName, keys: { readonly id?: string; readonly secret?: string }): Promise<void> {
    const set = this.set(name);
    if (keys.id !== undefined) await set.getByLabel('App ID', { exact: true }).fill(keys.id);
    if (keys.secret !== undefined) await set.getByLabel('App Secret', { exact: true }).fill(keys.secret);
  }

  async save(): Promise<void> {
    await toNextPage(this.#page, () => this.press('Save'));
    await this.#page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
  }

  async press(name: 'Save' | 'Test connection'): Promise<void> {
    await this.#page.getByRole('button', { name, exact: true }).click();
  }

  /** Everything at once. */
  async checkAll(): Promise<void> {
    const before = await this.#page.locator('#setup-check').elementHandle();
    await this.#page.locator('#check-all').click();
    await before.waitForElementState('hidden');
  }

  /** One check of those that need somebody, again. @returns what it says now, see `said` */
  async checkAgain(label: string): Promise<string> {
    const button = this.#page.getByRole('button', { name: `Check again: ${label}`, exact: true });
    const id = await button.getAttribute('value');
    const before = await this.#page.locator('#setup-check').elementHandle();
    await button.click();
    await before.waitForElementState('hidden');
    return this.said(id ?? '');
  }

  /** `<tone>: <the words of the row>` */
  async said(check: string): Promise<string> {
    const row = this.#page.locator(`#setup-check [data-check="${check}"]`);
    const tone = await row.getAttribute('data-tone');
    const words = (await row.textContent()) ?? '';
    return `${tone ?? ''}: ${words.replaceAll(/\s+/gu, ' ').trim()}`;
  }

  /** What does not work and what is to be looked at, by the checks' names. */
  async findings(): Promise<{ readonly bad: readonly string[]; readonly warn: readonly string[] }> {
    const of = async (tone: string): Promise<readonly string[]> => {
      const rows = await this.#page.locator(`#setup-check [data-tone="${tone}"][data-check]`).all();
      return Promise.all(rows.map(async (row) => (await row.getAttribute('data-check')) ?? ''));
    };
    return { bad: await of('bad'), warn: await of('warn') };
  }
}
