import { mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ChannelRoute, ChannelView, PluginAnswer } from '#plugin-api';
import { pageTimeoutMs } from '../api/client.ts';
import { withToken } from '../creator.ts';
import type { InsightParts } from './parts.ts';
import type { Video } from './video.ts';

/** developers.tiktok.com/doc/tiktok-api-v2-video-object: a cover's address is valid for six hours; we trust it for five. */
const coverLifeMs = 5 * 3_600_000;
const coverWidth = 240;

/** Covers through our own address: copied when first looked at, since TikTok's addresses expire and name the reader. */
export function coverRoute(parts: InsightParts): ChannelRoute {
  return {
    method: 'get',
    path: 'covers/:video',
    permission: 'team.see',
    handle: async ({ channel, params }): Promise<PluginAnswer> => {
      const video = await parts.videos.find(channel.id, params['video'] ?? '');
      if (!video) return { kind: 'absent' };
      const file = path.join(parts.host.folder, 'covers', String(channel.id), `${video.videoId}.webp`);
      if (await exists(file)) return { kind: 'file', path: file, type: 'image/webp' };
      const copied = await copyCover(parts, { channel, video, file });
      return copied ? { kind: 'file', path: file, type: 'image/webp' } : { kind: 'absent' };
    },
  };
}

async function copyCover(
  parts: InsightParts,
  wanted: { channel: ChannelView; video: Video; file: string },
): Promise<boolean> {
  const { channel, video, file } = wanted;
  const isFresh = parts.host.clock.now() - video.seenAt < coverLifeMs;
  const url = isFresh ? video.coverUrl : await renewedCover(parts, channel, video.videoId);
  const bytes = url === null ? undefined : await parts.client.picture(url, { timeoutMs: pageTimeoutMs });
  if (bytes === undefined) return false;
  await mkdir(path.dirname(file), { recursive: true });
  // Written beside and moved: two readers at once never see half a picture.
  const { default: sharp } = await import('sharp');
  const partial = `${file}.${process.pid}`;
  try {
    await sharp(bytes, { limitInputPixels: 40_000_000 })
      .resize({ width: coverWidth })
      .webp({ quality: 78 })
      .toFile(partial);
  } catch {
    // What came is no picture: the page shows the video without one.
    return false;
  }
  await rename(partial, file);
  return true;
}

async function renewedCover(parts: InsightParts, channel: ChannelView, videoId: string): Promise<string | null> {
  if (channel.state === 'reconnect-needed' || !channel.scopes.includes('video.list')) return null;
  const account = await parts.host.channels.access(channel.id);
  const wanted = { fields: ['id', 'cover_image_url'], ids: [videoId] };
  const reply = await withToken(parts.errors, account, (token) =>
    parts.client.videoQuery(token, wanted, { timeoutMs: pageTimeoutMs }),
  );
  if (!reply.ok) return null;
  return reply.value.find((video) => video.id === videoId)?.cover_image_url ?? null;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
