import { bearer, invalidToken } from './api-access.ts';
import type { Call } from './call.ts';
import type { EndpointRoute } from './endpoints.ts';
import type { Failure } from './failures.ts';
import { rateLimited } from './rate-limits.ts';
import { ApiRefusal, empty, oauthRefusal, OauthRefusal, refusal, type Reply } from './replies.ts';
import { findPublish } from './upload.ts';
import type { World } from './world.ts';

/** What goes over the wire: an answer, half an answer, a cut connection, or nothing for a while. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly isTruncated?: boolean }
  | { readonly kind: 'drop' }
  | { readonly kind: 'silence' };

export type Work = () => Promise<Reply>;

/** Lets a failure from the switches happen to one request; `work` is the honest answer. */
export async function spoil(
  world: World,
  { route, call, failure, work }: { route: EndpointRoute; call: Call; failure: Failure; work: Work },
): Promise<Outcome> {
  switch (failure.kind) {
    case 'drop-before':
      return { kind: 'drop' };
    case 'drop-midway':
      return await readThenDrop(call, failure.after_bytes ?? 0);
    case 'drop-after':
      await work();
      return { kind: 'drop' };
    case 'hang':
      return await hang(world, failure, work);
    case 'hang-after':
      await work();
      return { kind: 'silence' };
    case 'server-error-after':
      await work();
      return { kind: 'reply', reply: serverError(route, failure, call) };
    case 'truncated-json':
      return { kind: 'reply', reply: await work(), isTruncated: true };
    default:
      return { kind: 'reply', reply: instead(world, { route, call, failure }) ?? (await work()) };
  }
}

export function errorReply(world: World, problem: unknown, call: Call): Reply {
  if (problem instanceof ApiRefusal) return refusal(problem, call.logId);
  if (problem instanceof OauthRefusal)
    return oauthRefusal(problem, world.switches.nextOauthErrorStatus(problem.code), call.logId);
  throw problem;
}

/** Some kinds only make something true (a dead token, an expired upload) and let the honest answer follow. */
function instead(
  world: World,
  { route, call, failure }: { route: EndpointRoute; call: Call; failure: Failure },
): Reply | undefined {
  const publish = route.name === 'upload' ? findPublish(world, call.query) : undefined;
  switch (failure.kind) {
    case 'server-error':
      return serverError(route, failure, call);
    case 'rate-limited':
      return refused(route, rateLimited(), call);
    case 'html-body':
      return htmlBody(failure.status ?? 502);
    case 'refuse':
      return refused(
        route,
        new ApiRefusal(failure.status ?? 400, failure.code ?? 'invalid_params', failure.message ?? ''),
        call,
      );
    case 'expired-access-token':
      world.grants.expireAccess(bearer(call));
      return route.name === 'upload' ? undefined : refusal(invalidToken(), call.logId);
    case 'invalid-grant':
      world.grants.burnRefresh(new URLSearchParams(call.body).get('refresh_token') ?? '');
      return undefined;
    case 'upload-url-expired':
      if (publish !== undefined) publish.uploadEndsAt = 0;
      return undefined;
    case 'upload-forgotten':
      if (publish !== undefined) publish.isUploadForgotten = true;
      return undefined;
    default:
      return undefined;
  }
}

/** OAuth answers are flat, uploads have no body, everything else has the envelope. */
function refused(route: EndpointRoute, problem: ApiRefusal, call: Call): Reply {
  if (route.name === 'upload') return empty(problem.status);
  if (!route.name.startsWith('oauth/')) return refusal(problem, call.logId);
  return oauthRefusal(new OauthRefusal(problem.code, problem.message), problem.status, call.logId);
}

function serverError(route: EndpointRoute, failure: Failure, call: Call): Reply {
  const status = failure.status ?? 500;
  const code = route.name.startsWith('oauth/') ? 'server_error' : 'internal_error';
  return refused(route, new ApiRefusal(status, code, 'Something went wrong. Please try again later.'), call);
}

function htmlBody(status: number): Reply {
  const body = '<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';
  return { status, headers: { 'content-type': 'text/html' }, body, code: 'html' };
}

/** So many seconds long, or until the clock has been moved as far. */
async function hang(world: World, { seconds }: Failure, work: Work): Promise<Outcome> {
  if (seconds === undefined) return { kind: 'silence' };
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    world.agenda.at(world.clock.now() + seconds * 1000, () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return { kind: 'reply', reply: await work() };
}

async function readThenDrop(call: Call, bytes: number): Promise<Outcome> {
  await new Promise<void>((resolve) => {
    let read = 0;
    call.stream.on('data', (part: Buffer) => {
      read += part.length;
      if (read >= bytes) resolve();
    });
    call.stream.on('close', resolve);
  });
  return { kind: 'drop' };
}
