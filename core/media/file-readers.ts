import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { codeRoot } from '../project-root.ts';

/** A process of its own that reads one file, started when it is needed. */
export interface FileReader {
  /** Starts the process ahead, while the last of the file comes in, unless enough of them wait for theirs already. */
  readonly prepare: () => void;
  /** What the process said of the file; undefined when it died, or ran out of memory or time. */
  read(file: string): Promise<unknown>;
  close(): void;
}

const processFile = path.join(codeRoot, `core/media/file-process${path.extname(import.meta.filename)}`);
const limitMs = 30_000;
/** Processes that wait, 40 MiB each: people with slow connections may keep them waiting. */
const mostAhead = 2;

/** @returns opens one reader; those it has opened know of each other */
export function createFileReaders(): () => FileReader {
  const ahead = new Set<FileReader>();
  return () => openReader(ahead);
}

function openReader(ahead: Set<FileReader>): FileReader {
  let child: ChildProcess | undefined;
  const reader: FileReader = {
    prepare: () => {
      if (child !== undefined || ahead.size >= mostAhead) return;
      ahead.add(reader);
      child = startProcess();
    },
    read: (file) => {
      ahead.delete(reader);
      if (child?.connected !== true) child = startProcess();
      return ask(child, file);
    },
    close: () => {
      ahead.delete(reader);
      child?.kill('SIGKILL');
    },
  };
  return reader;
}

function startProcess(): ChildProcess {
  const child = fork(processFile, {
    execArgv: [...process.execArgv, '--max-old-space-size=96'],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // One that cannot be started is noticed when it is asked.
  return child.on('error', () => undefined);
}

async function ask(reader: ChildProcess, file: string): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve) => {
      const giveUp = (): void => {
        resolve(undefined);
      };
      timer = setTimeout(giveUp, limitMs);
      reader.once('message', resolve).once('error', giveUp).once('exit', giveUp);
      reader.send(file);
    });
  } finally {
    clearTimeout(timer);
  }
}
