import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeDemoVideo } from '../core/bin/demo/demo-video.ts';
import { until } from '../test/support/until.ts';
import { runCommand, type Started, startCommand, startProcess } from './lib/commands.ts';
import { median, quantile, rounded, timed } from './lib/figures.ts';
import type { BenchContext, Figure, Goal } from './lib/goal.ts';
import { sendFile, signIn, visit } from './lib/visitor.ts';

const admin = { name: 'Ines Holm', email: 'ines.holm@northlight.example', password: 'lantern-harbour-42' };

/** A video through the web process, with all its checks, beside multer writing to disk. */
export const incoming: Goal = {
  id: 'B7',
  title: 'incoming upload',
  async run(context) {
    const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-bench-'));
    const small = path.join(folder, 'small.mp4');
    const large = path.join(folder, 'large.mp4');
    await makeDemoVideo(small, (context.isSmall ? 64 : 256) * 1_048_576);
    await makeDemoVideo(large, (context.isSmall ? 128 : 1_024) * 1_048_576);
    try {
      return await measure(context, { folder, small, large });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Place {
  readonly folder: string;
  readonly small: string;
  readonly large: string;
}

interface OpenWeb {
  readonly web: Started;
  readonly send: (file: string, abortAfter?: number) => Promise<number>;
  readonly page: { readonly url: string; readonly cookie: string };
}

const environmentOf = (folder: string) => ({
  DATA_DIR: path.join(folder, 'data'),
  ADMIN_EMAIL: admin.email,
  ADMIN_PASSWORD: admin.password,
  HOURLY_LIMITS: 'upload=10000',
});

/** An installation with one team, of which the admin is a manager. */
async function prepare(folder: string): Promise<void> {
  const order = { folder, environment: environmentOf(folder) };
  await (await startCommand('web', order)).stop();
  await runCommand('admin', ['team-create', '--name', 'Hazel & Rye', '--zone', 'Europe/Copenhagen'], order);
  const member = ['--email', admin.email, '--role', 'manager'];
  await runCommand('admin', ['member-add', '--team', 'Hazel & Rye', ...member], order);
}

/** A fresh process, so that the most memory it ever had is that of what follows. */
async function openWeb(folder: string): Promise<OpenWeb> {
  const web = await startCommand('web', { folder, environment: environmentOf(folder) });
  const files = '/team/1/files';
  const { cookie, token } = await signIn(web.url, files, admin);
  const headers = { cookie, origin: web.url, 'x-csrf-token': token, 'x-requested-with': 'castdeck-upload' };
  return {
    web,
    send: (file, abortAfter) =>
      sendFile({ url: web.url + files, file, headers, ...(abortAfter === undefined ? {} : { abortAfter }) }),
    page: { url: web.url + files, cookie },
  };
}

async function measure(context: BenchContext, place: Place): Promise<readonly Figure[]> {
  await prepare(place.folder);
  const ratios: number[] = [];
  const growth: { large: number[]; small: number[] } = { large: [], small: [] };
  for (let round = 1; round <= context.rounds; round += 1) {
    const bare = await uploadBare(place);
    const ours = await uploadOnce(place, place.large);
    const again = await uploadBare(place);
    const little = await uploadOnce(place, place.small);
    ratios.push(Math.sqrt(bare.ms * again.ms) / ours.ms);
    growth.large.push(ours.peak - ours.idle);
    growth.small.push(little.peak - little.idle);
    context.say({ goal: 'B7', round, ours, bare: [bare, again], little });
  }
  const pages = await pagesMeanwhile(context, place);
  const left = await leftAfterAbort(place);
  const figure = (what: string, [value, unit]: readonly [number, string], bounds: Partial<Figure>): Figure => ({
    ...{ what, database: 'SQLite', value: rounded(value), unit, ...bounds },
  });
  return [
    figure('speed with all checks and hash, to multer', [median(ratios), '×'], {
      must: { atLeast: 0.5 },
      close: { atLeast: 0.95 },
    }),
    figure('growth of memory, largest file', [median(growth.large), ' MiB'], { must: { atMost: 64 } }),
    figure('growth, largest file to a quarter of it', [median(growth.large) / median(growth.small), '×'], {
      must: { atMost: 1.1 },
    }),
    figure('p99 of pages while uploading, to idle', [pages, '×'], { must: { atMost: 4 } }),
    figure('files left after going away', [left, ''], { must: { atMost: 0 } }),
  ];
}

interface Uploaded {
  readonly ms: number;
  readonly cpuMs: number;
}

async function uploadOnce({ folder }: Place, file: string): Promise<Uploaded & { idle: number; peak: number }> {
  const { web, send } = await openWeb(folder);
  const idle = await web.memory('VmRSS');
  const cpuBefore = await web.cpuMs();
  let status = 0;
  const ms = await timed(async () => (status = await send(file)));
  if (status >= 400) throw new Error(`The upload was answered with ${status}.`);
  const cpuMs = (await web.cpuMs()) - cpuBefore;
  const peak = await web.memory('VmHWM');
  await web.stop();
  // What still waits to be written would slow down what is measured next.
  await rm(path.join(folder, 'data/media'), { recursive: true, force: true });
  return { ms, cpuMs, idle, peak };
}

/** Also in a fresh process, to the same disk. */
async function uploadBare({ folder, large }: Place): Promise<Uploaded> {
  const kept = path.join(folder, 'bare');
  const bare = await startProcess({
    ...{ args: [path.join(import.meta.dirname, 'bare/express.mjs')], ready: 'bare is up', folder },
    environment: { DATA_DIR: kept },
  });
  const cpuBefore = await bare.cpuMs();
  const ms = await timed(() => sendFile({ url: `${bare.url}/upload`, file: large }));
  const cpuMs = (await bare.cpuMs()) - cpuBefore;
  await bare.stop();
  await rm(kept, { recursive: true, force: true });
  return { ms, cpuMs };
}

async function pagesMeanwhile(context: BenchContext, { folder, large }: Place): Promise<number> {
  const { web, send, page } = await openWeb(folder);
  const load = { ...page, perSecond: context.isSmall ? 50 : 200, seconds: context.isSmall ? 2 : 5 };
  await visit(load);
  const idle = quantile(await visit(load), 0.99);
  const sending = send(large);
  const busy = quantile(await visit(load), 0.99);
  await sending;
  await web.stop();
  context.say({ goal: 'B7', pagesP99: { idle: rounded(idle), busy: rounded(busy) } });
  return busy / idle;
}

async function leftAfterAbort({ folder, large }: Place): Promise<number> {
  const { web, send } = await openWeb(folder);
  const names = async (place: string) => readdir(path.join(folder, 'data', place));
  const filesKept = async (): Promise<number> => [...(await names('incoming')), ...(await names('media'))].length;
  const before = await filesKept();
  await send(large, 40_000_000);
  const count = async (): Promise<number> => (await filesKept()) - before;
  await until(async () => (await count()) <= 0, 'what came of the file is gone', 5_000).catch(() => undefined);
  const left = await count();
  await web.stop();
  return left;
}
