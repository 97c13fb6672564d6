import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { DatabaseTarget } from '../core/db/database.ts';
import { startProcess } from './lib/commands.ts';
import { type BenchServer, onEachServer } from './lib/databases.ts';
import { median, rounded } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';

const videosAPage = 20;

/** All videos of a profile from a TikTok without limits, beside a loop that only fetches the pages. */
export const sync: Goal = {
  id: 'B12',
  title: 'sync of the list of videos',
  run: (context) => onEachServer((server) => measure(context, server)),
};

const part = z.object({
  ...{ seconds: z.number(), cpuSeconds: z.number() },
  writes: z.object({ all: z.number(), videos: z.number() }),
  ...{ requests: z.number(), bytes: z.number(), address: z.string() },
});
const report = z.object({ first: part, again: part, growth: z.number() });

interface Round {
  readonly ours: z.output<typeof report>;
  readonly bare: z.output<typeof report>;
}

async function measure(context: BenchContext, server: BenchServer): Promise<readonly Figure[]> {
  const sizes = context.isSmall ? [1_000, 5_000] : [1_000, 10_000, 100_000];
  const rounds = new Map<number, Round[]>(sizes.map((videos) => [videos, []]));
  for (let round = 1; round <= context.rounds; round += 1) {
    for (const videos of sizes) {
      const bare = await read('bare', videos);
      const ours = await read('ours', videos, await targetOf(server));
      askedAlike(ours.first, bare.first);
      rounds.get(videos)?.push({ ours, bare });
      context.say({ goal: 'B12', database: server.name, round, videos, ours, bare });
    }
  }
  return figuresOf(server, rounds);
}

/** The peer asks for the same pages in the same words, and is answered the same bytes. */
function askedAlike(ours: z.output<typeof part>, bare: z.output<typeof part>): void {
  if (ours.address === bare.address && ours.bytes === bare.bytes) return;
  throw new Error('The product and the bare loop were not answered the same.');
}

/** SQLite has a file of its own in each process. */
async function targetOf(server: BenchServer): Promise<DatabaseTarget | undefined> {
  if (server.name === 'SQLite') return undefined;
  const database = await server.open();
  await database.close();
  return database.target;
}

async function read(mode: 'ours' | 'bare', videos: number, target?: DatabaseTarget): Promise<z.output<typeof report>> {
  const tiktok = await startProcess({
    ...{ args: [path.join(import.meta.dirname, 'bare/video-list.mjs')], ready: 'video list is up', folder: tmpdir() },
    environment: { VIDEOS: String(videos) },
  });
  const url = tiktok.url.replace('localhost', '127.0.0.1');
  // As `npm run worker` starts it.
  const flags = ['--max-semi-space-size=4', '--max-old-space-size=1024'];
  const execArgv = ['--import=tsx', '--conditions=castdeck-source', ...flags];
  const order = JSON.stringify({ mode, url, target });
  const child = fork(path.join(import.meta.dirname, 'sync-process.ts'), [order], { execArgv });
  const answer: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  await tiktok.stop();
  return report.parse(answer[0]);
}

function figuresOf({ name }: BenchServer, rounds: ReadonlyMap<number, readonly Round[]>): readonly Figure[] {
  const all = [...rounds].flatMap(([videos, some]) => some.map((round) => ({ ...round, pages: pagesOf(videos) })));
  const [[, fewest = []] = [0], [most, largest = []] = [0]] = [[...rounds][0], [...rounds].at(-1)];
  const figure = (what: string, [value, unit]: readonly [number, string], bounds: Partial<Figure>): Figure => ({
    ...{ what, database: name, value: rounded(value), unit, ...bounds },
  });
  const timeOf = (some: readonly Round[]): number => median(some.map(({ ours }) => ours.first.seconds));
  const worst = (of: (one: (typeof all)[number]) => number): number => Math.max(...all.map(of));
  const ratio = median(largest.map(({ ours, bare }) => ours.first.seconds / bare.first.seconds));
  const times = largest === fewest ? 1 : most / Math.min(...rounds.keys());
  return [
    figure('requests beyond a page for 20', [worst(({ ours, pages }) => ours.first.requests - pages), ''], {
      must: { atMost: 0 },
    }),
    figure('statements that write, a page', [worst(({ ours, pages }) => ours.first.writes.all / pages), ''], {
      must: { atMost: 1 },
    }),
    figure('time, to the loop that only fetches', [ratio, '×'], { must: { atMost: 1.5 }, close: { atMost: 1.1 } }),
    figure('growth of memory', [median(largest.map(({ ours }) => ours.growth)), ' MiB'], { must: { atMost: 64 } }),
    figure(`time, 1k to ${most / 1_000}k`, [timeOf(largest) / timeOf(fewest), '×'], { must: { atMost: times * 1.1 } }),
    figure('videos written when nothing changed', [worst(({ ours }) => ours.again.writes.videos), ''], {
      must: { atMost: 0 },
    }),
  ];
}

function pagesOf(videos: number): number {
  return Math.ceil(videos / videosAPage);
}
