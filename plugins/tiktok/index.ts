import type { ChannelPlugin, PluginHost, PluginParts } from '#plugin-api';
import { TikTokClient } from './api/client.ts';
import { createChannelCheck } from './check/channel-check.ts';
import { TikTokComposer } from './composer.ts';
import { createConnectionTest } from './connection-test.ts';
import { TikTokConnector } from './connector.ts';
import { createErrorBook } from './error-book/book.ts';
import { createDoctor } from './doctor/index.ts';
import { ErrorBook } from './errors.ts';
import { createGoingLive } from './going-live/index.ts';
import { createInsights } from './insights/index.ts';
import { playerOrigin } from './insights/video-player.ts';
import { createPrivacyFacts } from './privacy-facts.ts';
import { TikTokPublisher } from './publisher.ts';
import { settings } from './settings.ts';
import { createSiteVerification } from './site-verification.ts';
import { standardTimings } from './timings.ts';
import { TikTokWebhooks } from './webhooks.ts';

export const plugin: ChannelPlugin = {
  apiVersion: 1,
  id: 'tiktok',
  name: 'TikTok',
  icon: 'tiktok',
  settings,
  activate,
};

function activate(host: PluginHost): PluginParts {
  const client = new TikTokClient(host.http, host.settings.address('api'));
  const errors = new ErrorBook(host.t);
  const connector = new TikTokConnector(host, client, errors);
  const insights = createInsights(host, client, errors);
  return {
    connector,
    doctor: createDoctor({ host, client, errors, connector }),
    publisher: new TikTokPublisher({ host, client, errors, timings: standardTimings }),
    composer: new TikTokComposer({ client, errors, timings: standardTimings }, host),
    connectionTest: createConnectionTest(client, errors, host.t),
    channelPage: insights.page,
    channelOverviews: insights.overviews,
    channelCheck: createChannelCheck({ host, client, errors, timings: standardTimings }),
    channelRoutes: insights.routes,
    jobs: insights.jobs,
    errorBook: createErrorBook(host.t),
    goingLive: createGoingLive(host),
    connected: (channel) => insights.begin(channel),
    webhooks: new TikTokWebhooks({ settings: host.settings, clock: host.clock, t: host.t }),
    siteVerification: createSiteVerification(host.t),
    privacyFacts: createPrivacyFacts(host.t),
    origins: { formAction: [new URL(host.settings.address('auth')).origin], frame: [playerOrigin] },
  };
}
