import { randomUUID } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import type { ChannelRoute, PluginAnswer } from '#plugin-api';
import { pageTimeoutMs } from '../api/client.ts';
import { coverFile, CoverRenewals, exists } from './cover-renewals.ts';
import type { InsightParts } from './parts.ts';

const coverWidth = 240;

/** Covers through our own address: copied when first looked at, since TikTok's addresses expire and name the reader. */
export function coverRoute(parts: InsightParts): ChannelRoute {
  const renewals = new CoverRenewals(parts);
  return {
    method: 'get',
    path: 'covers/:video',
    permission: 'team.see',
    handle: async ({ channel, params, query }): Promise<PluginAnswer> => {
      const video = await parts.videos.find(channel.id, params['video'] ?? '');
      if (!video) return { kind: 'absent' };
      const file = coverFile(parts, channel, video.videoId);
      if (await exists(file)) return { kind: 'file', path: file, type: 'image/webp' };
      const url = await renewals.urlOf(channel, video, query);
      const copied = url !== null && (await copyCover(parts, url, file));
      return { kind: 'file', path: copied ? file : await placeholder(parts), type: 'image/webp' };
    },
  };
}

async function copyCover(parts: InsightParts, url: string, file: string): Promise<boolean> {
  const bytes = await parts.client.picture(url, { timeoutMs: pageTimeoutMs });
  if (bytes === undefined) return false;
  const { default: sharp } = await import('sharp');
  const picture = sharp(bytes, { limitInputPixels: 40_000_000 }).resize({ width: coverWidth }).webp({ quality: 78 });
  try {
    await write(file, (partial) => picture.toFile(partial));
  } catch {
    // What came is no picture: the page shows the video without one.
    return false;
  }
  return true;
}

/** A strip of film where there is no picture: the page need not know beforehand. */
async function placeholder({ host }: InsightParts): Promise<string> {
  const file = path.join(host.folder, 'no-cover.webp');
  if (await exists(file)) return file;
  const { default: sharp } = await import('sharp');
  await write(file, (partial) => sharp(Buffer.from(film)).webp({ lossless: true }).toFile(partial));
  return file;
}

const film = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="160" viewBox="-14 -20 44 58.7">
<path fill="none" stroke="#8b8f94" stroke-width="1.2" d="M1 1h14v14H1zM4 1v14M12 1v14M4 8h8M1 4h3M1 8h3M1 12h3M12 4h3M12 8h3M12 12h3"/></svg>`;

/** Written beside and moved: two readers at once never see half a picture. */
async function write(file: string, make: (partial: string) => Promise<unknown>): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}`;
  await make(partial);
  await rename(partial, file);
}
