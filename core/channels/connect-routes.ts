import { waysOut } from '../help/error-model.ts';
import type { ErrorLibrary } from '../help/error-library.ts';
import { askForPage } from '../limits/page-patience.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { SettingsService } from '../settings/settings-service.ts';
import { shorten } from '../settings/settings-form.ts';
import type { PublicContext, Route, TeamContext } from '../web/route.ts';
import { networkName } from './channel-cards.ts';
import { readId } from './channel-id.ts';
import type { ChannelService } from './channel-service.ts';
import type { ConnectAttempt, ConnectFailure, ConnectService } from './connect-service.ts';
import { walkPath } from './reconnect-walk.ts';
import { runStrategy, type StrategyOutcome } from '../auth/run-strategy.ts';

export interface ConnectRoutesDeps {
  readonly errorLibrary: Pick<ErrorLibrary, 'find'>;
  readonly connect: ConnectService;
  readonly channels: ChannelService;
  readonly registry: PluginRegistry;
  readonly settings: Pick<SettingsService, 'callbackAt'>;
}

/** From the button Profile to the network's consent page and back. */
export function connectRoutes(deps: ConnectRoutesDeps): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/team/:team/channels/connect/:plugin',
      permission: 'channels.connect',
      spends: () => 'connect',
      handle: (context) => start(deps, context),
    },
    {
      method: 'get',
      path: '/team/:team/channels/connected',
      permission: 'team.see',
      handle: (context) => reportBack(deps, context),
    },
    {
      method: 'get',
      path: '/app/:plugin/profile',
      permission: 'public',
      handle: (context) => comeBack(deps, context, context.params['plugin'] ?? ''),
    },
  ];
}

/**
 * The route of a Callback URL that an admin has overridden: its path is known only to the settings, so the app asks
 * here for a GET that no other route answers. Undefined = nobody's path.
 */
export async function overriddenCallback(deps: ConnectRoutesDeps, path: string): Promise<Route | undefined> {
  const plugin = await deps.settings.callbackAt(path);
  if (plugin === undefined) return undefined;
  return { method: 'get', path, permission: 'public', handle: (context) => comeBack(deps, context, plugin) };
}

async function start(deps: ConnectRoutesDeps, context: TeamContext): Promise<void> {
  const { team, body } = context;
  const { plugin } = deps.registry.get(context.params['plugin'] ?? '');
  const channelId = body['channel'] === undefined ? null : readId(body['channel']);
  if (channelId !== null) await deps.channels.find(team.id, channelId);
  const way = { inPopup: body['popup'] === '1', inWalk: body['walk'] === '1' };
  await beginLogin(deps, context, { plugin: plugin.id, teamId: team.id, channelId, ...way });
}

/** On to the network's consent page, with a state that belongs to this session. */
export async function beginLogin(
  deps: ConnectRoutesDeps,
  context: TeamContext,
  place: Parameters<ConnectService['start']>[0],
): Promise<void> {
  const { person, sessionHash } = context;
  const started = await deps.connect.start(place, { userId: person.id, sessionHash });
  if (started.kind === 'failed') return explain(deps, context, { ...started.failure, place });
  const outcome = await runStrategy(started.attempt.strategy, context.req);
  if (outcome.kind === 'redirect') {
    context.res.redirect(303, outcome.url);
    return;
  }
  const error = outcome.kind === 'error' ? outcome.error : undefined;
  await explain(deps, context, deps.connect.failed(started.attempt, new URLSearchParams(), error));
}

async function comeBack(deps: ConnectRoutesDeps, context: PublicContext, plugin: string): Promise<void> {
  const query = new URL(context.req.originalUrl, 'http://here.invalid').searchParams;
  const userId = context.person?.id ?? null;
  const claimed = await deps.connect.claim({ plugin, query, sessionHash: context.sessionHash, userId });
  if (claimed.kind === 'failed') return explain(deps, context, claimed.failure);
  const { attempt } = claimed;
  const outcome = await runInTime(context, attempt);
  if (outcome.kind === 'success') return finish(deps, context, { attempt, value: outcome.value });
  const error = outcome.kind === 'error' ? outcome.error : outcome.kind === 'refused' ? outcome.reason : undefined;
  await explain(deps, context, deps.connect.failed(attempt, query, error));
}

/** A login that takes longer than a page may is given up: the person is told to begin again. */
function runInTime({ req, t }: PublicContext, { strategy }: ConnectAttempt): Promise<StrategyOutcome> {
  const failed = (error: unknown): StrategyOutcome => ({ kind: 'error', error });
  return askForPage(t, () => runStrategy(strategy, req)).catch(failed);
}

async function finish(
  deps: ConnectRoutesDeps,
  context: PublicContext,
  authorized: { attempt: ConnectAttempt; value: unknown },
): Promise<void> {
  const { attempt, value } = authorized;
  const completed = await deps.connect.complete(attempt, value);
  if (completed.kind === 'failed') return explain(deps, context, completed.failure);
  await context.rotateSession();
  const { teamId, inPopup, inWalk } = attempt.place;
  const id = completed.channel.id;
  const walk = inWalk ? '&walk=1' : '';
  const back = `${listPath(attempt.place)}?connected=${id}`;
  context.redirect(inPopup ? `/team/${teamId}/channels/connected?connected=${id}${walk}` : back);
}

/** The popup's last page: tells the page that opened it, and closes. */
async function reportBack(deps: ConnectRoutesDeps, context: TeamContext): Promise<void> {
  const channel = await deps.channels.find(context.team.id, readId(context.query['connected']));
  await context.page('channels/connected', {
    title: context.t('channels:connected.title', { nickname: channel.nickname }),
    frame: 'popup',
    scripts: ['js/connected.js'],
    listPath: `${listPath({ teamId: context.team.id, plugin: channel.plugin, inWalk: context.query['walk'] === '1' })}?connected=${channel.id}`,
  });
}

/** Where the person came from. */
function listPath(place: { readonly teamId: number; readonly plugin: string; readonly inWalk: boolean }): string {
  return place.inWalk ? walkPath(place.teamId, place.plugin) : `/team/${place.teamId}/channels`;
}

async function explain(deps: ConnectRoutesDeps, context: PublicContext, failure: ConnectFailure): Promise<void> {
  const { explanation, place, setId, appKey } = failure;
  const isAnothersTurn = explanation.code === 'other_account' || explanation.code === 'already_connected';
  const plugin = place?.plugin ?? context.params['plugin'] ?? '';
  const active = deps.registry.find(plugin);
  const mode = active?.plugin.settings.sets.find((set) => set.id === setId)?.label;
  await context.page(
    'channels/failed',
    {
      title: context.t('channels:failed.title'),
      frame: place?.inPopup === true ? 'popup' : 'plain',
      network: networkName(active, plugin),
      explanation,
      ways: waysOut(deps.errorLibrary.find(explanation.code), { explanation, plugin }, context),
      retryPath: place === null || context.person === null ? null : `/team/${place.teamId}/channels/connect/${plugin}`,
      channelId: place?.channelId ?? null,
      inPopup: place?.inPopup ?? false,
      canAddAsNew: failure.canAddAsNew,
      inWalk: place?.inWalk ?? false,
      listPath: place === null ? '/' : listPath(place),
      adminPath: context.person?.isAdmin === true ? `/admin/api-integration/${plugin}` : null,
      modeLabel: mode === undefined ? null : context.t(mode),
      appKeyHint: appKey === null ? null : shorten(appKey),
    },
    isAnothersTurn ? 409 : 400,
  );
}
