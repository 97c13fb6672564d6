import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectDatabase } from '../core/db/connect.ts';
import { projectRoot } from '../core/project-root.ts';
import { createEngineWorld } from '../test/support/engine-world.ts';
import { createRunningClock } from '../test/support/clock.ts';
import { standardTimings } from '../core/timings.ts';
import { runCommand, startCommand, startProcess, type Started } from './lib/commands.ts';
import { addChannels, fillEngine } from './lib/engine.ts';
import { median, pause, rounded } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';

/** Start and idle memory of the compiled web and worker, beside bare Express and beside the sources through tsx. */
export const start: Goal = {
  id: 'B11',
  title: 'start-up and idle memory',
  async run(context) {
    const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-bench-'));
    try {
      return await measure(context, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Seen {
  readonly readyMs: number;
  readonly mebibytes: number;
}

async function measure(context: BenchContext, folder: string): Promise<readonly Figure[]> {
  const empty = { DATA_DIR: path.join(folder, 'empty') };
  // The key that the engine seals its channels' tokens with.
  const key = `test:${Buffer.alloc(32, 7).toString('base64')}`;
  const full = { DATA_DIR: path.join(folder, 'full'), APP_KEY: key };
  for (const environment of [empty, full]) await runCommand('migrate', [], { folder, environment });
  await fill(context, path.join(folder, 'full/castdeck.db'));
  const rounds: Round[] = [];
  for (let round = 1; round <= context.rounds; round += 1) {
    const seen = {
      bare: await look(startBare(folder)),
      web: await look(startCommand('web', { folder, environment: empty })),
      worker: await look(startCommand('worker', { folder, environment: empty })),
      source: await look(startSource(folder, empty)),
      fullWeb: await look(startCommand('web', { folder, environment: full })),
      fullWorker: await look(startCommand('worker', { folder, environment: full })),
    };
    rounds.push(seen);
    context.say({ goal: 'B11', round, ...seen });
  }
  return figuresOf(rounds);
}

type Round = Record<'bare' | 'web' | 'worker' | 'source' | 'fullWeb' | 'fullWorker', Seen>;

function figuresOf(rounds: readonly Round[]): readonly Figure[] {
  const bounds = {
    start: { must: { atMost: 4 }, close: { atMost: 1.5 } },
    tsx: { must: { atMost: 0.8 } },
    memory: { must: { atMost: 2.5 } },
    full: { must: { atMost: 1.2 } },
  };
  const figure = (what: string, bound: keyof typeof bounds, of: (seen: Round) => number): Figure => ({
    ...{ what, database: 'SQLite', value: rounded(median(rounds.map(of))), unit: '×', ...bounds[bound] },
  });
  return [
    figure('web ready, to bare Express', 'start', ({ web, bare }) => web.readyMs / bare.readyMs),
    figure('worker ready, to bare Express', 'start', ({ worker, bare }) => worker.readyMs / bare.readyMs),
    figure('web ready, to tsx', 'tsx', ({ web, source }) => web.readyMs / source.readyMs),
    figure('memory of web, to bare Express', 'memory', ({ web, bare }) => web.mebibytes / bare.mebibytes),
    figure('memory of worker, to bare Express', 'memory', ({ worker, bare }) => worker.mebibytes / bare.mebibytes),
    figure('memory of web, 1M posts to none', 'full', ({ fullWeb, web }) => fullWeb.mebibytes / web.mebibytes),
    figure(
      'memory of worker, 1M posts to none',
      'full',
      ({ fullWorker, worker }) => fullWorker.mebibytes / worker.mebibytes,
    ),
  ];
}

/** A moment after it said that it is up, when it has settled. */
async function look(starting: Promise<Started>): Promise<Seen> {
  const started = await starting;
  await pause(1_000);
  const mebibytes = await started.memory('VmRSS');
  await started.stop();
  return { readyMs: started.readyMs, mebibytes };
}

function startBare(folder: string): Promise<Started> {
  const args = [path.join(import.meta.dirname, 'bare/express.mjs')];
  return startProcess({ args, ready: 'bare is up', folder, environment: {} });
}

/** The same sources, read through tsx at each start. */
function startSource(folder: string, environment: Readonly<Record<string, string>>): Promise<Started> {
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const args = ['--import', tsx, '--conditions=castdeck-source', path.join(projectRoot, 'core/bin/web.ts')];
  return startProcess({ args, ready: 'web is up', folder, environment });
}

async function fill(context: BenchContext, file: string): Promise<void> {
  const db = await connectDatabase({ kind: 'sqlite', file });
  const clock = { ...createRunningClock(), set: () => undefined };
  const world = await createEngineWorld(db, standardTimings, clock);
  const channelIds = await addChannels(world, 50);
  const later = { state: 'scheduled', firstAt: clock.now() + 86_400_000, stepMs: 10, channelIds } as const;
  await fillEngine(world, { from: 1, to: context.isSmall ? 1_000 : 1_000_000, ...later });
  await db.close();
}
