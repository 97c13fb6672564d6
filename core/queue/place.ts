import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, as those beside it can tell whether it is still the same one. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, in ticks since the machine's start: a number that was given to another process has another one. */
  readonly began: string;
}

/** Where the number of a process means something, and which process it is there. */
export interface Place {
  /** The machine since its last start, and the namespaces of process numbers and of time in it. */
  readonly name: string;
  readonly began: string;
}

/** @returns this process's place; null where the system does not say, as on anything but Linux */
export function readPlace(): Place | null {
  if (process.platform !== 'linux') return null;
  const bootId = orUndefined(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const processes = orUndefined(() => readlinkSync('/proc/self/ns/pid'));
  const self = readStat('self');
  // Where /proc shows another namespace, the numbers in it are not those that we know.
  if (!bootId || !processes || self?.pid !== process.pid) return null;
  // Its ticks count from another moment in each; older kernels have none.
  const times = orUndefined(() => readlinkSync('/proc/self/ns/time')) ?? '';
  return { name: [bootId, processes, times, hostname()].join(' ').slice(0, 300), began: self.began };
}

/**
 * Whether that process of this place is over. Only what is certain counts: what cannot be read lives. One that was
 * killed and that its parent has not looked after yet (a zombie) does nothing any more.
 */
export function isOver({ pid, began }: ProcessMark): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Otherwise it is there and belongs to somebody else.
    if (codeOf(error) === 'ESRCH') return true;
  }
  const found = readStat(pid);
  return found !== undefined && (found.began !== began || found.state === 'Z' || found.state === 'X');
}

interface Stat {
  readonly pid: number;
  readonly state: string;
  readonly began: string;
}

function readStat(process: number | 'self'): Stat | undefined {
  const text = orUndefined(() => readFileSync(`/proc/${process}/stat`, 'utf8'));
  if (text === undefined) return undefined;
  // The second field is the program's name in brackets, which may hold anything; the third is the state.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, began] = [fields[0], fields[19]];
  return state && began ? { pid: Number.parseInt(text, 10), state, began } : undefined;
}

/** What the system does not show to us is not known; why, changes nothing. */
function orUndefined(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined;
}
