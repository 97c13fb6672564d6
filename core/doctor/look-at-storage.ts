import { randomUUID } from 'node:crypto';
import { rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type DoctorCheck, type Finding, findingsOf, type Translate } from '#plugin-api';
import { sizeOf } from '../media/media-words.ts';

export const storageOutcomes = {
  ok: { tone: 'ok' },
  'not-writable': { tone: 'bad', who: 'admin', steps: 2 },
  full: { tone: 'bad', who: 'admin', steps: 2 },
  low: { tone: 'warn', who: 'admin', steps: 2 },
} as const;

/** One large video and what is made of it. */
const tooLittleBytes = 1_000_000_000;
const littleBytes = 10_000_000_000;

interface StorageParts {
  readonly t: Translate;
  readonly dataDir: string;
  /** Free room of a folder's disk, in bytes. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Whether DATA_DIR takes files, and for how long it will. */
export function storageCheck({ t, dataDir, freeBytes = freeOnDisk }: StorageParts): DoctorCheck {
  const found = findingsOf(t, 'doctor:storage', storageOutcomes);
  const run = async (): Promise<Finding> => {
    const reason = await whyNotWritable(dataDir);
    if (reason !== undefined) return found('not-writable', { values: { folder: dataDir }, code: reason });
    const bytes = await freeBytes(dataDir);
    const kind = bytes < tooLittleBytes ? 'full' : bytes < littleBytes ? 'low' : 'ok';
    return found(kind, { values: { folder: dataDir, free: sizeOf(bytes) } });
  };
  return { id: 'storage', label: t('doctor:storage.label'), run };
}

/** @returns the system's code; undefined when a file could be written */
async function whyNotWritable(folder: string): Promise<string | undefined> {
  const file = path.join(folder, `.doctor-${randomUUID()}`);
  try {
    await writeFile(file, 'written by the setup check\n', { flag: 'wx', mode: 0o600 });
    await rm(file);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  }
}

async function freeOnDisk(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
