import type { ConnectContext, DoctorCheck, PluginHost } from '#plugin-api';
import type { TikTokClient } from '../api/client.ts';
import type { TikTokConnector } from '../connector.ts';
import type { ErrorBook } from '../errors.ts';
import { callbackCheck } from './look-at-callback.ts';
import { clockCheck } from './look-at-clock.ts';
import { keyCheck } from './look-at-keys.ts';
import { scopeCheck } from './look-at-scopes.ts';
import { webhookCheck } from './look-at-webhook.ts';

interface DoctorParts {
  readonly host: PluginHost;
  readonly client: TikTokClient;
  readonly errors: ErrorBook;
  readonly connector: TikTokConnector;
}

/** What can go wrong between this installation and its apps at TikTok, in the order in which a setup goes. */
export function createDoctor({ host, client, errors, connector }: DoctorParts): { checks: readonly DoctorCheck[] } {
  const { t, clock, settings, channels, urls } = host;
  const authorizeAddress = (context: ConnectContext) => connector.strategy(context).authorizeAddress();
  return {
    checks: [
      keyCheck({ t, client, errors, settings }),
      callbackCheck({ t, settings, authorizeAddress, publicUrl: urls.publicUrl, computed: urls.callbackUrl }),
      scopeCheck({ t, settings, channels }),
      webhookCheck({ t, clock, webhookUrl: urls.webhookUrl }),
      clockCheck({ t, clock, client }),
    ],
  };
}
