import { createHash, randomBytes } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function randomText(length: number): string {
  return Array.from(randomBytes(length), (byte) => LETTERS.charAt(byte % LETTERS.length)).join('');
}

export function randomDigits(length: number): string {
  const rest = Array.from(randomBytes(length - 1), (byte) => String(byte % 10)).join('');
  return '7' + rest;
}

export function randomHex(characters: number): string {
  return randomBytes(Math.ceil(characters / 2))
    .toString('hex')
    .slice(0, characters);
}

/** The same seed always gives the same bytes: how invented things (ids, numbers, pictures) stay stable between requests. */
export function seededBytes(seed: string): Buffer {
  return createHash('sha256').update(seed).digest();
}

/** A whole number from 0 to limit - 1, stable for its seed. */
export function seededNumber(seed: string, limit: number): number {
  return seededBytes(seed).readUInt32BE(0) % limit;
}

/**
 * A 19-digit id as TikTok makes them: creation second in the upper half. Odd, so that a reader that squeezes it into a
 * JavaScript number always shows a wrong last digit.
 */
export function postId(createdAt: number, seed: string): string {
  const seconds = Math.max(Math.floor(createdAt / 1000), 1_500_000_000);
  const low = seededBytes(seed).readUInt32BE(4);
  return ((BigInt(seconds) << 32n) | BigInt(low) | 1n).toString();
}

/** 34 characters: UTC `YYYYMMDDHHMMSS` and 20 upper-case hexadecimal digits (tiktok-api-v2-error-handling). */
export function newLogId(now: number): string {
  const stamp = new Date(now).toISOString().replace(/\D/g, '').slice(0, 14);
  return stamp + randomHex(20).toUpperCase();
}
