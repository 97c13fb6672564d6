// How much memory web and worker have resident at most while a large file is uploaded and published. Run by hand:
//   npm run build && node --import tsx --conditions=castdeck-source test/by-hand/memory.ts 1000
// The number is the file's size in megabytes. The figure stands in docs/PERFORMANCE.md.
import { execFile, type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeDemoVideo } from '../../core/bin/demo/demo-video.ts';
import { doMainJob, type MainJobWorld } from '../../core/bin/demo/main-job.ts';
import { projectRoot } from '../../core/project-root.ts';
import { wallTimeAt } from '../../core/time/zones.ts';
import { demoApps, startSimulator } from '../../plugins/tiktok/simulator/index.ts';
import { freePort } from '../support/free-port.ts';

const run = promisify(execFile);
const launcher = path.join(projectRoot, 'core/bin/launch.mjs');
const megabytes = Number(process.argv[2] ?? 1000);
const zone = 'Europe/Copenhagen';
const admin = { name: 'Ines Holm', email: 'ines.holm@northlight.example', password: 'lantern-harbour-42' };

const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-memory-'));
const listeners = new Set<() => void>();
const simulator = await startSimulator({
  dataDir: path.join(folder, 'tiktok'),
  log: () => listeners.forEach((tell) => tell()),
});
const port = await freePort();
const environment = {
  PATH: process.env['PATH'],
  NODE_ENV: 'production',
  PORT: String(port),
  DATA_DIR: path.join(folder, 'data'),
  TIKTOK_API_URL: simulator.url,
  TIKTOK_AUTH_URL: simulator.url,
  ADMIN_EMAIL: admin.email,
  ADMIN_PASSWORD: admin.password,
};
await command('admin', 'team-create', '--name', 'Hazel & Rye', '--zone', zone);
await command('admin', 'member-add', '--team', 'Hazel & Rye', '--email', admin.email, '--role', 'manager');
const [web, worker] = [await start('web'), await start('worker')];
const video = path.join(folder, 'one-large-video.mp4');
await makeDemoVideo(video, megabytes * 1_000_000);

try {
  const idle = { web: await memoryOf(web, 'VmRSS'), worker: await memoryOf(worker, 'VmRSS') };
  await doMainJob({ world: worldOf(), file: video, say: (line) => process.stdout.write(`${line}\n`) });
  const peak = { web: await memoryOf(web, 'VmHWM'), worker: await memoryOf(worker, 'VmHWM') };
  process.stdout.write(`${JSON.stringify({ megabytes, idle, peak, unit: 'MB resident' })}\n`);
} finally {
  web.kill();
  worker.kill();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
}

function worldOf(): MainJobWorld {
  return {
    ...{ url: `http://localhost:${port}`, simulator, admin, member: admin, zone },
    app: { appId: demoApps.live.client_key, appSecret: demoApps.live.client_secret },
    scopes: ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'],
    wallTimeNow: () => wallTimeAt(Date.now(), zone),
    onRequest: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

async function command(...args: readonly string[]): Promise<void> {
  await run(process.execPath, [launcher, ...args], { env: environment, cwd: folder });
}

async function start(name: 'web' | 'worker'): Promise<ChildProcess> {
  // As `npm run web` and `npm run worker` start them.
  const flags = ['--disable-proto=delete', '--max-semi-space-size=4'];
  const child = spawn(process.execPath, [...flags, launcher, name], {
    env: environment,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes(`${name} is up`)) resolve();
    });
    child.once('exit', () => reject(new Error(`${name} ended before it was up.`)));
  });
  return child;
}

/** In MB of a million bytes: resident now, or the most it ever was. */
async function memoryOf(child: ChildProcess, line: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${child.pid ?? 0}/status`, 'utf8');
  const kilobytes = new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? '0';
  return Math.round((Number(kilobytes) * 1024) / 1_000_000);
}
