import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { type DemoWorld, openDemoWorld } from '../core/bin/demo/demo-world.ts';
import { wallTimeAt } from '../core/time/zones.ts';
import { DeskPerson } from '../test/support/desk-person.ts';
import { findProgram } from '../test/support/needs.ts';
import { median, pause } from './lib/figures.ts';
import { fillDeliveries } from './lib/fill.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';
import { signIn, type Visitor } from './lib/visitor.ts';

const dayMs = 86_400_000;
const channelCount = 50;
/** How long TikTok takes for an answer. */
const latencyMs = 250;

/**
 * The pages that grow with a team's channels, in Chromium: until a person can work in them. The installation is that of
 * the demo, with 50 profiles, each with a picture, 1,000 posts in 30 days, and a TikTok that takes a quarter of a second.
 */
export const fiftyChannels: Goal = {
  id: 'PAGES',
  title: 'composer and calendar with 50 channels',
  async run(context) {
    const executablePath = findProgram('chromium');
    if (executablePath === undefined) throw new Error('chromium is missing.');
    const world = await openDemoWorld({ port: 0, simulatorPort: 0 });
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    try {
      return await measure(context, { world, browser, team: await makeTeam(world, context) });
    } finally {
      await browser.close();
      await world.close();
    }
  },
};

interface Team {
  readonly path: string;
  readonly draft: string;
  readonly visitor: Visitor;
}

interface Place {
  readonly world: DemoWorld;
  readonly browser: Browser;
  readonly team: Team;
}

/** The installation before anybody looks: profiles connected, posts planned, a draft for all of the profiles. */
async function makeTeam(world: DemoWorld, { isSmall }: BenchContext): Promise<Team> {
  const { panel, simulator, url } = world;
  const [team] = await panel.services.teams.list();
  const id = team?.id ?? 0;
  const path = `/team/${id}`;
  simulator.control.setSwitches({ rate_limits: 'off' });
  await (await DeskPerson.signIn(url, path, world.admin)).saveCredentials();
  const desk = await DeskPerson.signIn(url, path, world.member);
  const channelIds: number[] = [];
  for (let n = 1; n <= (isSmall ? 5 : channelCount); n += 1) {
    const username = `bakery.no${n}`;
    simulator.control.putAccount({ username, nickname: `Hazel & Rye No. ${n}` });
    channelIds.push(Number(await desk.connect(username)));
  }
  const { db, clock } = panel.base;
  const author = await db.knex('users').where({ email: world.member.email }).first<{ id: number }>('id');
  await fillDeliveries(db, 'bench', {
    ...{ teamId: id, authorId: author.id, channelIds, plugin: 'tiktok', state: 'scheduled' },
    ...{ from: 1, to: 1_000, firstAt: clock.now() + dayMs, stepMs: (30 * dayMs) / 1_000 },
  });
  // The first look at each profile has come back.
  await pause(3_000);
  simulator.control.setSwitches({ latency_ms: latencyMs });
  const visitor = await signIn(url, `${path}/posts/new`, world.member);
  return { path, visitor, draft: await keepDraft(url, { path, visitor, channelIds }) };
}

/** @returns the address of its composer */
async function keepDraft(
  url: string,
  { path, visitor, channelIds }: Pick<Team, 'path' | 'visitor'> & { readonly channelIds: readonly number[] },
): Promise<string> {
  const fields = new URLSearchParams({ _csrf: visitor.token, nonce: 'a'.repeat(32), when: 'schedule' });
  fields.set('caption', 'Cardamom buns from seven');
  for (const id of channelIds) fields.append('channels', String(id));
  const answer = await fetch(`${url}${path}/posts/drafts`, {
    ...{ method: 'POST', body: fields },
    headers: { cookie: visitor.cookie, origin: url },
  });
  const action = /data-action="([^"]+)"/u.exec(await answer.text())?.[1];
  if (action === undefined) throw new Error(`The draft was not kept: HTTP ${answer.status}.`);
  return `${action}/edit`;
}

interface Look {
  readonly what: string;
  readonly address: string;
  /** Ends when a person can work, having done so. */
  readonly use: (page: Page) => Promise<void>;
}

interface Seen {
  readonly usableMs: number;
  /** Of server and browser together: does not depend on what else the machine does. */
  readonly cpuMs: number;
  readonly serverMs: number;
  readonly kibibytes: number;
}

async function measure(context: BenchContext, place: Place): Promise<readonly Figure[]> {
  const { team, world } = place;
  const month = wallTimeAt(world.panel.base.clock.now() + 10 * dayMs, world.zone).slice(0, 10);
  const looks: readonly Look[] = [
    { what: 'composer, 50 to choose from', address: `${team.path}/posts/new`, use: tickTheLast },
    { what: 'composer, 50 chosen', address: team.draft, use: typeACaption },
    { what: 'calendar, 1,000 posts', address: `${team.path}/calendar?view=month&date=${month}`, use: seeThePosts },
  ];
  const figures: Figure[] = [];
  for (const look of looks) {
    const seen: Seen[] = [];
    for (let round = 1; round <= context.rounds; round += 1) {
      seen.push(await lookOnce(place, look));
      context.say({ goal: 'PAGES', what: look.what, round, ...seen.at(-1) });
    }
    figures.push(...figuresOf(look, seen));
  }
  return [...figures, await untilAllIsAsked(context, place)];
}

function figuresOf({ what }: Look, seen: readonly Seen[]): readonly Figure[] {
  const of = (name: keyof Seen) => median(seen.map((one) => one[name]));
  const database = 'SQLite' as const;
  return [
    { what: `${what}: usable after`, database, value: of('usableMs'), unit: ' ms', must: { atMost: 1_000 } },
    { what: `${what}: CPU until then, server and browser`, database, value: of('cpuMs'), unit: ' ms' },
    { what: `${what}: the page itself`, database, value: of('serverMs'), unit: ' ms' },
    { what: `${what}: bytes until then`, database, value: of('kibibytes'), unit: ' KiB' },
  ];
}

/**
 * As people come: from the dashboard, in a browser profile that has seen no other page. What all pages share is in its
 * cache, what only this one needs is not.
 */
async function lookOnce({ world, browser, team }: Place, { address, use }: Look): Promise<Seen> {
  const context = await signedIn(browser, { url: world.url, visitor: team.visitor });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    let bytes = 0;
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await devtools.send('Network.enable');
    await page.goto(`${world.url}${team.path}/`, { waitUntil: 'load' });
    await pause(1_000);
    bytes = 0;
    const cpuBefore = await cpuOf(browser);
    const begun = performance.now();
    await page.goto(world.url + address, { waitUntil: 'commit' });
    await use(page);
    const usableMs = performance.now() - begun;
    const cpuMs = (await cpuOf(browser)) - cpuBefore;
    const serverMs = await page.evaluate<number>(
      '(([entry]) => entry.responseEnd - entry.requestStart)(performance.getEntriesByType("navigation"))',
    );
    return { usableMs, cpuMs, serverMs, kibibytes: bytes / 1_024 };
  } finally {
    await context.close();
  }
}

/** Milliseconds since the start: this process, where the server is, and all of Chromium's. */
async function cpuOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000 + processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1_000, 0);
}

/** With 50 chosen, until the network has been asked for each of them: the page is used meanwhile. */
async function untilAllIsAsked(context: BenchContext, { world, browser, team }: Place): Promise<Figure> {
  const taken: number[] = [];
  for (let round = 1; round <= context.rounds; round += 1) {
    const own = await signedIn(browser, { url: world.url, visitor: team.visitor });
    const page = await own.newPage();
    const begun = performance.now();
    await page.goto(world.url + team.draft, { waitUntil: 'commit' });
    await page.locator('[data-group]').first().waitFor();
    await page.locator('[data-group][data-waiting]').last().waitFor({ state: 'detached', timeout: 60_000 });
    taken.push(performance.now() - begun);
    context.say({ goal: 'PAGES', what: 'all options', round, ms: taken.at(-1) });
    await own.close();
  }
  return { what: 'composer, 50 chosen: all options are there', database: 'SQLite', value: median(taken), unit: ' ms' };
}

async function signedIn(
  browser: Browser,
  { url, visitor }: { readonly url: string; readonly visitor: Visitor },
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const cookies = visitor.cookie.split('; ').map((pair) => pair.split('=', 2));
  await context.addCookies(cookies.map(([name = '', value = '']) => ({ name, value, url })));
  return context;
}

async function tickTheLast(page: Page): Promise<void> {
  await page.locator('input[name="channels"]').last().check();
  await page.locator('[data-group]').first().waitFor();
}

async function typeACaption(page: Page): Promise<void> {
  await page.locator('#caption').fill('Twelve letters and more, written over what stood there');
  await page.locator('[data-words]', { hasText: 'written over what stood there' }).waitFor();
}

async function seeThePosts(page: Page): Promise<void> {
  await page.locator('[data-grid] .ec-event').first().waitFor();
}
