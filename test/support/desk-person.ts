import { openAsBlob } from 'node:fs';
import path from 'node:path';
import { HttpPerson, type Page, wordsOf } from '../../core/bin/demo/http-person.ts';
import { demoApps } from '../../plugins/tiktok/simulator/index.ts';
import { until } from './until.ts';

interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface PostOrder {
  readonly caption: string;
  readonly channels: readonly string[];
  readonly media: string;
  readonly act: 'publish' | 'schedule' | 'draft';
  /** Wall time in the team's zone, for `schedule`. */
  readonly wall?: string;
}

const patienceMs = 30_000;

/** Somebody at the desk without a browser: for what a test needs to stand before it looks. Every step is checked. */
export class DeskPerson {
  readonly #person: HttpPerson;
  readonly #teamPath: string;

  private constructor(person: HttpPerson, teamPath: string) {
    this.#person = person;
    this.#teamPath = teamPath;
  }

  static async signIn(url: string, teamPath: string, who: Credentials): Promise<DeskPerson> {
    const person = new HttpPerson(url);
    const { email, password } = who;
    const home = await person.submit(await person.get('/sign-in'), '/sign-in', { email, password });
    arrivedAt(home, /^\/(team|admin)\//);
    return new DeskPerson(person, teamPath);
  }

  /** Both credential sets, Mode Live. */
  async saveCredentials(): Promise<void> {
    const at = '/admin/api-integration/tiktok';
    const typed = {
      ...{ mode: 'live', enabled: '1' },
      ...{ 'live.appId': demoApps.live.client_key, 'live.appSecret': demoApps.live.client_secret },
      ...{ 'sandbox.appId': demoApps.sandbox.client_key, 'sandbox.appSecret': demoApps.sandbox.client_secret },
    };
    const saved = await this.#person.submit(await this.#person.get(at), at, typed);
    if (saved.root.querySelector('[role=status]') === null) throw unexpected(saved);
  }

  /** @returns the channel's number */
  async connect(account: string): Promise<string> {
    const list = await this.#person.get(`${this.#teamPath}/channels?add`);
    // A channel that stands there already has the same form with its number in it, for reconnecting.
    const consent = await this.#person.submit(list, '/channels/connect/tiktok', { channel: [] });
    const scopes = ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'];
    await this.#person.submit(consent, '/v2/auth/authorize/', { account, decision: 'authorize', scopes });
    const after = await this.#person.get(`${this.#teamPath}/channels`);
    const cards = after.root.querySelectorAll('[data-channel]');
    const card = cards.find((one) => / @([\w.]+)/u.exec(wordsOf(one))?.[1] === account);
    const channel = card?.getAttribute('data-channel');
    if (channel === undefined) throw unexpected(after);
    return channel;
  }

  /** @returns the file's number */
  async upload(file: string): Promise<string> {
    await this.#person.get(`${this.#teamPath}/files`);
    const order = { content: await openAsBlob(file), name: path.basename(file) };
    const taken = await this.#person.upload(`${this.#teamPath}/files`, order);
    const media = taken.root.querySelector('[data-state=ready]')?.getAttribute('data-media');
    if (media === undefined) throw unexpected(taken);
    return media;
  }

  /** Everybody may see it. @returns the path of the post's page */
  async post(order: PostOrder): Promise<string> {
    const { caption, channels, media, act, wall = '' } = order;
    const at = `${this.#teamPath}/posts`;
    const chosen = { channels, media, caption };
    const form = await this.#person.submit(await this.#person.get(`${at}/new`), at, { ...chosen, act: 'options' });
    const privacy = channels.map((channel) => [`options.${channel}.privacy`, 'PUBLIC_TO_EVERYONE'] as const);
    const when = { publish: 'immediately', schedule: 'schedule', draft: 'draft' }[act];
    const due = { when, date: wall.slice(0, 10), time: wall.slice(11, 16) };
    const sent = await this.#person.submit(form, at, { ...chosen, ...Object.fromEntries(privacy), ...due, act });
    return arrivedAt(sent, /\/posts\/\d+$/);
  }

  /** Waits until a delivery of the post is in this state. */
  async postIn(post: string, state: string): Promise<void> {
    const isThere = async (): Promise<boolean> =>
      (await this.#person.get(post)).root.querySelector(`[data-delivery][data-state=${state}]`) !== null;
    await until(isThere, `a delivery of ${post} is ${state}`, patienceMs);
  }

  /** As editor, by a link where no mail is sent. */
  async invite(email: string): Promise<void> {
    const at = `${this.#teamPath}/members`;
    const made = await this.#person.submit(await this.#person.get(`${at}?add`), at, { email, role: 'editor' });
    if (made.status !== 200 || !made.root.toString().includes(email)) throw unexpected(made);
  }

  /** Presses the button of the page that leads there, once it is on it. */
  async press(page: string, action: string): Promise<void> {
    const pressed = await this.#person.submit(await this.#person.get(page), action);
    if (pressed.status !== 200) throw unexpected(pressed);
  }
}

function arrivedAt(page: Page, expected: RegExp): string {
  const { pathname } = new URL(page.address);
  if (page.status !== 200 || !expected.test(pathname)) throw unexpected(page);
  return pathname;
}

function unexpected(page: Page): Error {
  const problems = page.root.querySelectorAll('[role=alert], [aria-invalid=true], .hint').map((one) => wordsOf(one));
  const words = problems.join(' ') || wordsOf(page.root.querySelector('main'));
  return new Error(`${page.address} answered ${page.status}: ${words}`);
}
