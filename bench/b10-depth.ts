import { createCalendarStore } from '../core/calendar/calendar-store.ts';
import { systemClock } from '../core/clock.ts';
import type { Database } from '../core/db/database.ts';
import { createMediaStore } from '../core/media/media-store.ts';
import { createListHead } from '../core/posts/list-head.ts';
import { createPostStore } from '../core/posts/post-store.ts';
import { rowsRead } from '../test/support/rows-read.ts';
import { type BenchDatabase, type BenchServer, onEachServer } from './lib/databases.ts';
import { addChannels, fillEngine, openEngine } from './lib/engine.ts';
import { fillFiles, fillVideos, startOfFill, stepOfFill } from './lib/fill-lists.ts';
import { median, rounded, timed } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';
import { type Place, videosAt } from './lib/video-walk.ts';
import { settle } from './lib/settle.ts';

const pageSize = 50;
const countedUpTo = 1_001;

/** A page costs the same wherever it is, however long the list. */
export const depth: Goal = {
  id: 'B10',
  title: 'lists and calendar at depth',
  run: (context) => onEachServer((server) => measure(context, server)),
};

/** All lists of one size. */
interface Shelf {
  readonly database: BenchDatabase;
  readonly teamId: number;
  readonly channelId: number;
  readonly posts: number;
  readonly videos: number;
}

/** Reads one page. @param share how much of the list is in front of it */
type ReadPage = (shelf: Shelf, db: Database, share: number) => Promise<unknown>;

/** The nth post is due, and was changed, at its step; a page begins in front of a post. */
const postKey = ({ posts }: Shelf, share: number) => {
  const id = Math.ceil(posts * (1 - share)) + 1;
  return { id, at: startOfFill + id * stepOfFill };
};

const lists: Readonly<Record<string, ReadPage>> = {
  posts: (shelf, db, share) =>
    createPostStore(db).page({
      ...{ teamId: shelf.teamId, state: undefined, limit: pageSize },
      ...(share === 0 ? {} : { before: postKey(shelf, share) }),
    }),
  'posts of a state': (shelf, db, share) =>
    createPostStore(db).page({
      ...{ teamId: shelf.teamId, state: 'scheduled', limit: pageSize },
      ...(share === 0 ? {} : { before: postKey(shelf, share) }),
    }),
  calendar: (shelf, db, share) => {
    const { at: to } = postKey(shelf, share);
    const span = { from: to - pageSize * stepOfFill, to, firstDate: '2027-01-15', endDate: '2027-02-15' };
    return createCalendarStore(db).posts(shelf.teamId, span, 1_000);
  },
  files: (shelf, db, share) =>
    createMediaStore(db).page(shelf.teamId, { before: share === 0 ? null : postKey(shelf, share).id, limit: pageSize }),
  'videos by date': (shelf, db, share) => videosAt(db, placeOf(shelf, 'date', share)),
  'videos by views': (shelf, db, share) => videosAt(db, placeOf(shelf, 'views', share)),
};

function placeOf({ channelId, videos }: Shelf, sort: Place['sort'], share: number): Place {
  return { channelId, sort, limit: pageSize, n: share === 0 ? null : Math.floor(videos * share) };
}

const shares = { first: 0, middle: 0.5, '99 %': 0.99 } as const;

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const few = await fill(server, 1_000, 1_000);
  const many = await (context.isSmall ? fill(server, 20_000, 5_000) : fill(server, 1_000_000, 100_000));
  const sides: Sides = { context, server, few, many };
  const growths: number[] = [];
  const depths: number[] = [];
  for (const list of Object.keys(lists)) {
    const { growth, depth: deep } = await timesOf(sides, list);
    growths.push(growth);
    depths.push(deep);
  }
  const reads = server.name === 'MariaDB' ? await readsOf(sides) : undefined;
  const tabs = await tabsOf(sides);
  for (const { database } of [few, many]) await database.close();
  const figure = (what: string, [value, unit]: readonly [number, string], most: number): Figure => ({
    ...{ what, database: server.name, value: rounded(value), unit, must: { atMost: most } },
  });
  return [
    figure('first page, 1k → 1M, the worst list', [Math.max(...growths), '×'], 2),
    figure('any page of the longest, to its first, the worst list', [Math.max(...depths), '×'], 3),
    ...(reads === undefined ? [] : [figure('rows read for one shown, the worst page', [reads, ''], 6)]),
    figure('numbers of all tabs', [tabs, ' ms'], 5),
  ];
}

interface Sides {
  readonly context: BenchContext;
  readonly server: BenchServer;
  readonly few: Shelf;
  readonly many: Shelf;
}

async function fill(server: BenchServer, posts: number, videos: number): Promise<Shelf> {
  const database = await server.open();
  const { db } = database;
  const world = await openEngine(database);
  const channelIds = await addChannels(world, 5);
  await fillEngine(world, {
    ...{ from: 1, to: posts, channelIds },
    ...{ state: 'scheduled', firstAt: startOfFill, stepMs: stepOfFill },
  });
  await db.knex('posts').update({ updated_at: db.knex.ref('due_at') });
  await fillFiles(db, { teamId: world.teamId, userId: world.actor.id, files: posts });
  const [channelId = 0] = channelIds;
  await fillVideos(db, channelId, videos);
  const tables = 'posts, deliveries, media, post_media, tiktok_videos';
  await db.knex.raw(db.kind === 'sqlite' ? 'analyze' : `analyze table ${tables}`);
  await settle(db);
  return { database, teamId: world.teamId, channelId, posts, videos };
}

/** The pages in turn, another one first each time. */
async function timesOf({ context, server, few, many }: Sides, list: string) {
  const places = Object.entries(shares);
  const pages = [
    { name: '1k first', shelf: few, share: 0 },
    ...places.map(([name, share]) => ({ name, shelf: many, share })),
  ];
  const taken = new Map<string, number[]>(pages.map(({ name }) => [name, []]));
  for (let n = 0; n < context.rounds * 20; n += 1) {
    const first = n % pages.length;
    for (const { name, shelf, share } of [...pages.slice(first), ...pages.slice(0, first)]) {
      taken.get(name)?.push(await timed(async () => lists[list]?.(shelf, shelf.database.db, share)));
    }
  }
  const ms = Object.fromEntries([...taken].map(([name, all]) => [name, rounded(median(all))]));
  context.say({ goal: 'B10', database: server.name, list, ms });
  const firstMs = ms['first'] ?? NaN;
  return {
    growth: firstMs / (ms['1k first'] ?? NaN),
    depth: Math.max(...places.map(([name]) => (ms[name] ?? NaN) / firstMs)),
  };
}

/** The most rows that the server reads for one that is shown. */
async function readsOf({ context, server, many }: Sides): Promise<number> {
  const worst: number[] = [];
  for (const [list, read] of Object.entries(lists)) {
    const reads: number[] = [];
    for (const share of Object.values(shares))
      reads.push(await readsBy(many.database.db, (db) => read(many, db, share)));
    context.say({ goal: 'B10', database: server.name, list, reads });
    worst.push(Math.max(...reads) / pageSize);
  }
  return Math.max(...worst);
}

/** On one connection, so that its counters are those of this page. */
async function readsBy(db: Database, read: (one: Database) => Promise<unknown>): Promise<number> {
  return db.transaction(async (sql) => {
    const one: Database = { ...db, knex: sql, transaction: (work) => work(sql) };
    const before = await rowsRead(one);
    const own = (await rowsRead(one)) - before;
    await read(one);
    return (await rowsRead(one)) - before - 2 * own;
  });
}

async function tabsOf({ context, server, many }: Sides): Promise<number> {
  const { db } = many.database;
  const taken: number[] = [];
  for (let n = 0; n < context.rounds * 20; n += 1) {
    // A new one has counted nothing yet, as after ten seconds: then a team with more than is counted takes longest.
    const readHead = createListHead({ db, clock: systemClock });
    const question = { teamId: many.teamId, limit: countedUpTo, batchIds: [], asksForUnfinished: true };
    taken.push(await timed(() => readHead(question)));
  }
  const ms = rounded(median(taken));
  context.say({ goal: 'B10', database: server.name, list: 'tabs', ms });
  return ms;
}
