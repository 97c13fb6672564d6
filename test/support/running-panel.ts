import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config, Environment } from '../../core/config.ts';
import type { Clock } from '#plugin-api';
import { createPino } from '../../core/log/logger.ts';
import { createPanel } from '../../core/panel.ts';
import type { FoundPlugin } from '../../core/plugin-host/found-plugin.ts';
import { projectRoot } from '../../core/project-root.ts';
import { standardTimings } from '../../core/timings.ts';
import { compiledCommand } from './compiled.ts';

/** A panel that answers at its port and works off what is due. */
export interface RunningPanel {
  /** Everything logged, as written. */
  readonly logged: () => string;
  close(): Promise<void>;
}

/** The web and worker commands of this repository, running. */
export interface PanelProcesses extends RunningPanel {
  /** Ends the worker as a power cut would. */
  killWorker(): Promise<void>;
  startWorker(): Promise<void>;
  /** What each process has resident now, and the most it ever had, in bytes. */
  memory(): Promise<{ readonly web: Resident; readonly worker: Resident }>;
}

/** A worker that is alone with its database. */
export interface WorkerProcess {
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  memory(): Promise<Resident>;
}

interface Resident {
  readonly now: number;
  readonly peak: number;
}

interface Start {
  readonly config: Config;
  readonly environment: Environment;
  readonly plugins: readonly FoundPlugin[];
  readonly clock: Clock;
}

/** Web and worker as one panel in this process, on the clock that is handed in. */
export async function startPanelInside({ config, plugins, clock }: Start): Promise<RunningPanel> {
  const lines: string[] = [];
  const log = createPino({ level: config.logLevel, write: (line) => void lines.push(line) });
  // What has become due because the clock was moved is seen at once.
  const timings = { ...standardTimings, idlePollMs: 50 };
  const panel = await createPanel(config, { plugins, clock, log, timings });
  await panel.listen();
  await panel.startWorker();
  return { logged: () => lines.join(''), close: () => panel.close() };
}

/** Web and worker apart, as an operator runs them. */
export async function startPanelApart({ environment }: Pick<Start, 'environment'>): Promise<PanelProcesses> {
  const output: string[] = [];
  const run = (command: 'web' | 'worker') => startCommand(command, { environment, output });
  const web = await run('web');
  let worker = await run('worker');
  return {
    logged: () => output.join(''),
    killWorker: () => end(worker, 'SIGKILL'),
    startWorker: async () => {
      worker = await run('worker');
    },
    memory: async () => ({ web: await residentIn(web), worker: await residentIn(worker) }),
    close: async () => {
      await Promise.all([end(worker, 'SIGTERM'), end(web, 'SIGTERM')]);
    },
  };
}

/** The worker command alone. */
export async function startWorkerAlone({ environment }: Pick<Start, 'environment'>): Promise<WorkerProcess> {
  const worker = await startCommand('worker', { environment, output: [] });
  return { kill: () => end(worker, 'SIGKILL'), memory: () => residentIn(worker) };
}

interface Surroundings {
  readonly environment: Environment;
  readonly output: string[];
}

// As `npm run web` and `npm run worker` start them.
const flags = ['--disable-proto=delete', '--max-semi-space-size=4'];
const flagsOf = { web: [...flags, '--single-threaded-gc'], worker: [...flags, '--max-old-space-size=1024'] };
const readyWithinMs = 120_000;

/** The command as it is shipped. @throws with its last words when it ends instead of being ready */
async function startCommand(command: 'web' | 'worker', { environment, output }: Surroundings): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...flagsOf[command], compiledCommand(command)], {
    // A folder without a .env.
    cwd: path.join(projectRoot, 'test/support'),
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killNow = (): void => void child.kill('SIGKILL');
  process.on('exit', killNow);
  child.once('exit', () => process.off('exit', killNow));
  const words: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    const hear = (text: string): void => {
      output.push(text);
      words.push(text);
      if (words.join('').includes(`${command} is up`)) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code ?? 'a signal'}: ${words.join('')}`)));
  });
  await Promise.race([ready, lateness(command, words)]);
  return child;
}

function lateness(command: string, words: readonly string[]): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(new Error(`${command} was not ready in time: ${words.join('')}`));
    setTimeout(fail, readyWithinMs).unref();
  });
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

async function residentIn(child: ChildProcess): Promise<Resident> {
  const status = await readFile(`/proc/${child.pid ?? 0}/status`, 'utf8');
  const bytes = (line: string): number => {
    const kilobytes = new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kilobytes === undefined) throw new Error('This system does not tell how much memory a process has.');
    return Number(kilobytes) * 1024;
  };
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}
