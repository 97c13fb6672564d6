import type { WhoCanFix } from '#plugin-api';
import type { Advice } from './advice.ts';

/** What nobody throws here: words of guides, and what becomes of TikTok's events. */
export interface Beside extends Advice {
  readonly who: WhoCanFix;
  /** Its texts, where the code is no key. */
  readonly key?: string;
  /** The sentence of the plugin's own texts that says it. */
  readonly told?: string;
}

/** developers.tiktok.com/doc/add-a-sandbox, /doc/content-posting-api-media-transfer-guide */
export const guides: Readonly<Record<string, Beside>> = {
  account_not_authorized: {
    who: 'admin',
    retry: 'login',
    you: ['whoIsLoggedIn', 'switchAccount', 'comeBack'],
    admin: ['sandboxSettings', 'targetUsers', 'waitHour', 'keyOfMode', 'reviewState'],
    phrases: ['account not authorized', 'account is not authorized', 'not authorized to use this app'],
  },
  domain_not_verified: {
    who: 'admin',
    retry: 'never',
    you: ['tellAdmin'],
    admin: ['manageApps', 'urlProperties', 'dns', 'policyAddresses', 'confirmAddress'],
    phrases: ['domain not verified', 'invalid domain', 'verify your domain', 'unverified domain'],
  },
};

/** developers.tiktok.com/doc/webhooks-overview, /doc/webhooks-events, /doc/webhooks-verification */
export const webhook: Readonly<Record<string, Beside>> = {
  webhook_no_signature: {
    who: 'admin',
    retry: 'events',
    you: [],
    admin: ['rawBody', 'testUrl'],
    told: 'tiktok:webhook.noSignature',
  },
  webhook_stale: {
    who: 'admin',
    retry: 'events',
    you: [],
    admin: ['setClock', 'testUrl'],
    phrases: ['stale timestamp'],
    told: 'tiktok:webhook.stale',
  },
  webhook_unreadable: {
    who: 'admin',
    retry: 'events',
    you: [],
    admin: ['rawBody', 'testUrl'],
    told: 'tiktok:webhook.unreadable',
  },
  webhook_other_app: {
    who: 'admin',
    retry: 'events',
    you: [],
    admin: ['manageApps', 'compareKey', 'webhookUrl'],
    told: 'tiktok:webhook.otherApp',
  },
  webhook_wrong_signature: {
    who: 'admin',
    retry: 'events',
    you: [],
    admin: ['manageApps', 'secretOfSet', 'rawBody', 'testUrl'],
    phrases: ['signature mismatch'],
    told: 'tiktok:webhook.wrongSignature',
  },
  webhook_not_taken: {
    who: 'admin',
    retry: 'events',
    you: [],
    admin: ['webhookUrl', 'quickAnswer', 'testUrl'],
    phrases: ['callback url verification failed'],
  },
  webhook_no_events: { who: 'admin', retry: 'events', you: [], admin: ['manageApps', 'webhookUrl', 'testUrl'] },
  'authorization.removed': {
    who: 'team',
    retry: 'asks',
    you: ['askOwner', 'reconnect', 'sameAccount'],
    admin: [],
    key: 'authorization_removed',
  },
};
