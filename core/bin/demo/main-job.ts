import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { HTMLElement } from 'node-html-parser';
import { HttpPerson, type Page, wordsOf } from './http-person.ts';
import { sha256Of } from './demo-video.ts';
import type { DemoWorld } from './demo-world.ts';

/** What the main job needs of wherever the panel runs. */
export type MainJobWorld = Pick<
  DemoWorld,
  'url' | 'simulator' | 'admin' | 'member' | 'zone' | 'app' | 'scopes' | 'wallTimeNow' | 'onRequest'
>;

interface MainJob {
  readonly world: MainJobWorld;
  /** The video to publish. */
  readonly file: string;
  readonly say: (line: string) => void;
}

const account = 'hazelandrye';
const caption = 'Lucia morning starts at four. Saffron, cardamom and a lot of butter. #lucia #bakerytok';
const patienceMs = 120_000;

/**
 * The main job from the admin's first sign-in to the video on the channel page, through the routes a browser uses.
 * @throws an Error that says which step went wrong
 */
export async function doMainJob(job: MainJob): Promise<void> {
  await saveCredentials(job);
  const member = new HttpPerson(job.world.url);
  const home = await signIn(job, member, job.world.member);
  const team = new URL(home.address).pathname.replace(/\/$/, '');
  const channel = await connect(job, member, team);
  const media = await upload(job, member, team);
  const post = await schedule(job, member, { team, channel, media });
  await watch(job, member, post);
  await compareBytes(job);
  await showChannel(job, member, `${team}/channels/${channel}`);
}

async function signIn(job: MainJob, person: HttpPerson, who: { email: string; password: string }): Promise<Page> {
  const home = await person.submit(await person.get('/sign-in'), '/sign-in', {
    email: who.email,
    password: who.password,
  });
  if (new URL(home.address).pathname.startsWith('/sign-in')) throw failed('sign in', home);
  job.say(`sign in              ${who.email}`);
  return home;
}

async function saveCredentials(job: MainJob): Promise<void> {
  const admin = new HttpPerson(job.world.url);
  await signIn(job, admin, job.world.admin);
  const at = '/admin/api-integration/tiktok';
  const { appId, appSecret } = job.world.app;
  const typed = { mode: 'live', 'live.appId': appId, 'live.appSecret': appSecret, enabled: '1' };
  const saved = await admin.submit(await admin.get(at), at, typed);
  if (!saved.root.querySelector('[role=status]')) throw failed('save API Integration', saved);
  job.say(`save API Integration App ID ${appId}, Mode Live`);
  const tested = await admin.submit(saved, `${at}/test`, typed);
  const result = tested.root.querySelector('[data-result]');
  if (result?.getAttribute('data-result') !== 'ok') throw failed('test connection', tested);
  job.say(`test connection      ${wordsOf(result)}`);
}

async function connect(job: MainJob, member: HttpPerson, team: string): Promise<string> {
  const consent = await member.submit(await member.get(`${team}/channels?add`), '/channels/connect/tiktok');
  const back = await member.submit(consent, '/v2/auth/authorize/', {
    account,
    decision: 'authorize',
    scopes: job.world.scopes,
  });
  const list = await member.get(`${team}/channels`);
  const channel = list.root.querySelector('[data-channel]')?.getAttribute('data-channel');
  if (channel === undefined) throw failed(`connect @${account}`, back);
  job.say(`connect              @${account}`);
  return channel;
}

async function upload(job: MainJob, member: HttpPerson, team: string): Promise<string> {
  await member.get(`${team}/files`);
  const { size } = await stat(job.file);
  const content = await openAsBlob(job.file);
  const taken = await member.upload(`${team}/files`, { content, name: path.basename(job.file) });
  const item = taken.root.querySelector('[data-state=ready]');
  if (!item) throw failed('upload', taken);
  job.say(`upload               ${size.toLocaleString('en')} bytes, ${wordsOf(item.querySelector('.t-fine'))}`);
  return item.getAttribute('data-media') ?? '';
}

async function schedule(
  job: MainJob,
  member: HttpPerson,
  what: { team: string; channel: string; media: string },
): Promise<string> {
  const chosen = { channels: [what.channel], media: what.media, caption };
  const empty = await member.get(`${what.team}/posts/new`);
  const form = await member.submit(empty, `${what.team}/posts`, { ...chosen, act: 'options' });
  const options = { [`options.${what.channel}.privacy`]: 'PUBLIC_TO_EVERYONE' };
  const send = (from: Page, now: string): Promise<Page> => {
    const due = { when: 'schedule', date: now.slice(0, 10), time: now.slice(11, 16) };
    return member.submit(from, `${what.team}/posts`, { ...chosen, ...options, ...due, act: 'schedule' });
  };
  let now = job.world.wallTimeNow();
  let page = await send(form, now);
  // The minute may turn between reading the clock and pressing the button: a person would type the new one.
  if (page.status === 422 && job.world.wallTimeNow() !== now) {
    now = job.world.wallTimeNow();
    page = await send(page, now);
  }
  if (!/\/posts\/\d+$/.test(new URL(page.address).pathname)) throw failed('schedule', page);
  job.say(`schedule             ${now.replace('T', ' ')} ${job.world.zone}`);
  return new URL(page.address).pathname;
}

/** Follows the post's page until its state is final; the chunks are shown as the simulator receives them. */
async function watch(job: MainJob, member: HttpPerson, post: string): Promise<void> {
  const stopShowing = showChunks(job);
  const end = performance.now() + patienceMs;
  let last = '';
  try {
    while (performance.now() < end) {
      const page = await member.get(post);
      const delivery = page.root.querySelector('[data-delivery]');
      const state = delivery?.getAttribute('data-state') ?? 'missing';
      if (state !== last && state !== 'publishing') job.say(lineOf(state, delivery));
      last = state;
      if (state === 'published') return;
      if (['failed', 'needs-attention', 'cancelled', 'missing'].includes(state)) throw failed('publish', page);
      await pause(100);
    }
  } finally {
    stopShowing();
  }
  throw new Error(`publish: still ${last} after ${patienceMs / 1000} s`);
}

function lineOf(state: string, delivery: HTMLElement | null): string {
  if (state === 'scheduled') return 'scheduled            waiting for the worker';
  if (state === 'processing') return 'processing           TikTok has all of it and is checking it';
  const link = delivery?.querySelector('a[href^="https://"]')?.getAttribute('href');
  const words = link ?? wordsOf(delivery?.querySelector('.t-strong') ?? null);
  return `${state.padEnd(20)} ${words}`;
}

function showChunks(job: MainJob): () => void {
  let shown = 0;
  return job.world.onRequest(() => {
    const [publish] = job.world.simulator.control.publishes();
    for (const chunk of publish?.chunk_requests.slice(shown) ?? []) {
      shown += 1;
      const count = publish?.total_chunk_count ?? 1;
      const filled = Math.round((24 * shown) / count);
      const bar = `${'█'.repeat(filled)}${'░'.repeat(Math.max(0, 24 - filled))}`;
      job.say(`publish              ${bar} chunk ${shown} of ${count}, TikTok answered ${chunk.status}`);
    }
  });
}

async function compareBytes(job: MainJob): Promise<void> {
  const [post, ...more] = job.world.simulator.control.posts();
  const sent = await sha256Of(job.file);
  job.say(`SHA-256 of the file  ${sent}`);
  job.say(`SHA-256 received     ${post?.sha256 ?? 'nothing'}`);
  if (post?.sha256 !== sent) throw new Error('The simulator did not receive the file byte for byte.');
  if (more.length > 0) throw new Error(`The video was posted ${more.length + 1} times.`);
}

/** Asks for the newest numbers and waits until the video just published is the first of the list. */
async function showChannel(job: MainJob, member: HttpPerson, address: string): Promise<void> {
  const [post] = job.world.simulator.control.posts();
  const end = performance.now() + patienceMs;
  await member.submit(await member.get(address), '/refresh');
  while (performance.now() < end) {
    const { root } = await member.get(address);
    const newest = root.querySelector('[data-video-id]');
    const id = job.world.simulator.control.posts()[0]?.post_id ?? post?.post_id;
    if (newest && newest.getAttribute('data-video-id') === id) {
      const stats = root.querySelectorAll('[data-stat]').map((stat) => wordsOf(stat));
      job.say(`channel              ${stats.join(', ')}`);
      job.say(`newest video         ${id} ${wordsOf(newest.querySelector('.t-clip-2'))}`);
      return;
    }
    await pause(250);
    if (id !== null) await member.submit(await member.get(address), '/refresh');
  }
  throw new Error('The channel page does not list the video that was published.');
}

function failed(step: string, page: Page): Error {
  const said = page.root.querySelectorAll('[role=alert], [aria-invalid=true], .hint').map((one) => wordsOf(one));
  return new Error(`${step}: ${said.join(' ') || wordsOf(page.root.querySelector('main'))} (HTTP ${page.status})`);
}
