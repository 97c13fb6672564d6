import path from 'node:path';
import type { Translate } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import type { Delivery } from '../deliveries/delivery-desk.ts';
import { NotFoundError } from '../errors.ts';
import type { Overviews } from '../insights/overviews.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { type ChannelCard, channelCards, networkCards, urgentFirst } from './channel-cards.ts';
import { readId } from './channel-id.ts';
import { showChannel } from './channel-page-routes.ts';
import type { Channel, ChannelService } from './channel-service.ts';
import { reconnectOffers, walkRoutes } from './reconnect-walk.ts';
import { sendOwnFile } from './send-file-routes.ts';

export interface ChannelRoutesDeps {
  readonly channels: ChannelService;
  readonly registry: PluginRegistry;
  readonly overviews: Pick<Overviews, 'load' | 'latest'>;
  /** What people know the team's posts by, by id. */
  readonly postTitles: (
    teamId: number,
    postIds: readonly number[],
    t: Translate,
  ) => Promise<ReadonlyMap<number, string>>;
}

const states = ['connected', 'paused', 'reconnect-needed'] as const;
/** How long the list greets a channel that was just connected. */
const greetingMs = 10 * 60_000;
/** How far back the cards tell changes. */
const changeDays = 7;
/** Videos whose pictures stand on a card. */
const mostLatest = 5;

/** Connected Channels, and what people do with one. */
export function channelRoutes(deps: ChannelRoutesDeps): readonly Route[] {
  const list = '/team/:team/channels';
  const one = `${list}/:channel`;
  return [
    ...walkRoutes(deps),
    { method: 'get', path: list, permission: 'team.see', handle: (context) => showList(deps, context) },
    { method: 'get', path: one, permission: 'team.see', handle: (context) => showChannel(deps, context) },
    { method: 'get', path: `${one}/avatar`, permission: 'team.see', handle: (context) => sendAvatar(deps, context) },
    { method: 'post', path: `${one}/pause`, permission: 'channels.manage', handle: (context) => pause(deps, context) },
    {
      method: 'post',
      path: `${one}/resume`,
      permission: 'channels.manage',
      handle: (context) => resume(deps, context),
    },
    {
      method: 'get',
      path: `${one}/disconnection`,
      permission: 'channels.manage',
      handle: (context) => askToDisconnect(deps, context),
    },
    {
      method: 'post',
      path: `${one}/disconnection`,
      permission: 'channels.manage',
      handle: (context) => disconnect(deps, context),
    },
  ];
}

async function showList(deps: ChannelRoutesDeps, context: TeamContext): Promise<void> {
  const { team, query, t } = context;
  const all = await deps.channels.list(team.id);
  const wanted = states.find((state) => state === query['state']);
  const shown = wanted === undefined ? all : all.filter((channel) => channel.state === wanted);
  const cards = await channelCards({ ...deps, t }, shown, await deps.channels.waiting(team.id));
  await context.page('channels/list', {
    title: t('channels:list.title'),
    current: 'channels',
    scripts: ['js/connect.js'],
    total: all.length,
    needing: all.filter((channel) => channel.state === 'reconnect-needed').length,
    filters: [undefined, ...states].map((state) => ({
      href: state === undefined ? '?' : `?state=${state}`,
      label: t(state === undefined ? 'channels:list.all' : `frame:state.${state}`),
      count: all.filter((channel) => state === undefined || channel.state === state).length,
      isCurrent: state === wanted,
    })),
    cards: urgentFirst(cards),
    overviews: await deps.overviews.load(shown, { days: changeDays }),
    latest: await deps.overviews.latest(shown.filter(isWorking), mostLatest),
    changeDays,
    offers: roleMay(team.role, 'channels.connect') ? await reconnectOffers({ ...deps, t }, team.id, all) : [],
    greeted: await greeted({ ...deps, t }, all, query['connected']),
    networks: await networkCards({ ...deps, t }, team.id),
    isAdding: query['add'] !== undefined,
    isAdmin: context.person.isAdmin,
    may: rightsIn(context),
  });
}

/** Where somebody must log in first, the card is about that. */
function isWorking({ state }: Channel): boolean {
  return state !== 'reconnect-needed';
}

/** The channel that was connected a moment ago: said on the list, in the same window or after the popup. */
async function greeted(
  deps: ChannelRoutesDeps & { readonly t: Translate },
  channels: readonly Channel[],
  id: string | undefined,
): Promise<ChannelCard | null> {
  const channel = channels.find((one) => String(one.id) === id);
  if (channel === undefined || deps.channels.age(channel) > greetingMs) return null;
  const [card = null] = await channelCards(deps, [channel], new Map());
  return card;
}

function rightsIn({ team }: TeamContext): { readonly connect: boolean; readonly manage: boolean } {
  return { connect: roleMay(team.role, 'channels.connect'), manage: roleMay(team.role, 'channels.manage') };
}

async function sendAvatar(deps: ChannelRoutesDeps, context: TeamContext): Promise<void> {
  const file = deps.channels.avatarFile(await channelOf(deps, context));
  if (file === undefined) throw new NotFoundError('This channel has no picture.');
  await sendOwnFile(context, { folder: path.dirname(file), name: path.basename(file), type: 'image/webp' });
}

async function pause(deps: ChannelRoutesDeps, context: TeamContext): Promise<void> {
  const { person, team, t } = context;
  const { nickname } = await deps.channels.pause(person, team.id, readId(context.params['channel']));
  context.flash('ok', t('channels:pause.done', { nickname }));
  context.redirect(backPath(context));
}

async function resume(deps: ChannelRoutesDeps, context: TeamContext): Promise<void> {
  const { person, team, t } = context;
  const { nickname } = await deps.channels.resume(person, team.id, readId(context.params['channel']));
  context.flash('ok', t('channels:resume.done', { nickname }));
  context.redirect(backPath(context));
}

async function askToDisconnect(deps: ChannelRoutesDeps, context: TeamContext): Promise<void> {
  const channel = await channelOf(deps, context);
  const plan = await deps.channels.planDisconnection(context.team.id, channel.id);
  const [card] = await channelCards({ ...deps, t: context.t }, [channel], new Map());
  const postIds = [...new Set([...plan.due, ...plan.underWay].map(({ postId }) => postId))];
  const titles = await deps.postTitles(context.team.id, postIds, context.t);
  const named = (delivery: Delivery) => ({ ...delivery, title: titles.get(delivery.postId) ?? '' });
  await context.page('channels/disconnect', {
    title: context.t('channels:disconnect.title', { nickname: channel.nickname }),
    current: 'channels',
    card,
    due: plan.due.map(named),
    underWay: plan.underWay.map(named),
  });
}

async function disconnect(deps: ChannelRoutesDeps, context: TeamContext): Promise<void> {
  const { person, team, t } = context;
  const { channel, isRevoked } = await deps.channels.disconnect(person, team.id, readId(context.params['channel']));
  const network = deps.registry.find(channel.plugin)?.plugin.name ?? channel.plugin;
  const names = { nickname: channel.nickname, network };
  context.flash('ok', t(isRevoked ? 'channels:disconnect.doneAndTold' : 'channels:disconnect.done', names));
  context.redirect(`/team/${team.id}/channels`);
}

function channelOf(deps: ChannelRoutesDeps, context: TeamContext): Promise<Channel> {
  return deps.channels.find(context.team.id, readId(context.params['channel']));
}

/** Acts stand on the list and on the channel's page: the form says where it was. */
function backPath(context: TeamContext): string {
  const list = `/team/${context.team.id}/channels`;
  return context.body['from'] === 'channel' ? `${list}/${context.params['channel'] ?? ''}` : list;
}
