import type { ChannelRoute } from '#plugin-api';
import type { InsightParts } from './parts.ts';
import { linkOf } from './video-link.ts';

/** What is shown in a frame comes from there. */
export const playerOrigin = 'https://www.tiktok.com';

/**
 * TikTok's own player (developers.tiktok.com/doc/embed-player), on a page that people open for it: no other page may
 * show TikTok in a frame, and TikTok learns of nobody who only reads the list.
 */
export function playerRoute(parts: InsightParts): ChannelRoute {
  return {
    method: 'get',
    path: 'videos/:video/player',
    permission: 'team.see',
    handle: async ({ channel, params }) => {
      const video = await parts.videos.find(channel.id, params['video'] ?? '');
      if (!video || video.missingSince !== null) return { kind: 'absent' };
      const src = `${playerOrigin}/player/v1/${video.videoId}?description=1&rel=0`;
      const base = `/team/${channel.teamId}/channels/${channel.id}`;
      const model = { base, video, src, link: linkOf(channel, video) };
      return { kind: 'view', view: 'player', model, isFraming: true };
    },
  };
}
