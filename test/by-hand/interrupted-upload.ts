// An upload through the real web command that is interrupted three times: a lost connection, `kill -9`, and a stop with a
// start. Run by hand:
//   npm run build && node --import tsx --conditions=castdeck-source test/by-hand/interrupted-upload.ts 200
// The number is the file's size in megabytes. What came of it stands in docs/PERFORMANCE.md.
import { execFile, type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeDemoVideo, sha256Of } from '../../core/bin/demo/demo-video.ts';
import { connectDatabase } from '../../core/db/connect.ts';
import { projectRoot } from '../../core/project-root.ts';
import { freePort } from '../support/free-port.ts';
import { TusClient } from '../support/uploads.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const launcher = path.join(projectRoot, 'core/bin/launch.mjs');
const bytes = Number(process.argv[2] ?? 200) * 1_000_000;
const admin = { email: 'ines.holm@northlight.example', password: 'lantern-harbour-42' };
const folder = await mkdtemp(path.join(tmpdir(), 'castdeck-interrupted-'));
const dataDir = path.join(folder, 'data');
const port = await freePort();
const url = `http://localhost:${port}`;
const environment = {
  PATH: process.env['PATH'],
  NODE_ENV: 'production',
  PORT: String(port),
  DATA_DIR: dataDir,
  ADMIN_EMAIL: admin.email,
  ADMIN_PASSWORD: admin.password,
};
await command('admin', 'team-create', '--name', 'Hazel & Rye', '--zone', 'Europe/Copenhagen');
await command('admin', 'member-add', '--team', 'Hazel & Rye', '--email', admin.email, '--role', 'manager');
const file = path.join(folder, 'one-large-video.mp4');
await makeDemoVideo(file, bytes);
const video = await readFile(file);
let web = await start();

try {
  const begun = performance.now();
  const tus = new TusClient({ port, origin: url }, await signIn(), 1);
  const id = await tus.begin(video.length, 'one large video.mp4');
  const stops: number[] = [];
  const interruptAt = async (part: number, interrupt: () => Promise<void>): Promise<void> => {
    const offset = await tus.offsetOf(id);
    const end = Math.floor(video.length * part);
    const body = video.subarray(offset);
    await tus.patchInPart(id, { offset, body, cutAfter: end - offset, then: interrupt });
    stops.push(offset);
  };
  const arrives = (part: number) => async (): Promise<void> => {
    const there = async () => (await stat(path.join(dataDir, 'uploads', id))).size > bytes * part;
    await until(there, `${part} of it is there`);
  };
  await interruptAt(0.3, arrives(0.1));
  await interruptAt(0.6, async () => {
    await arrives(0.4)();
    await end('SIGKILL');
  });
  web = await start();
  await interruptAt(0.9, async () => {
    await arrives(0.65)();
    await end('SIGTERM');
  });
  web = await start();
  const offset = await tus.offsetOf(id);
  const last = await tus.patch(id, offset, video.subarray(offset));
  const seconds = (performance.now() - begun) / 1000;
  const db = await connectDatabase({ kind: 'sqlite', file: path.join(dataDir, 'castdeck.db') });
  const kept: unknown = await db.knex('media').select('sha256', 'bytes');
  await db.close();
  const result = { status: last.status, begunAt: [...stops, offset], sha256: await sha256Of(file), kept, seconds };
  process.stdout.write(`${JSON.stringify({ ...result, webPeakMB: await peakOf(web) })}\n`);
} finally {
  web.kill();
  await rm(folder, { recursive: true, force: true });
}

async function command(...args: readonly string[]): Promise<void> {
  await run(process.execPath, [launcher, ...args], { env: environment, cwd: folder });
}

async function start(): Promise<ChildProcess> {
  const flags = ['--disable-proto=delete', '--max-semi-space-size=4'];
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [...flags, launcher, 'web'], {
    env: environment,
    cwd: folder,
    stdio: [...stdio],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('web is up')) resolve();
    });
    child.once('exit', () => reject(new Error('web ended before it was up.')));
  });
  return child;
}

async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const ended = new Promise((resolve) => web.once('exit', resolve));
  web.kill(signal);
  await ended;
}

/** In MB of a million bytes: the most that was ever resident. */
async function peakOf(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid ?? 0}/status`, 'utf8');
  return Math.round((Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? '0') * 1024) / 1_000_000);
}

/** As a browser does. @returns the session and the page's token */
async function signIn(): Promise<{ readonly cookie: string; readonly csrfToken: string }> {
  const form = await fetch(`${url}/sign-in`);
  const fields = { ...admin, _csrf: tokenIn(await form.text()) };
  const headers = { cookie: sessionIn(form), origin: url };
  const body = new URLSearchParams(fields);
  const answer = await fetch(`${url}/sign-in`, { method: 'POST', redirect: 'manual', headers, body });
  const cookie = sessionIn(answer);
  const files = await fetch(`${url}/team/1/files`, { headers: { cookie } });
  return { cookie, csrfToken: tokenIn(await files.text()) };
}

function sessionIn(answer: Response): string {
  const cookies = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
  return cookies.find((pair) => pair.includes('session=')) ?? '';
}

function tokenIn(html: string): string {
  return /name="_csrf" value="([^"]+)"/u.exec(html)?.[1] ?? '';
}
