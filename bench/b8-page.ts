import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Started, startCommand, startProcess } from './lib/commands.ts';
import { type BenchServer, onEachServer } from './lib/databases.ts';
import { median, rounded } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';
import { load, type Served } from './lib/load.ts';
import { type BenchWeb, benchZone, openWeb } from './lib/panel.ts';
import { cookieOf } from './lib/visitor.ts';
import { type Asked, askedBy, fillPosts } from './lib/posts.ts';

const connections = 50;

/** The list of posts as it is shipped, for somebody who is signed in, beside bare Express and EJS with the same page. */
export const page: Goal = {
  id: 'B8',
  title: 'the list of posts under load',
  run: (context) => onEachServer((server) => measure(context, server)),
};

interface Round {
  readonly ours: Served;
  readonly bare: Served;
}

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const database = await server.open();
  await database.close();
  const opened = await openWeb({ channels: 3, ...(server.name === 'MariaDB' ? { target: database.target } : {}) });
  const posts = context.isSmall ? 2_000 : 100_000;
  await fillPosts(opened, { posts, firstAt: opened.panel.base.clock.now() - posts * 60_000 });
  const address = `/team/${opened.teamId}/posts`;
  const html = await opened.get(address);
  const asked = await askedBy(opened.panel.base.db, () => opened.get(address));
  const rounds = await inTurn(context, server, { opened, address, html });
  await opened.close();
  return figuresOf(server, rounds, asked);
}

interface Scene {
  readonly opened: BenchWeb;
  readonly address: string;
  readonly html: string;
}

async function inTurn(
  context: BenchContext,
  server: BenchServer,
  { opened, address, html }: Scene,
): Promise<readonly Round[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-bench-'));
  const file = path.join(folder, 'page.json');
  await writeFile(file, JSON.stringify(piecesOf(html)));
  const ours = await startCommand('web', { folder, environment: opened.environment });
  const args = [path.join(import.meta.dirname, 'bare/express-page.mjs')];
  const bare = await startProcess({ args, ready: 'bare page is up', folder, environment: { PAGE: file } });
  // Whatever its port is, it answers to the installation's own address only.
  const headers = { cookie: await cookiesOf(opened, address), host: new URL(opened.url).host };
  const ask = (started: Started, where: string): Promise<Served> =>
    load(started, { url: started.url + where, headers, connections, seconds: context.isSmall ? 2 : 8 });
  await checkSame(html, bare);
  const rounds: Round[] = [];
  // What is compiled and cached once is no part of it.
  await ask(ours, address);
  await ask(bare, '/');
  for (let round = 1; round <= context.rounds; round += 1) {
    const seen = { ours: await ask(ours, address), bare: await ask(bare, '/') };
    rounds.push(seen);
    context.say({ goal: 'B8', database: server.name, round, bytes: html.length, ...seen });
  }
  await ours.stop();
  await bare.stop();
  await rm(folder, { recursive: true, force: true });
  return rounds;
}

/** A browser that has seen the page once sends all that it was given there. */
async function cookiesOf({ url, cookie }: BenchWeb, address: string): Promise<string> {
  const given = cookieOf(await fetch(url + address, { headers: { cookie } }));
  return given === '' ? cookie : `${cookie}; ${given}`;
}

/** One row of the list as it is written, a delivery of each post. */
const rowLooks =
  /data-post="(?<post>\d+)".*?data-delivery="(?<delivery>\d+)" data-channel="(?<channel>\d+)" data-state="(?<state>[^"]+)".*?href="(?<href>[^"]+)">(?<title>[^<]*)<.*?aria-hidden="true">(?<initials>[^<]*)<\/span>(?<nickname>[^<]*)<.*?<time datetime="(?<at>[^"]+)".*?<use href="(?<icon>[^"]+)"><\/use><\/svg>(?<word>[^<]*)</su;

/** Head and foot as they are, and the facts of each row, to be written anew. */
function piecesOf(html: string) {
  const [start, end] = [html.indexOf('<tbody'), html.lastIndexOf('</table>')];
  const rows = html.slice(start, end).split(/(?=<tbody)/u);
  return {
    ...{ head: html.slice(0, start), foot: html.slice(end), zone: benchZone },
    rows: rows.map((row) => {
      const facts = rowLooks.exec(row)?.groups;
      if (facts === undefined) throw new Error(`A row of the list has another look now: ${row}`);
      const plain = Object.fromEntries(Object.entries(facts).map(([name, text]) => [name, unescaped(text)]));
      return { ...plain, at: Date.parse(plain['at'] ?? '') };
    }),
  };
}

function unescaped(text: string): string {
  return text.replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** @throws when what is measured side by side is not the same page */
async function checkSame(html: string, bare: Started): Promise<void> {
  const theirs = await (await fetch(bare.url)).text();
  if (theirs !== html) throw new Error('Bare Express and EJS do not write the same page: bench/bare/posts.ejs is old.');
}

function figuresOf({ name }: BenchServer, rounds: readonly Round[], asked: Asked): readonly Figure[] {
  const isSqlite = name === 'SQLite';
  const figure = (what: string, [value, unit]: readonly [number, string], bounds: Partial<Figure>): Figure => ({
    ...{ what, database: name, value: rounded(value), unit, ...bounds },
  });
  const ratio = (of: (served: Served) => number): number => median(rounds.map(({ ours, bare }) => of(ours) / of(bare)));
  return [
    figure('CPU a page, to bare Express and EJS', [ratio(({ cpuEach }) => cpuEach), '×'], {
      must: { atMost: isSqlite ? 2.5 : 3.3 },
      close: { atMost: isSqlite ? 1.9 : 2.3 },
    }),
    figure('pages a second, to bare', [ratio(({ perSecond }) => perSecond), '×'], {
      must: { atLeast: isSqlite ? 0.35 : 0.25 },
      close: { atLeast: isSqlite ? 0.54 : 0.4 },
    }),
    figure('p99, to bare', [ratio(({ p99 }) => p99), '×'], { must: { atMost: 4 } }),
    figure('statements of a page', [asked.statements.length, ''], { must: { atMost: 6 } }),
    figure('writes of a page', [asked.writes.length, ''], { must: { atMost: 0 } }),
  ];
}
