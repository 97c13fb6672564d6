import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { MediaView, PluginMediaLinks } from '#plugin-api';
import { isLoopbackHost } from '../config/public-url.ts';
import { derivedSecrets } from '../keys/derived-secrets.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { pictureEndings } from './picture-types.ts';

// Networks fetch photos from us, without signing in. Whoever has such an address can fetch that one file until it ends:
// nothing in it can be guessed, read or changed, and nothing of it is stored.

/** The path that all of them begin with: what an admin verifies at a network. */
export const mediaLinkPath = '/m/';

/** What a network is sent. */
export interface LinkedFile {
  readonly storedName: string;
  readonly type: string;
}

export type FindLinkedFile = (mediaId: number) => Promise<LinkedFile | undefined>;

export interface MediaLinks {
  readonly forPlugins: PluginMediaLinks;
  /** Which file the last part of an address stands for; undefined for what is none, or has ended. */
  open(name: string, now: number): number | undefined;
}

/** @param keys read anew each time, so that a changed key counts */
export function createMediaLinks(publicUrl: string, keys: () => KeyRing): MediaLinks {
  const url = new URL(publicUrl);
  const prefix = `${publicUrl}${mediaLinkPath}`;
  return {
    forPlugins: {
      prefix,
      isPublic: url.protocol === 'https:' && !isLoopbackHost(url.hostname),
      make: (media, until) => `${prefix}${seal(keys(), media.id, until)}.${endingOf(media)}`,
    },
    open: (name, now) => {
      const opened = openName(keys(), name);
      return opened === undefined || opened.until <= now ? undefined : opened.mediaId;
    },
  };
}

/** For those who go by the ending; what the file is stands in the answer. */
function endingOf({ type }: Pick<MediaView, 'type'>): string {
  return type === 'image/webp' ? pictureEndings['image/webp'] : pictureEndings['image/jpeg'];
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const bodyBytes = 16;
const nameForm = new RegExp(
  `^([\\w-]{${Math.ceil(((nonceBytes + bodyBytes + tagBytes) * 4) / 3)}})\\.(?:jpg|webp)$`,
  'u',
);

function secretsOf(ring: KeyRing): readonly Buffer[] {
  return derivedSecrets(ring, 'media-links').map((secret) => createHash('sha256').update(secret).digest());
}

function seal(ring: KeyRing, mediaId: number, until: number): string {
  const [secret] = secretsOf(ring);
  if (secret === undefined) throw new Error('There is no key to seal an address with.');
  const body = Buffer.alloc(bodyBytes);
  body.writeBigUInt64BE(BigInt(mediaId), 0);
  body.writeBigUInt64BE(BigInt(Math.floor(until)), 8);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, secret, nonce);
  const sealed = Buffer.concat([cipher.update(body), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

interface Opened {
  readonly mediaId: number;
  readonly until: number;
}

function openName(ring: KeyRing, name: string): Opened | undefined {
  const token = nameForm.exec(name)?.[1];
  if (token === undefined) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  // One way to write each: no second address for the same.
  if (bytes.toString('base64url') !== token) return undefined;
  for (const secret of secretsOf(ring)) {
    const opened = openWith(secret, bytes);
    if (opened !== undefined) return opened;
  }
  return undefined;
}

function openWith(secret: Buffer, bytes: Buffer): Opened | undefined {
  const tagAt = bytes.length - tagBytes;
  const decipher = createDecipheriv(algorithm, secret, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(bytes.subarray(tagAt));
  const body = decipher.update(bytes.subarray(nonceBytes, tagAt));
  try {
    decipher.final();
  } catch {
    // Sealed with another key, or made up.
    return undefined;
  }
  return { mediaId: Number(body.readBigUInt64BE(0)), until: Number(body.readBigUInt64BE(8)) };
}
