import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { planChunks } from '../plugins/tiktok/api/chunks.ts';
import { median, rounded } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';
import { type Sink, startSink } from './lib/sink.ts';

const mebibyte = 1_048_576;

/** The product's own uploader, to a local sink that checks the ranges. */
export const outgoing: Goal = {
  id: 'B6',
  title: 'outgoing upload',
  async run(context) {
    const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-bench-'));
    const sink = await startSink();
    const slow = await startSink(60_000_000);
    try {
      const [small, large] = await Promise.all([fileOf(folder, 256), fileOf(folder, context.isSmall ? 512 : 1_024)]);
      return await measure(context, { small, large, sink, slow });
    } finally {
      await Promise.all([sink.close(), slow.close()]);
      await rm(folder, { recursive: true, force: true });
    }
  },
};

export interface VideoFile {
  readonly path: string;
  readonly bytes: number;
}

/** A file of this size that takes no room. */
export async function fileOf(folder: string, mebibytes: number): Promise<VideoFile> {
  const file = path.join(folder, `${mebibytes}.mp4`);
  await writeFile(file, '');
  await truncate(file, mebibytes * mebibyte);
  return { path: file, bytes: mebibytes * mebibyte };
}

const reportSchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  growthMiB: z.number(),
  peakMiB: z.number(),
  lagMs: z.number(),
});
type Report = z.infer<typeof reportSchema> & { readonly requests: number };

interface Run {
  readonly mode: 'ours' | 'node:http';
  readonly file: VideoFile;
  readonly atOnce: number;
  readonly sink: Sink;
}

/** By a process of its own. @returns what it cost; `requests` without the one that warmed it up */
export async function upload({ mode, file, atOnce, sink }: Run): Promise<Report> {
  sink.reset();
  const order = JSON.stringify({ mode, url: sink.url, file: file.path, atOnce });
  const execArgv = ['--import=tsx', '--conditions=castdeck-source', '--max-semi-space-size=4'];
  const child = fork(path.join(import.meta.dirname, 'uploader-process.ts'), [order], { execArgv });
  const answer: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  return { ...reportSchema.parse(answer[0]), requests: sink.requests() - 1 };
}

interface Parts {
  readonly small: VideoFile;
  readonly large: VideoFile;
  readonly sink: Sink;
  readonly slow: Sink;
}

async function measure(context: BenchContext, { small, large, sink, slow }: Parts): Promise<readonly Figure[]> {
  const speed: number[] = [];
  const cpu: number[] = [];
  const one: Report[] = [];
  for (let round = 1; round <= context.rounds; round += 1) {
    const ours = await upload({ mode: 'ours', file: large, atOnce: 1, sink });
    const bare = await upload({ mode: 'node:http', file: large, atOnce: 1, sink });
    one.push(ours);
    speed.push(bare.seconds / ours.seconds);
    cpu.push(ours.cpuSeconds / bare.cpuSeconds);
    context.say({ goal: 'B6', round, megabytesPerSecond: rounded(large.bytes / ours.seconds / 1_000_000), ours, bare });
  }
  const little = await upload({ mode: 'ours', file: small, atOnce: 1, sink });
  const eight = await upload({ mode: 'ours', file: small, atOnce: 8, sink });
  const slowly = await upload({ mode: 'ours', file: small, atOnce: 1, sink: slow });
  context.say({ goal: 'B6', little, eight, slowly });
  const growth = median(one.map(({ growthMiB }) => growthMiB));
  const peak = median(one.map(({ peakMiB }) => peakMiB));
  const surplus = (report: Report, file: VideoFile, atOnce = 1): number =>
    report.requests - planChunks(file.bytes).count * atOnce;
  const wrong = one.map((report) => Math.abs(surplus(report, large))).reduce((sum, n) => sum + n, 0);
  const figure = (what: string, [value, unit]: readonly [number, string], bounds: Partial<Figure>): Figure => ({
    ...{ what, database: '–', value: rounded(value), unit, ...bounds },
  });
  return [
    figure('speed, to node:http', [median(speed), '×'], { must: { atLeast: 0.5 }, close: { atLeast: 0.75 } }),
    figure('CPU a GiB, to node:http', [median(cpu), '×'], { must: { atMost: 2.5 }, close: { atMost: 1.8 } }),
    figure('growth of memory, largest file', [growth, ' MiB'], { must: { atMost: 64 }, close: { atMost: 40 } }),
    figure('memory, largest file to 256 MiB', [peak / little.peakMiB, '×'], { must: { atMost: 1.1 } }),
    figure('growth of memory, 8 at once', [eight.growthMiB, ' MiB'], { must: { atMost: 64 }, close: { atMost: 40 } }),
    figure('growth of memory, sink of 60 MB/s', [slowly.growthMiB, ' MiB'], { must: { atMost: 64 } }),
    figure('longest stall of the event loop', [median(one.map(({ lagMs }) => lagMs)), ' ms'], { must: { atMost: 50 } }),
    figure('requests beyond the parts', [wrong + Math.abs(surplus(eight, small, 8)), ''], { must: { atMost: 0 } }),
  ];
}
