import type { Account } from './accounts.ts';
import { checkAuthorizeRequest, isShutOut, type AuthorizeProblem, type AuthorizeRequest } from './authorize-request.ts';
import { newLogId } from './ids.ts';
import type { World } from './world.ts';

/** What the browser gets: the consent page, or an address to go to. `account` is remembered as logged in. */
export type ConsentAnswer =
  | { readonly kind: 'page'; readonly request: AuthorizeRequest; readonly account: Account | undefined }
  | { readonly kind: 'go'; readonly to: string; readonly account?: Account };

/** GET: shows the page, or passes a person straight through who has let this app in before. */
export function openConsent(world: World, query: URLSearchParams, loggedIn: string | undefined): ConsentAnswer {
  const checked = checkAuthorizeRequest(world, query);
  if ('problem' in checked) return { kind: 'go', to: problemAddress(world, checked.problem) };
  const { request } = checked;
  const account = world.accounts.named(query.get('account') ?? loggedIn ?? '');
  if (account === undefined) return { kind: 'page', request, account };
  if (isShutOut(request.app, account)) return { kind: 'go', to: shutOutAddress(world, request), account };
  const passes = !request.isConsentForced && world.grants.hasGranted(request.app, account, request.scopes);
  return passes ? grant(world, { request, account, scopes: request.scopes }) : { kind: 'page', request, account };
}

/**
 * POST: the pressed button. Without the hidden field `scopes_shown` (a plain HTTP client) everything asked is granted
 * unless `scopes` names less; `user.info.basic` cannot be switched off.
 */
export function decideConsent(world: World, form: URLSearchParams): ConsentAnswer {
  const checked = checkAuthorizeRequest(world, form);
  if ('problem' in checked) return { kind: 'go', to: problemAddress(world, checked.problem) };
  const { request } = checked;
  if (form.get('decision') !== 'authorize') return { kind: 'go', to: cancelAddress(request) };
  const account = world.accounts.named(form.get('account') ?? '');
  if (account === undefined) return { kind: 'page', request, account };
  if (isShutOut(request.app, account)) return { kind: 'go', to: shutOutAddress(world, request), account };
  const ticked = form.getAll('scopes').flatMap((scopes) => scopes.split(','));
  const isAll = ticked.length === 0 && !form.has('scopes_shown');
  const scopes = request.scopes.filter((scope) => isAll || scope === 'user.info.basic' || ticked.includes(scope));
  return grant(world, { request, account, scopes });
}

function grant(
  world: World,
  { request, account, scopes }: { request: AuthorizeRequest; account: Account; scopes: readonly string[] },
): ConsentAnswer {
  const { app, redirectUri, challenge, state } = request;
  const issued = world.grants.issueCode({ clientKey: app.client_key, account, scopes, redirectUri, challenge });
  const to = withQuery(redirectUri, { code: issued.code, scopes: scopes.join(','), state });
  return { kind: 'go', to, account };
}

function cancelAddress(request: AuthorizeRequest): string {
  const { redirectUri, state } = request;
  return withQuery(redirectUri, { error: 'access_denied', error_description: 'User denied the authorization', state });
}

function shutOutAddress(world: World, request: AuthorizeRequest): string {
  const { redirectUri, state } = request;
  const back = { redirectUri, ...(state === undefined ? {} : { state }) };
  return problemAddress(world, { error: 'access_denied', keyword: 'non_sandbox_target', ...back });
}

/** Most mistakes end on TikTok's own page and never come back; some reports show them as callback parameters. */
function problemAddress(world: World, problem: AuthorizeProblem): string {
  const { error, keyword, redirectUri, state } = problem;
  if (world.switches.values.authorize_errors === 'redirect' && redirectUri !== undefined)
    return withQuery(redirectUri, { error, error_type: keyword, error_description: 'Something went wrong', state });
  const old = error === 'param_error' && keyword === 'client_key' ? { errCode: '10003' } : {};
  const logid = newLogId(world.clock.now());
  return withQuery('/v2/auth/error/', { error, error_type: keyword, ...old, logid });
}

/** Every reserved character percent-encoded, `*` and `!` too, as TikTok does. */
function withQuery(address: string, values: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encode(value)}`],
  );
  return `${address}?${pairs.join('&')}`;
}

function encode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
