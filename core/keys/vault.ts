import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeySource } from './key-file.ts';
import type { Key } from './key-ring.ts';

/** Where a sealed text lives: it opens there and nowhere else. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  /** What identifies the row, e.g. `network/app-1/user-7`. */
  readonly row: string;
}

/** Seals secrets for the database with AES-256-GCM under a key that is not in the database. */
export interface Vault {
  /** The sealed text names its key: `<key id>.<nonce>.<ciphertext and tag>`. */
  seal(plain: string, place: SealedPlace): string;
  /** @throws VaultError when the key is unknown, the text was altered, or it belongs to another place */
  open(sealed: string, place: SealedPlace): string;
}

/** A sealed text that cannot be opened. The message names the place, never the text. */
export class VaultError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'VaultError';
  }
}

/** @param keys asked each time, so that changed ones count at once */
export function createVault(keys: KeySource): Vault {
  return {
    seal: (plain, place) => sealWith(keys().first, plain, place),
    open: (sealed, place) => {
      const { keyId, bytes } = readSealed(sealed, place);
      const key = keys().all.find(({ id }) => id === keyId);
      if (key === undefined)
        throw new VaultError(`${nameOf(place)} is sealed with the key "${keyId}", which is not there.`);
      return openWith(key, bytes, place);
    },
  };
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

function sealWith(key: Key, plain: string, place: SealedPlace): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key.bytes, nonce).setAAD(boundTo(place));
  const bytes = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${key.id}.${bytes.toString('base64url')}`;
}

function openWith(key: Key, bytes: Buffer, place: SealedPlace): string {
  const decipher = createDecipheriv(algorithm, key.bytes, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(boundTo(place)).setAuthTag(bytes.subarray(-tagBytes));
  const secret = bytes.subarray(nonceBytes, -tagBytes);
  try {
    return Buffer.concat([decipher.update(secret), decipher.final()]).toString('utf8');
  } catch {
    throw new VaultError(
      `${nameOf(place)} does not open: it was altered, moved from another row, or sealed with another key.`,
    );
  }
}

function readSealed(sealed: string, place: SealedPlace): { keyId: string; bytes: Buffer } {
  const dot = sealed.indexOf('.');
  const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url');
  if (dot < 1 || bytes.length < nonceBytes + tagBytes) throw new VaultError(`${nameOf(place)} is not a sealed text.`);
  return { keyId: sealed.slice(0, dot), bytes };
}

/** JSON keeps the three parts apart whatever they hold. */
function boundTo(place: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([place.table, place.column, place.row]));
}

/** For messages: where it is, never what it is. */
export function nameOf(place: SealedPlace): string {
  return `${place.table}.${place.column} of ${place.row}`;
}
