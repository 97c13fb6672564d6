import { createHash } from 'node:crypto';
import type { App } from './apps.ts';
import { removeAuthorization } from './processing.ts';
import { isForm, type Call } from './call.ts';
import type { AuthorizationCode, TokenAnswer } from './grants.ts';
import { randomText } from './ids.ts';
import { empty, json, OauthRefusal, type Reply } from './replies.ts';
import type { World } from './world.ts';

/** POST /v2/oauth/token/ (oauth-user-access-token-management, client-access-token-management). */
export function answerToken(world: World, call: Call): Reply {
  const form = readForm(call);
  const key = form.get('client_key');
  if (key !== null) call.noted.client_key = key;
  const grantType = form.get('grant_type');
  if (grantType === 'authorization_code') return json(200, tokenForCode(world, call, form), 'ok');
  if (grantType === 'refresh_token') return json(200, tokenForRefresh(world, call, form), 'ok');
  if (grantType === 'client_credentials') return json(200, clientToken(world, form), 'ok');
  if (grantType === null) throw malformed();
  throw new OauthRefusal('unsupported_grant_type', 'The grant type is not supported.');
}

/** POST /v2/oauth/revoke/: the app leaves the person's connected apps, all its tokens with it. */
export function answerRevoke(world: World, call: Call): Reply {
  const form = readForm(call);
  const token = required(form, 'token');
  const app = trustedApp(world, form);
  const session = world.grants.findAccess(token);
  if (session?.clientKey !== app.client_key)
    throw new OauthRefusal('invalid_grant', 'Access token is invalid or expired.');
  const account = world.accounts.get(session.accountId);
  call.noted.account = account.username;
  removeAuthorization(world, { account, clientKey: app.client_key, reason: 5 });
  return { ...empty(200), code: 'ok' };
}

/** The order of checks (grant before client) is what implementers report; TikTok documents none. */
function tokenForCode(world: World, call: Call, form: URLSearchParams): TokenAnswer {
  const given = required(form, 'code');
  const redirectUri = required(form, 'redirect_uri');
  required(form, 'client_key');
  const code = world.grants.findCode(given);
  if (code === undefined) throw new OauthRefusal('invalid_grant', 'Authorization code is expired.');
  call.noted.account = code.account.username;
  const app = trustedApp(world, form);
  if (code.clientKey !== app.client_key) throw new OauthRefusal('invalid_grant', 'Authorization code is expired.');
  if (code.redirectUri !== redirectUri)
    throw new OauthRefusal('invalid_request', 'Redirect_uri is not matched with the uri when requesting code.');
  checkVerifier(code, form.get('code_verifier'));
  return world.grants.redeem(code);
}

function tokenForRefresh(world: World, call: Call, form: URLSearchParams): TokenAnswer {
  const given = required(form, 'refresh_token');
  required(form, 'client_key');
  const session = world.grants.findRefresh(given);
  if (session !== undefined) call.noted.account = world.accounts.get(session.accountId).username;
  const app = session === undefined ? undefined : trustedApp(world, form);
  if (session === undefined || session.clientKey !== app?.client_key) {
    world.stats.refused_refreshes += 1;
    throw new OauthRefusal('invalid_grant', 'Refresh token is invalid or expired.');
  }
  world.stats.refreshes += 1;
  return world.grants.refresh(session);
}

function clientToken(world: World, form: URLSearchParams): Record<string, string | number> {
  trustedApp(world, form);
  return { access_token: `clt.${randomText(64)}`, expires_in: 7200, token_type: 'Bearer' };
}

/** TikTok's challenge is the lower-case hexadecimal SHA-256, not base64url (login-kit-desktop). */
function checkVerifier(code: AuthorizationCode, verifier: string | null): void {
  if (code.challenge === undefined) return;
  const hex = createHash('sha256')
    .update(verifier ?? '')
    .digest('hex');
  if (verifier === null || hex !== code.challenge)
    throw new OauthRefusal('invalid_request', 'Code verifier or code challenge is invalid.');
}

function trustedApp(world: World, form: URLSearchParams): App {
  const key = required(form, 'client_key');
  const secret = form.get('client_secret');
  if (secret === null || secret === '')
    throw new OauthRefusal('invalid_request', 'Client secret is missed in request.');
  const app = world.apps.find(key);
  if (app?.client_secret !== secret) throw new OauthRefusal('invalid_client', 'Client key or secret is incorrect.');
  return app;
}

function readForm(call: Call): URLSearchParams {
  if (!isForm(call.headers)) throw malformed();
  return new URLSearchParams(call.body);
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw malformed();
  return value;
}

function malformed(): OauthRefusal {
  return new OauthRefusal('invalid_request', 'The request parameters are malformed.');
}
