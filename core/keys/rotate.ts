import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { openVault } from './key-check-store.ts';
import { type KeySource, readKeyLines, replaceKeyFile } from './key-file.ts';
import { type KeyRing, makeKey } from './key-ring.ts';
import { rewrap, type Rewrapped } from './rewrap.ts';

interface RotateParts {
  readonly db: Database;
  readonly keys: KeySource;
  readonly clock: Clock;
  /** Of the key file. */
  readonly file: string;
}

/** Running processes see a changed key file at their next seal: what was sealed before is stored within a request. */
const looks = 20;
const lookMs = 500;

/** Adds a key that only opens yet: what several machines are given before one of them rotates. @returns its id */
export function addKey({ file, keys }: Pick<RotateParts, 'file' | 'keys'>): string {
  const id = nextKeyId(keys());
  replaceKeyFile(file, [...readKeyLines(file), makeKey(id)]);
  return id;
}

/**
 * Puts a new key, or the one that `addKey` has added, in front of the key file, and seals every stored secret with it while web and workers run. The older
 * keys stay in the file, since backups may need them, until `retireKeys`.
 */
export async function rotateKeys(parts: RotateParts): Promise<Rewrapped> {
  const lines = readKeyLines(parts.file);
  const next = lines.find((line) => numberOf(line) > numberOf(lines[0] ?? '')) ?? makeKey(nextKeyId(parts.keys()));
  replaceKeyFile(parts.file, [next, ...lines.filter((line) => line !== next)]);
  await openVault(parts);
  let total = 0;
  for (let look = 1; ; look += 1) {
    const result = await rewrap(parts);
    total += result.resealed;
    if (result.left === 0 || look === looks) return { ...result, resealed: total };
    await pause(lookMs);
  }
}

/**
 * Takes the keys out of the file that no stored secret needs any more; nothing where some still does.
 * @returns the ids of the keys taken out, and how it stands
 */
export async function retireKeys(
  parts: Omit<RotateParts, 'clock'>,
): Promise<{ readonly retired: readonly string[]; readonly state: Rewrapped }> {
  const state = await rewrap(parts);
  const [first, ...older] = parts.keys().all;
  if (first === undefined || state.left > 0 || state.unreadable.length > 0) return { retired: [], state };
  if (older.length > 0) replaceKeyFile(parts.file, readKeyLines(parts.file).slice(0, 1));
  return { retired: older.map((key) => key.id), state };
}

/** `k1` → `k2`; one past the highest, whatever else the ids are called. */
export function nextKeyId({ all }: KeyRing): string {
  return `k${Math.max(0, ...all.map((key) => numberOf(key.id))) + 1}`;
}

/** Of an id, or of a key as it is written; 0 for ids of another kind. */
function numberOf(key: string): number {
  return Number(/^k(?<n>\d{1,6})(?::|$)/u.exec(key)?.groups?.['n'] ?? 0);
}
