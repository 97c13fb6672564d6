import type { Translate } from '#plugin-api';
import type { Media } from './media.ts';

type Facts = Pick<Media, 'durationMs' | 'width' | 'height' | 'frameRate' | 'codec' | 'bytes'>;

/** A file's facts in one line: `0:34 · 1080 × 1920 · 30 fps · H.264 · 48.2 MB`. */
export function mediaLine(media: Facts): string {
  const rate = media.frameRate === null ? [] : [`${Number(media.frameRate.toFixed(2))} fps`];
  const codec = media.codec === null ? [] : [media.codec];
  const length = media.durationMs === null ? [] : [lengthOf(media.durationMs)];
  return [...length, `${media.width} × ${media.height}`, ...rate, ...codec, sizeOf(media.bytes)].join(' · ');
}

/** What was done to a picture when it came in: `Converted from PNG and made smaller: 3024 × 4032 → 1080 × 1440`. */
export function changedLine(
  { t, locale }: { readonly t: Translate; readonly locale: string },
  media: Pick<Media, 'changed' | 'width' | 'height'>,
): string | null {
  const { changed } = media;
  if (changed === null) return null;
  const said = changed.what.map((what) => t(`media:changed.${what}`, { from: changed.from.toUpperCase() }));
  const what = new Intl.ListFormat(locale).format(said);
  const sentence = what.charAt(0).toUpperCase() + what.slice(1);
  if (!changed.what.includes('size')) return sentence;
  return `${sentence}: ${changed.width} × ${changed.height} → ${media.width} × ${media.height}`;
}

/** 94,000 ms → `1:34`; from an hour on `1:02:05`. */
export function lengthOf(milliseconds: number): string {
  const total = Math.round(milliseconds / 1000);
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours === 0 ? `${minutes}:${seconds}` : `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`;
}

/** Bytes in decimal units, as networks state their limits: `48.2 MB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000))} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}
