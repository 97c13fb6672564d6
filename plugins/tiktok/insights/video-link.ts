import type { ChannelView } from '#plugin-api';
import { postUrl } from '../step-parts.ts';
import type { Video } from './video.ts';

/**
 * Where people watch it: the address they know, or, while the username may not be read, what TikTok itself tells. That
 * carries the app's key in its query, which is left out. Null where nobody can know it. Only photos have no length.
 */
export function linkOf(
  { username }: Pick<ChannelView, 'username'>,
  { videoId, durationSeconds, shareUrl }: Pick<Video, 'videoId' | 'durationSeconds' | 'shareUrl'>,
): string | null {
  if (username !== null) return postUrl(username, videoId, durationSeconds === 0 ? 'photo' : 'video');
  if (shareUrl === null || !URL.canParse(shareUrl)) return null;
  const { protocol, hostname, origin, pathname } = new URL(shareUrl);
  const isTikTok = hostname === 'tiktok.com' || hostname.endsWith('.tiktok.com');
  return protocol === 'https:' && isTikTok ? `${origin}${pathname}` : null;
}
