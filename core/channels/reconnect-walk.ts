import { NotFoundError } from '../errors.ts';
import { type ActivePlugin, type PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Route, TeamContext } from '../web/route.ts';
import type { ChannelService } from './channel-service.ts';
import { type ChannelCard, channelCards, networkName, setLabel } from './channel-cards.ts';
import type { Channel } from './channel.ts';
import type { Translate } from '#plugin-api';

interface WalkDeps {
  readonly channels: ChannelService;
  readonly registry: PluginRegistry;
}

export function walkPath(teamId: number, plugin: string): string {
  return `/team/${teamId}/channels/reconnection/${plugin}`;
}

/** Reconnecting many channels: a network asks a person for each, so one comes after the other. */
export function walkRoutes(deps: WalkDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/team/:team/channels/reconnection/:plugin',
      permission: 'channels.connect',
      handle: (context) => showNext(deps, context),
    },
  ];
}

/** Channels of one network that publish with another app than new ones would. */
export interface ReconnectOffer {
  readonly path: string;
  readonly network: string;
  /** The app they publish with. */
  readonly fromLabel: string;
  /** The app that new channels use. */
  readonly toLabel: string;
  readonly count: number;
}

/**
 * What the list of channels offers to reconnect together. Only towards the usual app: while an admin tries something out
 * with the other one, nobody is asked to move there.
 */
export async function reconnectOffers(
  deps: Pick<WalkDeps, 'registry'> & { readonly t: Translate },
  teamId: number,
  channels: readonly Channel[],
): Promise<readonly ReconnectOffer[]> {
  const offers = deps.registry.all().map(async (active): Promise<readonly ReconnectOffer[]> => {
    const { plugin, settings } = active;
    const set = await settings.active();
    if (set === undefined || set.id !== plugin.settings.defaultSet) return [];
    const others = channels.filter((channel) => channel.plugin === plugin.id && channel.appKey !== set.appKey);
    const [first] = others;
    if (first === undefined) return [];
    const labels = { fromLabel: setLabel(active, first.mode, deps.t), toLabel: setLabel(active, set.id, deps.t) };
    return [{ path: walkPath(teamId, plugin.id), network: plugin.name, count: others.length, ...labels }];
  });
  return (await Promise.all(offers)).flat();
}

async function showNext(deps: WalkDeps, context: TeamContext): Promise<void> {
  const { team, t, query } = context;
  const active = deps.registry.find(context.params['plugin'] ?? '');
  if (active === undefined) throw new NotFoundError('There is no such network.');
  const set = await active.settings.active();
  const all = (await deps.channels.list(team.id)).filter((channel) => channel.plugin === active.plugin.id);
  const left = all.filter((channel) => channel.appKey !== set?.appKey || channel.state === 'reconnect-needed');
  const skipped = readSkipped(query['skip']);
  const ahead = left.filter((channel) => !skipped.includes(channel.id));
  const done = all.find((channel) => String(channel.id) === query['connected'] && !left.includes(channel));
  const cards = await channelCards({ ...deps, t }, ahead, await deps.channels.waiting(team.id));
  const [card = null] = cards;
  const toLabel = set === undefined ? null : setLabel(active, set.id, t);
  await context.page('channels/reconnection', {
    title: toLabel === null ? t('channels:walk.titlePlain') : t('channels:walk.title', { app: toLabel }),
    current: 'channels',
    scripts: ['js/connect.js'],
    network: networkName(active, active.plugin.id),
    toLabel,
    fromLabel: card === null ? null : labelOf(active, { id: card.id, all: ahead, t }),
    card,
    next: cards.slice(1).map(({ nickname, username }) => ({ nickname, username })),
    skippedCount: left.length - ahead.length,
    doneName: done?.nickname ?? null,
    skipPath: card === null ? null : `${walkPath(team.id, active.plugin.id)}?skip=${[...skipped, card.id].join('.')}`,
    againPath: walkPath(team.id, active.plugin.id),
    listPath: `/team/${team.id}/channels`,
  });
}

function labelOf(
  active: ActivePlugin,
  { id, all, t }: { readonly id: ChannelCard['id']; readonly all: readonly Channel[]; readonly t: Translate },
): string | null {
  const channel = all.find((one) => one.id === id);
  return channel === undefined ? null : setLabel(active, channel.mode, t);
}

/** Ids with dots between; anything else skips nothing. */
function readSkipped(text = ''): readonly number[] {
  return text
    .split('.')
    .filter((one) => /^[1-9]\d{0,14}$/.test(one))
    .map(Number);
}
