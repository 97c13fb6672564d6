import { type ChildProcess, spawn } from 'node:child_process';
import { compiledCommand } from './compiled.ts';

/** One of the commands of core/bin as a real process. */
export interface BinProcess {
  readonly pid: number;
  /** Everything written so far. */
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  /** Resolves with the line once standard output has one that begins so. @throws when the process ends before */
  readonly line: (beginning: string) => Promise<string>;
  readonly ended: Promise<number | null>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

interface BinOptions {
  /** Its working directory: `.env` and `data` are looked for there. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** Starts the command with nothing of this process's environment but the path. */
export function startBin(name: string, options: BinOptions): BinProcess {
  const child = spawn(process.execPath, [compiledCommand(name), ...(options.args ?? [])], {
    cwd: options.folder,
    env: { PATH: process.env['PATH'] ?? '', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  void ended.then(() => process.off('exit', killNow));
  return {
    pid: child.pid ?? 0,
    output: () => ({ ...said }),
    line: (beginning) => waitForLine(child, beginning, () => said),
    ended,
    kill: (signal) => void child.kill(signal),
  };
}

function waitForLine(
  child: ChildProcess,
  beginning: string,
  said: () => { readonly stdout: string; readonly stderr: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const line = said()
        .stdout.split('\n')
        .slice(0, -1)
        .find((one) => one.startsWith(beginning));
      if (line !== undefined) resolve(line);
    };
    child.stdout?.on('data', look);
    child.once('close', () => {
      look();
      reject(new Error(`The process ended without the line "${beginning}": ${said().stdout}${said().stderr}`));
    });
    look();
  });
}
