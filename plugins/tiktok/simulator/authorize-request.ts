import { isRegistered, type App } from './apps.ts';
import type { Account } from './accounts.ts';
import type { World } from './world.ts';

/** What the authorize address was asked, after every check passed. */
export interface AuthorizeRequest {
  readonly app: App;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly challenge: string | undefined;
  readonly isConsentForced: boolean;
}

/** TikTok's own page names one keyword; `error` goes into its address. `redirectUri` is set once it may be trusted. */
export interface AuthorizeProblem {
  readonly error: string;
  readonly keyword: string;
  readonly redirectUri?: string;
  readonly state?: string;
}

type Checked = { readonly request: AuthorizeRequest } | { readonly problem: AuthorizeProblem };

/** The checks of the consent page, in the order in which implementers meet them (login-kit-web; tiktok-login errors of public projects). */
export function checkAuthorizeRequest(world: World, query: URLSearchParams): Checked {
  const key = query.get('client_key');
  if (key === null || key === '') return refuse('param_error', 'client_key');
  const app = world.apps.find(key);
  if (app === undefined || (app.environment === 'live' && !app.approved))
    return refuse('unauthorized_client', 'client_key');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!isRegistered(app, redirectUri)) return refuse('param_error', 'redirect_uri');
  const state = query.get('state') ?? undefined;
  const back = { redirectUri, ...(state === undefined ? {} : { state }) };
  if (query.get('response_type') !== 'code') return refuse('unsupported_response_type', 'response_type', back);
  if (!state && world.switches.values.state === 'required') return refuse('param_error', 'state', back);
  const scopes = (query.get('scope') ?? '').split(',');
  if (!scopes.every((scope) => app.scopes.some((enabled) => enabled === scope)))
    return refuse('invalid_scope', 'scope', back);
  const pkce = challengeProblem(world, app, query);
  if (pkce !== undefined) return refuse('param_error', pkce, back);
  const challenge = query.get('code_challenge') ?? undefined;
  const isConsentForced = query.get('disable_auto_auth') === '1';
  return { request: { app, scopes: [...new Set(scopes)], redirectUri, state, challenge, isConsentForced } };
}

/** Only accounts on the sandbox's list may go on (add-a-sandbox). */
export function isShutOut(app: App, account: Account): boolean {
  return app.environment === 'sandbox' && !app.target_users.includes(account.username);
}

function challengeProblem(world: World, app: App, query: URLSearchParams): string | undefined {
  const isRequired = app.platform === 'desktop' || world.switches.values.pkce === 'required';
  const challenge = query.get('code_challenge');
  if (challenge === null || challenge === '') return isRequired ? 'code_challenge' : undefined;
  return query.get('code_challenge_method') === 'S256' ? undefined : 'code_challenge_method';
}

function refuse(error: string, keyword: string, back: { redirectUri?: string; state?: string } = {}): Checked {
  return { problem: { error, keyword, ...back } };
}
