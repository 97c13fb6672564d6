import { createHash, randomBytes } from 'node:crypto';

/** What an app on a person's phone is given: by picture, or typed. */
export interface NewSecret {
  /** Base32. */
  readonly secret: string;
  /** A QR code as the address of a picture. */
  readonly picture: string;
}

const stepMs = 30_000;
const settings = { algorithm: 'SHA1', digits: 6, period: stepMs / 1_000 } as const;

// What no start needs is loaded for the first code.
const otpauth = () => import('otpauth');
const qrcode = () => import('qrcode');

/** @param issuer the installation's name and `label` the person's address, as the app shows them */
export async function makeSecret(names: { readonly issuer: string; readonly label: string }): Promise<NewSecret> {
  const { Secret } = await otpauth();
  const { base32 } = new Secret({ buffer: Uint8Array.from(randomBytes(20)).buffer });
  return { secret: base32, picture: await drawSecret(base32, names) };
}

export async function drawSecret(
  base32: string,
  { issuer, label }: { readonly issuer: string; readonly label: string },
): Promise<string> {
  const { Secret, TOTP } = await otpauth();
  const totp = new TOTP({ ...settings, issuer: issuer.replaceAll(':', ' '), label, secret: Secret.fromBase32(base32) });
  const svg = await (await qrcode()).toString(totp.toString(), { type: 'svg', margin: 3 });
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}

/** @returns the half minute, counted from 1970, whose code this is; this one, the one before or the next. Undefined: it is none of them */
export async function stepOf(secret: string, code: string, now: number): Promise<number | undefined> {
  const { Secret, TOTP } = await otpauth();
  const totp = new TOTP({ ...settings, secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, timestamp: now, window: 1 });
  return delta === null ? undefined : Math.floor(now / stepMs) + delta;
}

const codeCount = 8;
/** Without letters that look like another. */
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** 120 random bits each, so that a hash without salt tells nobody anything. */
export function makeRecoveryCodes(): readonly string[] {
  return Array.from({ length: codeCount }, () => {
    const code = Array.from(randomBytes(24), (byte) => letters[byte % letters.length]).join('');
    return (code.match(/.{6}/g) ?? []).join('-');
  });
}

export function hashRecoveryCode(typed: string): string {
  const code = typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return createHash('sha256').update(code).digest('hex');
}
