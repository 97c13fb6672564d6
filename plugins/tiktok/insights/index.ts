import type { ChannelOverviews, ChannelPage, ChannelRoute, ChannelView, PluginHost, PluginJob } from '#plugin-api';
import type { TikTokClient } from '../api/client.ts';
import type { ErrorBook } from '../errors.ts';
import { insightPage } from './channel-page.ts';
import { coverRoute } from './covers.ts';
import { channelOverviews } from './overview.ts';
import { insightParts, type InsightParts } from './parts.ts';
import { exportRoutes } from './video-export.ts';
import { videoRoute } from './video-page.ts';
import { playerRoute } from './video-player.ts';
import { recentJob, syncJob, syncKind } from './sync.ts';
import { whenRoute } from './when-route.ts';

export interface Insights {
  readonly page: ChannelPage;
  readonly overviews: ChannelOverviews;
  readonly routes: readonly ChannelRoute[];
  readonly jobs: readonly PluginJob[];
  /** The first look at a channel that has just been connected. */
  begin(channel: ChannelView): Promise<void>;
}

/** The channel page: numbers with a snapshot a day, and every public video. */
export function createInsights(host: PluginHost, client: TikTokClient, errors: ErrorBook): Insights {
  const parts = insightParts({ host, client, errors });
  const begin = (channel: ChannelView): Promise<void> =>
    host.jobs.enqueue({ kind: syncKind, key: String(channel.id), payload: null, runAt: host.clock.now() });
  return {
    page: insightPage(parts),
    overviews: channelOverviews(parts),
    routes: [
      coverRoute(parts),
      playerRoute(parts),
      ...exportRoutes(parts),
      videoRoute(parts),
      whenRoute(parts),
      refreshRoute(parts, begin),
    ],
    jobs: [syncJob(parts), recentJob(parts)],
    begin,
  };
}

function refreshRoute({ host, profiles }: InsightParts, begin: (channel: ChannelView) => Promise<void>): ChannelRoute {
  return {
    method: 'post',
    path: 'refresh',
    permission: 'posts.edit',
    handle: async ({ channel }) => {
      await profiles.saveState(channel.id, { askedAt: host.clock.now() });
      await begin(channel);
      return { kind: 'back', flash: { tone: 'ok', text: host.t('tiktok-numbers:refreshing') } };
    },
  };
}
