import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import { type KeyRing, makeKey, readKeys } from './key-ring.ts';

/** Reads the keys of this installation; a running process asks again when it meets a key it does not know. */
export type KeySource = () => KeyRing;

interface KeyPlace {
  /** The value of APP_KEY, where it is set. */
  readonly appKey: string | undefined;
  readonly dataDir: string;
}

/**
 * Keys from APP_KEY, or else from `app.key` in the data folder (mode 0600), made at the first start.
 * @throws StartError when neither can be read
 */
export function keySource(place: KeyPlace): KeySource {
  const { appKey } = place;
  if (appKey !== undefined) return () => parse(appKey, 'APP_KEY');
  const file = path.join(place.dataDir, 'app.key');
  makeKeyFile(file);
  return () => parse(readKeyFile(file), `The key file ${file}`);
}

function parse(text: string, name: string): KeyRing {
  const keys = readKeys(text);
  if ('problem' in keys) throw new StartError(`${name} ${keys.problem}`);
  return keys.ring;
}

/** Written aside and linked into place: of two first starts at once, both end up with the same whole file. */
function makeKeyFile(file: string): void {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
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
