import { demoApps, type Simulator } from '../../../plugins/tiktok/simulator/index.ts';
import { until } from '../../support/until.ts';

type AppName = keyof typeof demoApps;

/** What an admin does in TikTok's own portal, where our pages send her. */
export interface Portal {
  /** Login Kit, Redirect URI. */
  registerCallback(app: AppName, address: string): void;
  /** Scopes, then Apply changes. */
  setScopes(app: AppName, scopes: readonly Scope[]): void;
  /** Sandbox settings, Target users. */
  setTargetUsers(usernames: readonly string[]): void;
  /** TikTok's reviewers say yes. */
  approve(app: AppName): void;
  /** Webhooks: an address, and Test URL. */
  testWebhook(app: AppName, address: string): Promise<void>;
}

type Scope = 'user.info.basic' | 'user.info.profile' | 'user.info.stats' | 'video.list' | 'video.publish';

export const allScopes: readonly Scope[] = [
  ...(['user.info.basic', 'user.info.profile', 'user.info.stats'] as const),
  ...(['video.list', 'video.publish'] as const),
];

export function openPortal({ control }: Simulator): Portal {
  const put = (app: AppName, change: Omit<Parameters<typeof control.putApp>[0], 'client_key'>) =>
    void control.putApp({ client_key: demoApps[app].client_key, ...change });
  return {
    registerCallback: (app, address) => put(app, { redirect_uris: [address] }),
    setScopes: (app, scopes) => put(app, { scopes: [...scopes] }),
    setTargetUsers: (usernames) => put('sandbox', { target_users: [...usernames] }),
    approve: (app) => put(app, { approved: true }),
    testWebhook: async (app, address) => {
      put(app, { webhook_url: address });
      control.sendWebhook({ client_key: demoApps[app].client_key });
      await until(() => control.webhooks().some(({ attempts }) => attempts.length > 0), 'the event was sent');
    },
  };
}
