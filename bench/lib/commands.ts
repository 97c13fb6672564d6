import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { freePort } from '../../test/support/free-port.ts';
import { compiledCommand } from '../../test/support/compiled.ts';

/** A process that was waited for until it said that it is ready. */
export interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  /** From the start until it said so. */
  readonly readyMs: number;
  /** Resident now, or the most it ever was; MiB. */
  memory(line: 'VmRSS' | 'VmHWM'): Promise<number>;
  /** Of the processor since its start, with what the system did for it; ms. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

interface Starting {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** What it says once it is ready. */
  readonly ready: string;
}

export async function startProcess(starting: Starting): Promise<Started> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, starting.args, {
    cwd: starting.folder,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', PORT: String(port), ...starting.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  child.once('exit', () => process.off('exit', killNow));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes(starting.ready)) resolve();
    });
    child.once('exit', () => reject(new Error(`It ended before it was ready: ${said}`)));
  });
  return {
    ...{ child, url: `http://localhost:${port}`, readyMs: performance.now() - begun },
    memory: (line) => memoryOf(child, line),
    cpuMs: () => cpuOf(child),
    stop: () => stop(child),
  };
}

// As `npm run web` and `npm run worker` start them.
const flags = ['--disable-proto=delete', '--max-semi-space-size=4'];
const flagsOf = { web: [...flags, '--single-threaded-gc'], worker: [...flags, '--max-old-space-size=1024'] };

type CommandOrder = Pick<Starting, 'environment' | 'folder'>;

/** The compiled command, as it is shipped. */
export function startCommand(name: 'web' | 'worker', order: CommandOrder): Promise<Started> {
  return startProcess({ ...order, args: [...flagsOf[name], compiledCommand(name)], ready: `${name} is up` });
}

export async function runCommand(
  name: 'admin' | 'migrate',
  args: readonly string[],
  order: CommandOrder,
): Promise<void> {
  const child = spawn(process.execPath, [compiledCommand(name), ...args], {
    cwd: order.folder,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...order.environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended: unknown[] = await once(child, 'exit');
  if (ended[0] !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${String(ended[0])}.`);
}

async function memoryOf(child: ChildProcess, line: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${child.pid ?? 0}/status`, 'utf8');
  return Number(new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) / 1_024;
}

async function cpuOf(child: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${child.pid ?? 0}/stat`, 'utf8')).split(' ');
  // utime and stime, in hundredths of a second.
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
