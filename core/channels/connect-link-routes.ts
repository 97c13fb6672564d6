import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { networkName } from './channel-cards.ts';
import type { ConnectLinkService } from './connect-link-service.ts';
import { beginLogin, type ConnectRoutesDeps } from './connect-routes.ts';

interface ConnectLinkRoutesDeps extends ConnectRoutesDeps {
  readonly connectLinks: ConnectLinkService;
  readonly registry: PluginRegistry;
}

/**
 * The page of a link that was made at the command line. It only explains; pressing its button uses the link up and
 * begins a login like any other, bound to the session of this browser.
 */
export function connectLinkRoutes(deps: ConnectLinkRoutesDeps): readonly Route[] {
  const path = '/team/:team/channels/connect-link/:token';
  return [
    { method: 'get', path, permission: 'channels.connect', handle: (context) => show(deps, context) },
    {
      method: 'post',
      path,
      permission: 'channels.connect',
      spends: () => 'connect',
      handle: (context) => use(deps, context),
    },
  ];
}

async function show({ connectLinks, registry }: ConnectLinkRoutesDeps, context: TeamContext): Promise<void> {
  const token = context.params['token'] ?? '';
  const link = await connectLinks.find(token, askerOf(context));
  if (link === undefined) return isOver(context);
  const network = networkName(registry.find(link.plugin), link.plugin);
  await context.page('channels/connect-link', {
    title: context.t('connect-link:title', { network: network.name }),
    frame: 'plain',
    network,
    action: `/team/${context.team.id}/channels/connect-link/${token}`,
    expiresAt: link.expiresAt,
    listPath: `/team/${context.team.id}/channels`,
  });
}

async function use(deps: ConnectLinkRoutesDeps, context: TeamContext): Promise<void> {
  const link = await deps.connectLinks.take(context.params['token'] ?? '', askerOf(context));
  if (link === undefined) return isOver(context);
  await beginLogin(deps, context, {
    plugin: link.plugin,
    teamId: link.teamId,
    channelId: null,
    inPopup: false,
    inWalk: false,
  });
}

/** Used, too old, somebody else's, or none at all: from outside they are the same. */
function isOver(context: TeamContext): Promise<void> {
  return context.page(
    'channels/connect-link',
    {
      title: context.t('connect-link:over.title'),
      frame: 'plain',
      network: null,
      listPath: `/team/${context.team.id}/channels`,
    },
    404,
  );
}

function askerOf({ team, person }: TeamContext): { readonly teamId: number; readonly userId: number } {
  return { teamId: team.id, userId: person.id };
}
