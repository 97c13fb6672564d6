import { randomBytes } from 'node:crypto';

export interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/** The keys of this installation: the first seals, all open. */
export interface KeyRing {
  readonly first: Key;
  readonly all: readonly Key[];
}

export type ReadKeys = { readonly ring: KeyRing } | { readonly problem: string };

/**
 * Reads `id:base64(32 bytes)`, comma-separated.
 * The problem names the place in the list, never the text: it may be a key with a typing mistake.
 */
export function readKeys(text: string): ReadKeys {
  const entries = text.split(',').map((entry) => entry.trim());
  const keys: Key[] = [];
  for (const [index, entry] of entries.entries()) {
    const key = readKey(entry);
    if (key === undefined) return { problem: `has no id:base64 of 32 bytes as entry ${index + 1}. ${howToMakeOne}` };
    if (keys.some((other) => other.id === key.id)) return { problem: `has the key id "${key.id}" twice.` };
    keys.push(key);
  }
  const [first] = keys;
  if (first === undefined) return { problem: `holds no key. ${howToMakeOne}` };
  return { ring: { first, all: keys } };
}

/** A new key in the same form. */
export function makeKey(id: string): string {
  return `${id}:${randomBytes(keyBytes).toString('base64')}`;
}

const keyBytes = 32;
const howToMakeOne = 'Make one with: echo "k1:$(openssl rand -base64 32)"';
const form = /^(?<id>[A-Za-z0-9_-]{1,40}):(?<base64>[A-Za-z0-9+/]{43}=)$/;

function readKey(entry: string): Key | undefined {
  const groups = form.exec(entry)?.groups;
  const id = groups?.['id'];
  const bytes = Buffer.from(groups?.['base64'] ?? '', 'base64');
  return id === undefined || bytes.length !== keyBytes ? undefined : { id, bytes };
}
