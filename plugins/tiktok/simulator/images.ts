import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import sharp from 'sharp';
import type { SimulatorClock } from './clock.ts';
import { seededNumber } from './ids.ts';

const KEPT = 400;
const SIZES: Readonly<Record<string, { readonly width: number; readonly height: number }>> = {
  avatar: { width: 168, height: 168 },
  'avatar-100': { width: 100, height: 100 },
  'avatar-large': { width: 720, height: 720 },
  cover: { width: 270, height: 480 },
};

export type ImageKind = 'avatar' | 'avatar-100' | 'avatar-large' | 'cover';

/** Pictures with addresses that expire, as TikTok's do: every account and every video has its own. */
export class Images {
  readonly #clock: SimulatorClock;
  readonly #secret = randomBytes(32);
  readonly #made = new Map<string, Buffer>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Path and query; good for the given hours. */
  address(kind: ImageKind, subject: string, hours: number): string {
    const expires = Math.floor(this.#clock.now() / 1000) + hours * 3600;
    return `/img/${kind}/${subject}.jpeg?x-expires=${expires}&x-signature=${encodeURIComponent(this.#sign(kind, subject, expires))}`;
  }

  /** Undefined when the signature is wrong or the time is over. */
  async fetch(kind: string, subject: string, query: URLSearchParams): Promise<Buffer | undefined> {
    const expires = Number(query.get('x-expires'));
    const size = SIZES[kind];
    if (size === undefined || !(expires * 1000 > this.#clock.now())) return undefined;
    const wanted = Buffer.from(this.#sign(kind, subject, expires));
    const given = Buffer.from(query.get('x-signature') ?? '');
    if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) return undefined;
    return await this.#picture(kind, subject, size);
  }

  async #picture(kind: string, subject: string, size: { width: number; height: number }): Promise<Buffer> {
    const key = `${kind} ${subject}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const svg = kind === 'cover' ? coverSvg(subject, size) : avatarSvg(subject, size.width);
    const made = await sharp(Buffer.from(svg)).jpeg({ quality: 78 }).toBuffer();
    const oldest = this.#made.keys().next().value;
    if (this.#made.size >= KEPT && oldest !== undefined) this.#made.delete(oldest);
    this.#made.set(key, made);
    return made;
  }

  #sign(kind: string, subject: string, expires: number): string {
    return createHmac('sha256', this.#secret).update(`${kind} ${subject} ${expires}`).digest('base64');
  }
}

function avatarSvg(subject: string, side: number): string {
  const hue = seededNumber(`hue ${subject}`, 360);
  const turn = seededNumber(`turn ${subject}`, 180);
  const cuts = [-22, 0, 22].map(
    (x) => `<rect x="${x - 3}" y="-26" width="6" height="52" rx="3" fill="hsl(${hue},50%,30%)"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="-60 -60 120 120">
    <rect x="-60" y="-60" width="120" height="120" fill="hsl(${hue},45%,82%)"/>
    <g transform="rotate(${turn})"><ellipse rx="46" ry="30" fill="hsl(${(hue + 25) % 360},55%,48%)"/>${cuts.join('')}</g></svg>`;
}

function coverSvg(subject: string, { width, height }: { width: number; height: number }): string {
  const hue = seededNumber(`hue ${subject}`, 360);
  const loaves = Array.from({ length: 5 }, (_, n) => {
    const x = seededNumber(`x${n} ${subject}`, width);
    const y = seededNumber(`y${n} ${subject}`, height);
    const r = 24 + seededNumber(`r${n} ${subject}`, 60);
    return `<ellipse cx="${x}" cy="${y}" rx="${r}" ry="${Math.floor(r * 0.7)}" fill="hsl(${(hue + 30 * n) % 360},50%,${40 + 6 * n}%)"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="g" x2="0" y2="1"><stop stop-color="hsl(${hue},40%,70%)"/><stop offset="1" stop-color="hsl(${(hue + 60) % 360},45%,25%)"/></linearGradient></defs>
    <rect width="${width}" height="${height}" fill="url(#g)"/>${loaves.join('')}</svg>`;
}
