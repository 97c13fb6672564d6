import { Router, type Request, type Response } from 'express';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { bearer } from './api-access.ts';
import type { Call } from './call.ts';
import { endpointRoutes, type EndpointRoute } from './endpoints.ts';
import type { Failure } from './failures.ts';
import { newLogId } from './ids.ts';
import { errorReply, spoil, type Outcome } from './spoil.ts';
import { findPublish, readRange } from './upload.ts';
import type { World } from './world.ts';

export type LogLine = (line: string) => void;

/** The server side of TikTok. Strict about slashes: `/v2/user/info` is no path here. */
export function apiRoutes(world: World, log: LogLine): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const refreshing = new Map<string, number>();
  for (const route of endpointRoutes)
    router[route.method](route.path, async (request, response) => {
      const started = { at: world.clock.now(), ticks: performance.now() };
      world.agenda.runDue();
      const call = await readCall(world, route, request);
      const failure = world.failures.take(factsOf(world, route, call));
      const done = countRefresh(world, refreshing, call);
      const outcome = await perform(world, { route, call, failure }).finally(done);
      response.set('date', dateOf(world));
      const status = send(outcome, { request, response, call });
      record(world, log, { route, call, failure, outcome, status, started, port: request.socket.remotePort ?? 0 });
    });
  return router;
}

async function perform(
  world: World,
  { route, call, failure }: { route: EndpointRoute; call: Call; failure: Failure | undefined },
): Promise<Outcome> {
  const { latency_ms: latency } = world.switches.values;
  if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
  const work = async (): ReturnType<typeof workOnce> => await workOnce(world, route, call);
  try {
    if (failure !== undefined) return await spoil(world, { route, call, failure, work });
    return { kind: 'reply', reply: await work() };
  } catch (problem) {
    if (call.stream.destroyed || call.stream.errored) return { kind: 'drop' };
    throw problem;
  }
}

async function workOnce(world: World, route: EndpointRoute, call: Call): Promise<ReturnType<typeof errorReply>> {
  try {
    return await route.answer(world, call);
  } catch (problem) {
    return errorReply(world, problem, call);
  }
}

async function readCall(world: World, route: EndpointRoute, request: Request): Promise<Call> {
  const address = new URL(request.originalUrl, 'http://simulator');
  return {
    query: address.searchParams,
    headers: request.headers,
    body: route.name === 'upload' ? '' : await text(request),
    stream: request,
    logId: newLogId(world.clock.now()),
    noted: {},
  };
}

function factsOf(world: World, route: EndpointRoute, call: Call): Parameters<World['failures']['take']>[0] {
  if (route.name === 'upload') return uploadFacts(world, call);
  const form = route.name.startsWith('oauth/') ? new URLSearchParams(call.body) : undefined;
  const session =
    form === undefined
      ? world.grants.findAccess(bearer(call))
      : world.grants.findRefresh(form.get('refresh_token') ?? '');
  const account = session === undefined ? undefined : world.accounts.get(session.accountId).username;
  return { endpoint: route.name, account };
}

function uploadFacts(world: World, call: Call): Parameters<World['failures']['take']>[0] {
  const publish = findPublish(world, call.query);
  const range = readRange(call.headers);
  if (publish === undefined || range === undefined) return { endpoint: 'upload' };
  const chunk = Math.floor(range.first / publish.plan.chunkSize) + 1;
  const account = world.accounts.get(publish.accountId).username;
  return { endpoint: 'upload', account, chunk, isLastChunk: range.last === publish.plan.videoSize - 1 };
}

/** Two refreshes of one token at the same time are what a careful client never does. */
function countRefresh(world: World, refreshing: Map<string, number>, call: Call): () => void {
  const token = new URLSearchParams(call.body).get('refresh_token');
  if (token === null) return () => undefined;
  const now = (refreshing.get(token) ?? 0) + 1;
  refreshing.set(token, now);
  if (now > 1) world.stats.concurrent_refreshes += 1;
  return () => {
    const left = (refreshing.get(token) ?? 1) - 1;
    if (left === 0) refreshing.delete(token);
    else refreshing.set(token, left);
  };
}

/** TikTok's clock as every answer tells it. */
function dateOf({ clock, switches }: World): string {
  return new Date(clock.now() + switches.values.date_skew_seconds * 1000).toUTCString();
}

/** Returns the status that left, 0 for none. */
function send(
  outcome: Outcome,
  { request, response, call }: { request: Request; response: Response; call: Call },
): number {
  if (outcome.kind === 'drop') {
    request.socket.destroy();
    return 0;
  }
  if (outcome.kind === 'silence') return 0;
  const { reply } = outcome;
  response.status(reply.status).set({ ...reply.headers, 'x-tt-logid': call.logId });
  if (outcome.isTruncated) cutShort(reply.body, response);
  else response.end(reply.body);
  // What the client still sends of a refused chunk is read and forgotten, so that it can read the answer.
  if (!request.readableEnded) request.resume();
  return reply.status;
}

/** Announced in full, sent by half, then the line goes dead. */
function cutShort(body: string, response: Response): void {
  response.set('content-length', String(Buffer.byteLength(body)));
  response.write(body.slice(0, Math.floor(body.length / 2)), () => response.destroy());
}

interface Handled {
  readonly route: EndpointRoute;
  readonly call: Call;
  readonly failure: Failure | undefined;
  readonly outcome: Outcome;
  readonly status: number;
  readonly started: { readonly at: number; readonly ticks: number };
  readonly port: number;
}

function record(world: World, log: LogLine, { route, call, failure, outcome, status, started, port }: Handled): void {
  const entry = {
    at: started.at,
    endpoint: route.name,
    method: route.method.toUpperCase(),
    status,
    code: outcome.kind === 'reply' ? outcome.reply.code : outcome.kind,
    account: call.noted.account ?? null,
    client_key: call.noted.client_key ?? null,
    publish_id: call.noted.publish_id ?? null,
    log_id: call.logId,
    client_port: port,
    milliseconds: Math.round(performance.now() - started.ticks),
    failure: failure?.kind ?? null,
  };
  world.ledger.add(entry);
  const who = entry.account === null ? '' : ` @${entry.account}`;
  const why = entry.failure === null ? '' : ` (switch ${entry.failure})`;
  log(`:${port} ${entry.method} ${entry.endpoint}${who} ${status} ${entry.code} ${entry.milliseconds} ms${why}`);
}
