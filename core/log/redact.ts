import { inEnglish } from '../language/deferred-text.ts';
import { inSources } from './source-places.ts';

// A log is read by more people than a database: what opens an account never gets there, by name or by its looks.

const secretName =
  /token|secret|password|passphrase|^pass$|smtp_?url|authorization|cookie|credential|verifier|signature|upload_?url|api_?key|app_?key|client_?key|sealed|^code_?challenge$|^state$|^sid$|^_csrf$/i;

/** Told by their looks, wherever they stand. */
// Anybody can have 16 kB of their choice logged (a path): none of these may read a text again for each of its letters.
const secretLooks: readonly (readonly [RegExp, string])[] = [
  // Access, refresh and client tokens that begin with their kind, with or without a scheme in front.
  [/\b(?:act|rft|clt)\.[\w.!*~-]{6,}/g, '[redacted]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=!*-]{6,}/gi, '$1 [redacted]'],
  // User and password in an address; then its query, where signatures and codes are.
  [/(?<![a-z0-9+.-])([a-z0-9+.-]+:\/\/)[^\s/"']+@/gi, '$1[redacted]@'],
  [/\?(?<=\bhttps?:\/\/[^\s"'<>?\\]+\?)[^\s"'<>\\]+/gi, '?[redacted]'],
  // name=value and "name":"value" inside a text, as in a form body or JSON.
  [
    /\b((?:access_|refresh_|client_|id_)?(?:token|secret)|password|code_verifier|upload_url|client_key|code)(["\\]*\s*[=:]\s*["\\]*)(?!\[redacted)[^\s"'&,;}\\]{6,}/gi,
    '$1$2[redacted]',
  ],
  // Where a network fetches a file of ours.
  [/\/m\/[\w-]{40,}(?=\.)/g, '/m/[redacted]'],
  // A key of ours: 32 bytes in base64.
  [/(?<![\w+/])[A-Za-z0-9+/]{43}=(?![\w=])/g, '[redacted]'],
];

/** Has no room for any of them: nothing but letters, and few. Most of what is logged is like this. */
const plain = /^[\w/-]{0,40}$/;

/** Names come from code, a few hundred; more of them are not kept. */
const namesRead = new Map<string, boolean>();
const mostNamesRead = 1_000;

const deepest = 6;
const longestText = 2_000;
const longestRead = 20_000;

/** A copy fit for a log: secrets replaced, errors as plain facts, bytes and long texts shortened. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? value.toString() : value;
  if (depth >= deepest) return '[deeper]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return redact(Object.fromEntries(value), depth);
  if (isList(value)) return [...value].slice(0, 50).map((part) => redact(part, depth + 1));
  return redactObject(value, depth);
}

export function redactText(text: string): string {
  if (plain.test(text)) return text;
  // Shortened afterwards: half a secret has no looks any more.
  const safe = secretLooks.reduce(
    (sofar, [looks, instead]) => sofar.replace(looks, instead),
    inEnglish(text.slice(0, longestRead)),
  );
  return safe.length > longestText ? `${safe.slice(0, longestText)}…` : safe;
}

function isList(value: object): value is Iterable<unknown> {
  return Array.isArray(value) || value instanceof Set;
}

function redactObject(value: object, depth: number): Record<string, unknown> {
  const safe = Object.entries(value)
    .slice(0, 100)
    .map(([name, part]: [string, unknown]) => {
      const hides = isSecretName(name) && part !== null && typeof part !== 'boolean' && typeof part !== 'number';
      return [name, hides ? '[redacted]' : redact(part, depth + 1)] as const;
    });
  return Object.fromEntries(safe);
}

function isSecretName(name: string): boolean {
  const known = namesRead.get(name);
  if (known !== undefined) return known;
  const isSecret = secretName.test(name);
  if (namesRead.size < mostNamesRead) namesRead.set(name, isSecret);
  return isSecret;
}

/** Name, message, code and the places in our code. Nothing else an error carries: HTTP clients put whole requests in. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    message: redactText(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: redactText(placesOf(error)),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

function placesOf(error: Error): string {
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return inSources(lines.slice(0, 12).join('\n'));
}
