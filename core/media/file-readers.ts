import { fork } from 'node:child_process';
import path from 'node:path';
import { codeRoot } from '../project-root.ts';
import { Turns } from './turns.ts';

/** A process of its own that reads one file, started when it is needed. */
export interface FileReader {
  /** Starts the process ahead, while the last of the file comes in, unless enough of them wait for theirs already. */
  readonly prepare: () => void;
  /**
   * What the process said of the file; undefined when it died, or ran out of memory or time. Waits its turn while as many
   * as may are at work. @throws ClosedError when it was closed before its turn: nothing is known of the file
   */
  read(file: string): Promise<unknown>;
  close(): void;
}

/** What is used of a child process. */
export interface ReadingProcess {
  readonly connected: boolean;
  send(file: string): unknown;
  kill(signal: 'SIGKILL'): unknown;
  once(event: 'message', listener: (message: unknown) => void): this;
  once(event: 'error' | 'exit', listener: () => void): this;
}

const processFile = path.join(codeRoot, `core/media/file-process${path.extname(import.meta.filename)}`);
/** Of the clock on the wall, its start included: a machine with much else to do must not call a good file unreadable. */
const limitMs = 60_000;
/** Processes that wait, 40 MiB each: people with slow connections may keep them waiting. */
const mostAhead = 2;
/** Processes that read: a picture may take 256 MB while it is opened. */
const mostAtWork = 2;

/** @returns opens one reader; those it has opened know of each other */
export function createFileReaders(start: () => ReadingProcess = startProcess): () => FileReader {
  const shared = { start, ahead: new Set<FileReader>(), turns: new Turns(mostAtWork) };
  return () => openReader(shared);
}

interface Shared {
  readonly start: () => ReadingProcess;
  readonly ahead: Set<FileReader>;
  readonly turns: Turns;
}

function openReader({ start, ahead, turns }: Shared): FileReader {
  const leaving = new AbortController();
  let child: ReadingProcess | undefined;
  const reader: FileReader = {
    prepare: () => {
      if (child !== undefined || ahead.size >= mostAhead) return;
      ahead.add(reader);
      child = start();
    },
    read: (file) =>
      turns.take(leaving.signal, async () => {
        ahead.delete(reader);
        if (child?.connected !== true) child = start();
        try {
          return await ask(child, file);
        } finally {
          // It has said all it has to say, or is stuck: the next one gets its memory.
          child.kill('SIGKILL');
        }
      }),
    close: () => {
      leaving.abort();
      ahead.delete(reader);
      child?.kill('SIGKILL');
    },
  };
  return reader;
}

function startProcess(): ReadingProcess {
  const child = fork(processFile, {
    execArgv: [...process.execArgv, '--max-old-space-size=96'],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // One that cannot be started is noticed when it is asked.
  return child.on('error', () => undefined);
}

async function ask(reader: ReadingProcess, file: string): Promise<unknown> {
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
