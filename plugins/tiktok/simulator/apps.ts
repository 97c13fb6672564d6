import { z } from 'zod';
import { leftIn, type Loose } from './loose.ts';

/** All scopes this simulator knows; an app is enabled for some of them (tiktok-api-scopes). */
const knownScopes = [
  'user.info.basic',
  'user.info.profile',
  'user.info.stats',
  'video.list',
  'video.publish',
  'video.upload',
] as const;

const UNAUDITED_USERS_PER_DAY = 5;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export const appShape = z
  .strictObject({
    client_key: z.string().min(1),
    client_secret: z.string().min(1),
    name: z.string().min(1),
    environment: z.enum(['live', 'sandbox']),
    /** A live app that was never approved authorizes nobody. */
    approved: z.boolean(),
    /** Passed the Direct Post audit. A sandbox app never counts as audited. */
    audited: z.boolean(),
    /** Accounts that may post in 24 hours; null: 5 without audit, any number with it. */
    daily_user_cap: z.number().int().min(0).nullable(),
    platform: z.enum(['web', 'desktop']),
    redirect_uris: z.array(z.string()).max(10),
    scopes: z.array(z.enum(knownScopes)),
    /** Asked for, granted and listed in tokens, and refused all the same: the app is not approved for them. */
    refused_scopes: z.array(z.enum(knownScopes)),
    /** Usernames; only a sandbox looks at them. */
    target_users: z.array(z.string()).max(10),
    webhook_url: z.string().nullable(),
    /** Verified: domains (`example.org`) and prefixes (`https://example.org/m/`) from which TikTok fetches. */
    url_properties: z.array(z.string()).max(20),
  })
  .superRefine((app, context) => {
    for (const uri of app.redirect_uris) {
      const problem = redirectUriProblem(uri, app.platform);
      if (problem !== undefined)
        context.addIssue({ code: 'custom', path: ['redirect_uris'], message: `${uri}: ${problem}` });
    }
    if (app.webhook_url !== null && !isWebhookUrl(app.webhook_url))
      context.addIssue({ code: 'custom', path: ['webhook_url'], message: 'must be https (http only on this machine)' });
  });

export type App = z.infer<typeof appShape>;

/** An app or a part of one, as the control routes take it; what is left out comes from the app that exists or from these. */
export type AppInput = Loose<App> & { readonly client_key: string };

const newApp: Omit<App, 'client_key'> = {
  client_secret: 'simulator-secret',
  name: 'An app',
  environment: 'live',
  approved: true,
  audited: false,
  daily_user_cap: null,
  platform: 'desktop',
  redirect_uris: [],
  scopes: ['user.info.basic', 'user.info.profile', 'user.info.stats', 'video.list', 'video.publish'],
  refused_scopes: [],
  target_users: [],
  webhook_url: null,
  url_properties: [],
};

export class Apps {
  readonly #initial: readonly AppInput[];
  readonly #apps = new Map<string, App>();

  constructor(initial: readonly AppInput[]) {
    this.#initial = initial;
    this.reset();
  }

  reset(): void {
    this.#apps.clear();
    for (const app of this.#initial) this.put(app);
  }

  put(input: AppInput): App {
    const app = appShape.parse({ ...newApp, ...this.#apps.get(input.client_key), ...leftIn(input) });
    this.#apps.set(app.client_key, app);
    return app;
  }

  find(clientKey: string): App | undefined {
    return this.#apps.get(clientKey);
  }

  all(): readonly App[] {
    return [...this.#apps.values()];
  }
}

/** For pages and answers: all but the secret. */
export function withoutSecret(app: App): object {
  return Object.fromEntries(Object.entries(app).filter(([name]) => name !== 'client_secret'));
}

/** Direct posts of such an app are private and few (content-sharing-guidelines); a sandbox cannot post publicly at all. */
export function isUnaudited(app: App): boolean {
  return app.environment === 'sandbox' || !app.audited;
}

/**
 * How many accounts may post through the app in 24 hours: 5 before the audit, after it what TikTok grants on the
 * estimate given there (content-sharing-guidelines).
 */
export function userCap(app: App): number {
  return app.daily_user_cap ?? (isUnaudited(app) ? UNAUDITED_USERS_PER_DAY : Infinity);
}

/** Character for character; only a desktop app's port may be a wildcard (login-kit-desktop). */
export function isRegistered(app: App, redirectUri: string): boolean {
  return app.redirect_uris.some((registered) => {
    if (registered === redirectUri) return true;
    if (app.platform !== 'desktop' || !registered.includes(':*')) return false;
    const [before = '', after = ''] = registered.split(':*');
    const port = redirectUri.slice(before.length, redirectUri.length - after.length);
    return redirectUri.startsWith(before) && redirectUri.endsWith(after) && /^:\d{1,5}$/.test(port);
  });
}

function redirectUriProblem(uri: string, platform: 'web' | 'desktop'): string | undefined {
  if (uri.length >= 512) return 'must be shorter than 512 characters';
  if (/[?#]/.test(uri)) return 'must not have a query or fragment';
  if (platform === 'web')
    return /^https:\/\/(?!localhost)[^/]+/.test(uri) ? undefined : 'must be https on a public host';
  const host = /^https?:\/\/(localhost|127\.0\.0\.1):(\d+|\*)(\/|$)/.test(uri);
  return host ? undefined : 'must be http(s) on localhost or 127.0.0.1 with a port';
}

function isWebhookUrl(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}
