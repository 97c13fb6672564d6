import type { z } from 'zod';
import type { Account } from './accounts.ts';
import type { App } from './apps.ts';
import type { Call } from './call.ts';
import type { Session } from './grants.ts';
import type { LimitedEndpoint } from './rate-limits.ts';
import { ApiRefusal } from './replies.ts';
import type { World } from './world.ts';

/** Who calls, after token, scope and rate limit were checked in this order. */
export interface Caller {
  readonly session: Session;
  readonly account: Account;
  readonly app: App;
}

interface Admission {
  /** One of these must have been granted; none named: the endpoint decides by itself. */
  readonly anyScope?: readonly string[];
  readonly limit?: LimitedEndpoint;
}

export function admit(world: World, call: Call, admission: Admission): Caller {
  const token = bearer(call);
  const session = world.grants.findAccess(token);
  const app = session === undefined ? undefined : world.apps.find(session.clientKey);
  if (session === undefined || app === undefined) throw invalidToken();
  const account = world.accounts.get(session.accountId);
  call.noted.account = account.username;
  call.noted.client_key = app.client_key;
  const { anyScope, limit } = admission;
  if (anyScope) checkScopes(world, { session, app }, anyScope);
  if (limit && world.switches.values.rate_limits === 'on') world.limits.spend(limit, token);
  return { session, account, app };
}

/** Both locks: the person has granted one of them, and the app is approved for it. */
function checkScopes(world: World, { session, app }: Pick<Caller, 'session' | 'app'>, any: readonly string[]): void {
  const granted = any.filter((scope) => session.scopes.includes(scope));
  if (granted.length === 0) throw scopeNotAuthorized();
  if (granted.every((scope) => isRefused(app, scope))) throw scopeRefused(world);
}

export function isRefused(app: App, scope: string): boolean {
  return app.refused_scopes.some((refused) => refused === scope);
}

/** Nobody documents what TikTok says then; codes of common guides are played as well. */
export function scopeRefused(world: World): ApiRefusal {
  const code = world.switches.values.refused_scope_code;
  if (code === 'scope_not_authorized') return scopeNotAuthorized();
  return new ApiRefusal(403, code, 'The app is not approved for the scope required for completing this request.');
}

export function bearer(call: Pick<Call, 'headers'>): string {
  return /^Bearer (\S+)$/.exec(call.headers.authorization ?? '')?.[1] ?? '';
}

export function invalidToken(): ApiRefusal {
  return new ApiRefusal(401, 'access_token_invalid', 'The access token is invalid or not found in the request.');
}

export function scopeNotAuthorized(): ApiRefusal {
  return new ApiRefusal(
    401,
    'scope_not_authorized',
    'The user did not authorize the scope required for completing this request.',
  );
}

/** A body of JSON, checked; `problem` is the message of the refusal. */
export function readJson<T>(world: World, call: Call, shape: z.ZodType<T>): T {
  const type = (call.headers['content-type'] ?? '').toLowerCase();
  if (!type.startsWith('application/json')) throw invalidParams(world, 'The content type must be application/json');
  const parsed = shape.safeParse(parseJson(world, call.body));
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path[0];
  if (place === 'post_info') throw invalidParams(world, 'The request post info is empty or incorrect');
  if (place === 'source_info') throw invalidParams(world, 'The request source info is empty or incorrect');
  throw invalidParams(world, `The request params are incorrect: ${String(place ?? 'body')}`);
}

/** The documentation prints `invalid_param`, real answers `invalid_params`. */
export function invalidParams(world: World, message: string): ApiRefusal {
  return new ApiRefusal(400, world.switches.values.invalid_params_spelling, message);
}

function parseJson(world: World, body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw invalidParams(world, 'The request body is not valid JSON');
  }
}
