import type { Explanation } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import { channelCards } from '../channels/channel-cards.ts';
import { readId } from '../channels/channel-id.ts';
import type { Channel, ChannelService } from '../channels/channel-service.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Route, TeamContext } from '../web/route.ts';
import type { ChannelCheckService } from './channel-check-service.ts';
import { tellConclusion } from './check-words.ts';

interface CheckRoutesDeps {
  readonly channels: Pick<ChannelService, 'find'>;
  readonly channelCheck: ChannelCheckService;
  readonly registry: PluginRegistry;
}

/** Whether a channel's connection does what it should. Whoever can connect it can look into it. */
export function channelCheckRoutes(deps: CheckRoutesDeps): readonly Route[] {
  const path = '/team/:team/channels/:channel/check';
  return [
    { method: 'get', path, permission: 'channels.connect', handle: (context) => show(deps, context) },
    {
      method: 'post',
      path: `${path}/renewal`,
      permission: 'channels.manage',
      handle: (context) => renew(deps, context),
    },
  ];
}

/** @param problem why the access was not renewed just now */
async function show(deps: CheckRoutesDeps, context: TeamContext, problem?: Explanation): Promise<void> {
  const channel = await channelOf(deps, context);
  const report = await deps.channelCheck.look(channel);
  const { person, team, t } = context;
  const { state, who } = report.conclusion;
  const [card] = await channelCards({ ...deps, t }, [channel], new Map());
  const model = {
    title: t('channel-check:title'),
    current: 'channels',
    pageStyles: ['settings'],
    scripts: ['js/connect.js'],
    report,
    told: tellConclusion(report, t),
    card,
    mayReconnect: state !== 'ok' && who === 'team',
    mayRenew: channel.state !== 'reconnect-needed' && roleMay(team.role, 'channels.manage'),
    adminPath: person.isAdmin && who === 'admin' ? `/admin/api-integration/${channel.plugin}` : null,
    problem: problem ?? null,
  };
  await context.page('channels/check', model, problem === undefined ? 200 : 409);
}

async function renew(deps: CheckRoutesDeps, context: TeamContext): Promise<void> {
  const channel = await channelOf(deps, context);
  const problem = await deps.channelCheck.renew(channel, context.person.id);
  if (problem !== undefined) return show(deps, context, problem);
  context.flash('ok', context.t('channel-check:renewal.done'));
  context.redirect(`/team/${context.team.id}/channels/${channel.id}/check`);
}

function channelOf(deps: CheckRoutesDeps, context: TeamContext): Promise<Channel> {
  return deps.channels.find(context.team.id, readId(context.params['channel']));
}
