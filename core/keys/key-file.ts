import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import { type KeyRing, makeKey, readKeys } from './key-ring.ts';

/** The keys of this installation as they are now: the same object until they change. */
export type KeySource = () => KeyRing;

interface KeyPlace {
  /** The value of APP_KEY, where it is set. */
  readonly appKey: string | undefined;
  readonly dataDir: string;
}

/**
 * Keys from APP_KEY, or else from `app.key` in the data folder (mode 0600), made at the first start. A file that changes
 * counts at once in every running process.
 * @throws StartError when neither can be read
 */
export function keySource(place: KeyPlace): KeySource {
  const { appKey } = place;
  if (appKey !== undefined) {
    const ring = parse(appKey, 'APP_KEY');
    return () => ring;
  }
  const file = keyFileIn(place.dataDir);
  makeKeyFile(file);
  return watchedFile(file);
}

export function keyFileIn(dataDir: string): string {
  return path.join(dataDir, 'app.key');
}

/** Puts these keys into the file, whole and at once: whoever reads meanwhile sees the old ones or the new ones. */
export function replaceKeyFile(file: string, lines: readonly string[]): void {
  const aside = asideOf(file);
  try {
    writeFileSync(aside, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    // Whoever changes keys may be root; those who read them are not.
    const { uid, gid } = statSync(file);
    chownSync(aside, uid, gid);
    renameSync(aside, file);
  } catch (error) {
    throw unusable(file, error);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The keys of a file as they are written, one each. */
export function readKeyLines(file: string): readonly string[] {
  return readKeyFile(file).split(',');
}

/** Looks at the file's stamp each time, which costs microseconds. What cannot be read later leaves the keys as they were. */
function watchedFile(file: string): KeySource {
  let stamp = stampOf(file);
  let ring = readRing(file);
  return () => {
    const now = stampOf(file);
    if (now === undefined || now === stamp) return ring;
    const changed = readRingIfAny(file);
    if (changed !== undefined) [stamp, ring] = [now, changed];
    return ring;
  };
}

/** Undefined for a file that is just being written by hand, or may not be read any more: it is asked again the next time. */
function readRingIfAny(file: string): KeyRing | undefined {
  try {
    return readRing(file);
  } catch (error) {
    if (error instanceof StartError) return undefined;
    throw error;
  }
}

function stampOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found && `${found.ino}.${found.size}.${found.mtimeNs}`;
}

function readRing(file: string): KeyRing {
  return parse(readKeyFile(file), `The key file ${file}`);
}

function parse(text: string, name: string): KeyRing {
  const keys = readKeys(text);
  if ('problem' in keys) throw new StartError(`${name} ${keys.problem}`);
  return keys.ring;
}

/** Written aside and linked into place: of two first starts at once, both end up with the same whole file. */
function makeKeyFile(file: string): void {
  const aside = asideOf(file);
  try {
    makeFolder(path.dirname(file));
    writeFileSync(aside, `${makeKey('k1')}\n`, { mode: 0o600, flag: 'wx' });
    linkSync(aside, file);
  } catch (error) {
    if (!isAlreadyThere(error)) throw unusable(file, error);
  } finally {
    rmSync(aside, { force: true });
  }
}

function asideOf(file: string): string {
  return `${file}.${randomBytes(6).toString('hex')}`;
}

function readKeyFile(file: string): string {
  try {
    chmodSync(file, 0o600);
    return readFileSync(file, 'utf8').trim().replaceAll('\n', ',');
  } catch (error) {
    throw unusable(file, error);
  }
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

function unusable(file: string, cause: unknown): StartError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StartError(
    `The key file ${file} cannot be used (${reason}). Set APP_KEY, or DATA_DIR to a folder of this user.`,
    cause,
  );
}
