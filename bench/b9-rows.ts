import { type BenchServer, onEachServer } from './lib/databases.ts';
import { median, rounded, timed } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';
import { type BenchWeb, openWeb } from './lib/panel.ts';
import { askedBy, fillPosts, formattersMadeBy } from './lib/posts.ts';

const minute = 60_000;
const month = Date.UTC(2026, 10, 1, 12);

/** A page costs as much as it has rows, and asks the database as often for many as for few. */
export const rows: Goal = {
  id: 'B9',
  title: 'growth of a page with its rows',
  run: (context) => onEachServer((server) => measure(context, server)),
};

/** The same page with some rows and with ten times as many, each in an installation of its own. */
interface Pair {
  readonly page: string;
  readonly few: BenchWeb;
  readonly many: BenchWeb;
  readonly address: string;
}

interface Seen {
  readonly time: number;
  readonly statements: number;
  readonly formatters: number;
}

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const list = {
    page: 'list',
    few: await open(server, { posts: 50, channelsEach: 1 }),
    many: await open(server, { posts: 50, channelsEach: 10 }),
  };
  const calendar = {
    page: 'calendar',
    few: await open(server, { posts: 100, channelsEach: 1 }),
    many: await open(server, { posts: 1_000, channelsEach: 1 }),
  };
  const listed = await compare(context, server, { ...list, address: `/team/${list.few.teamId}/posts` });
  const month = `/team/${calendar.few.teamId}/calendar?view=month&date=2026-11-10`;
  const dated = await compare(context, server, { ...calendar, address: month });
  for (const { few, many } of [list, calendar]) {
    await few.close();
    await many.close();
  }
  const figure = (what: string, [value, unit]: readonly [number, string], most: number): Figure => ({
    ...{ what, database: server.name, value: rounded(value), unit, must: { atMost: most } },
  });
  return [
    figure('list, 50 → 500 rows', [listed.time, '×'], 11),
    figure('a month, 100 → 1,000 posts', [dated.time, '×'], 11),
    figure('statements more for ten times the rows', [Math.max(listed.statements, dated.statements), ''], 0),
    figure('formatters made by a page', [Math.max(listed.formatters, dated.formatters), ''], 0),
  ];
}

interface Size {
  readonly posts: number;
  readonly channelsEach: number;
}

async function open(server: BenchServer, { posts, channelsEach }: Size): Promise<BenchWeb> {
  const database = await server.open();
  await database.close();
  const target = server.name === 'MariaDB' ? { target: database.target } : {};
  const web = await openWeb({ channels: 10, ...target });
  await fillPosts(web, { posts, channelsEach, firstAt: month, stepMs: 20 * minute });
  return web;
}

async function compare(context: BenchContext, server: BenchServer, { page, few, many, address }: Pair): Promise<Seen> {
  const taken = new Map<BenchWeb, number[]>([few, many].map((web) => [web, []]));
  // What is compiled and cached once is no part of it.
  for (const web of [few, many]) await web.get(address);
  for (let n = 0; n < context.rounds * 10; n += 1) {
    for (const web of n % 2 === 0 ? [few, many] : [many, few]) {
      taken.get(web)?.push(await timed(() => web.get(address)));
    }
  }
  const ms = (web: BenchWeb): number => median(taken.get(web) ?? []);
  const [asked = 0, askedOfMany = 0] = await Promise.all(
    [few, many].map(async (web) => (await askedBy(web.panel.base.db, () => web.get(address))).statements.length),
  );
  const formatters = await formattersMadeBy(() => many.get(address));
  const facts = { ms: { few: rounded(ms(few)), many: rounded(ms(many)) }, statements: { asked, askedOfMany } };
  context.say({ goal: 'B9', database: server.name, page, ...facts, formatters });
  return { time: ms(many) / ms(few), statements: askedOfMany - asked, formatters };
}
