import path from 'node:path';
import { type ChannelPage, type ChannelRoute, type PluginAnswer, RemoteError } from '#plugin-api';
import { roleMay } from '../auth/permissions.ts';
import { NotAllowedError, NotFoundError } from '../errors.ts';
import { checkPath } from '../channel-check/check-link.ts';
import { askForPage } from '../limits/page-patience.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { Route, TeamContext } from '../web/route.ts';
import { channelCards, setLabel } from './channel-cards.ts';
import { readId } from './channel-id.ts';
import type { Channel, ChannelService } from './channel-service.ts';
import { allowFrames } from '../web/headers.ts';
import { sendDownload } from '../web/send-download.ts';
import { sendOwnFile } from './send-file-routes.ts';

export interface ChannelPageDeps {
  readonly channels: ChannelService;
  readonly registry: PluginRegistry;
}

/** The head of one channel, and below it what its plugin has to show. */
export async function showChannel(deps: ChannelPageDeps, context: TeamContext): Promise<void> {
  const channel = await deps.channels.find(context.team.id, readId(context.params['channel']));
  const page = deps.registry.find(channel.plugin)?.parts.channelPage;
  if (page === undefined) return draw(deps, context, { channel, view: null, model: {} });
  const loaded = await load(deps, page, { channel, context });
  if ('problem' in loaded) return draw(deps, context, { channel, view: null, model: {}, problem: loaded.problem });
  await draw(deps, context, { channel, view: page.view, model: loaded.model });
}

/**
 * The routes of all plugins below a channel. Two plugins may use the same address: which one answers is decided by
 * the channel, and its own permission is checked then.
 */
export function pluginChannelRoutes(deps: ChannelPageDeps): readonly Route[] {
  const groups = new Map<string, Group>();
  for (const { plugin, parts } of deps.registry.all()) {
    for (const route of parts.channelRoutes ?? []) {
      const address = anonymous(route.path);
      const key = `${route.method} ${address}`;
      const group = groups.get(key) ?? { method: route.method, address, byPlugin: new Map<string, ChannelRoute>() };
      group.byPlugin.set(plugin.id, route);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map((group): Route => ({
    method: group.method,
    path: `/team/:team/channels/:channel/${group.address}`,
    permission: leastPermission([...group.byPlugin.values()]),
    handle: (context: TeamContext) => answer(deps, context, group),
  }));
}

interface Group {
  readonly method: ChannelRoute['method'];
  /** With numbered parameters: `covers/:p1`. */
  readonly address: string;
  readonly byPlugin: Map<string, ChannelRoute>;
}

const permissionOrder = ['team.see', 'posts.edit', 'channels.connect', 'channels.manage'] as const;

function leastPermission(routes: readonly ChannelRoute[]): ChannelRoute['permission'] {
  return permissionOrder.find((permission) => routes.some((route) => route.permission === permission)) ?? 'team.see';
}

function anonymous(address: string): string {
  return address
    .split('/')
    .map((part, index) => (part.startsWith(':') ? `:p${index}` : part))
    .join('/');
}

function namedParams(address: string, params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const parts = address.split('/').map((part, index) => [part, params[`p${index}`] ?? ''] as const);
  return Object.fromEntries(
    parts.filter(([part]) => part.startsWith(':')).map(([part, value]) => [part.slice(1), value]),
  );
}

async function answer(deps: ChannelPageDeps, context: TeamContext, group: Group): Promise<void> {
  const channel = await deps.channels.find(context.team.id, readId(context.params['channel']));
  const route = group.byPlugin.get(channel.plugin);
  if (route === undefined) throw new NotFoundError('This network has no such page.');
  if (!roleMay(context.team.role, route.permission)) {
    throw new NotAllowedError(context.t('channels:notAllowed.what'), { help: context.t('channels:notAllowed.help') });
  }
  const request = {
    channel: await deps.channels.view(channel),
    params: namedParams(route.path, context.params),
    query: context.query,
    body: context.body,
  };
  const given = await askForPage(context.t, () => route.handle(request));
  await send(deps, context, { channel, given });
}

async function send(
  deps: ChannelPageDeps,
  context: TeamContext,
  { channel, given }: { channel: Channel; given: PluginAnswer },
): Promise<void> {
  switch (given.kind) {
    case 'view':
      if (given.isFraming) allowFrames(context.res, framesOf(deps, channel));
      return draw(deps, context, { channel, view: given.view, model: given.model });
    case 'sheet':
      return drawSheet(deps, context, { channel, given });
    case 'download':
      return sendDownload(context, given);
    case 'back':
      if (given.flash !== undefined) context.flash(given.flash.tone, given.flash.text);
      context.redirect(`/team/${channel.teamId}/channels/${channel.id}`);
      return;
    case 'file':
      return sendOwnFile(context, {
        folder: path.dirname(given.path),
        name: path.basename(given.path),
        type: given.type,
      });
    case 'absent':
      throw new NotFoundError('The network has nothing here.');
  }
}

function framesOf({ registry }: ChannelPageDeps, { plugin }: Channel): readonly string[] {
  return registry.find(plugin)?.parts.origins?.frame ?? [];
}

async function drawSheet(
  deps: ChannelPageDeps,
  context: TeamContext,
  { channel, given }: { channel: Channel; given: Extract<PluginAnswer, { kind: 'sheet' }> },
): Promise<void> {
  const view = await deps.channels.view(channel);
  const { title, model } = given;
  const pluginView = `${channel.plugin}/${given.view}`;
  await context.page('channels/sheet', {
    ...{ title, frame: 'plain', pageStyles: ['sheet'] },
    ...{ channel: view, pluginView, pluginModel: model },
  });
}

type Loaded = { readonly model: Readonly<Record<string, unknown>> } | { readonly problem: RemoteError['explanation'] };

/** What the network does not tell now costs the body of the page, not its head. */
async function load(
  deps: ChannelPageDeps,
  page: ChannelPage,
  { channel, context }: { channel: Channel; context: TeamContext },
): Promise<Loaded> {
  try {
    const view = await deps.channels.view(channel);
    return { model: await askForPage(context.t, () => page.load(view, context.query)) };
  } catch (error) {
    if (error instanceof RemoteError) return { problem: error.explanation };
    throw error;
  }
}

interface Drawing {
  readonly channel: Channel;
  /** Of the plugin; null = nothing below the head. */
  readonly view: string | null;
  readonly model: Readonly<Record<string, unknown>>;
  readonly problem?: RemoteError['explanation'];
}

async function draw(deps: ChannelPageDeps, context: TeamContext, drawing: Drawing): Promise<void> {
  const { channel, view, model, problem } = drawing;
  const waiting = await deps.channels.waiting(context.team.id);
  const [card] = await channelCards({ ...deps, t: context.t }, [channel], waiting);
  const { role } = context.team;
  const seen = await deps.channels.view(channel);
  const active = deps.registry.find(channel.plugin);
  await context.page('channels/channel', {
    title: channel.nickname,
    current: 'channels',
    scripts: ['js/connect.js', 'js/charts.js', 'js/chart-picture.js', 'js/live.js'],
    card,
    channel: seen,
    about: (await active?.parts.channelPage?.about?.(seen)) ?? null,
    app: active === undefined ? null : setLabel(active, channel.mode, context.t),
    pluginView: view === null ? null : `${channel.plugin}/${view}`,
    pluginModel: model,
    problem: problem ?? null,
    problemCheckPath: checkPath({ ...deps, channel, code: problem?.code }),
    may: { connect: roleMay(role, 'channels.connect'), manage: roleMay(role, 'channels.manage') },
  });
}
