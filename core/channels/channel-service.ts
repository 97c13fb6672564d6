import { type ChannelView, type PluginChannels, RemoteError, type Translate } from '#plugin-api';
import type { Actor, Delivery } from '../deliveries/delivery-desk.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import { askForPage } from '../limits/page-patience.ts';
import { type Channel, viewOf } from './channel.ts';
import type { ChannelDeps } from './channel-deps.ts';
import type { Waiting } from './channel-store.ts';
import { pluginChannels } from './plugin-channels.ts';

export { channelAvatarPath } from './channel.ts';
export type * from './channel.ts';

/** What disconnecting would cancel, and what stands in its way. */
interface DisconnectionPlan {
  readonly channel: Channel;
  readonly due: readonly Delivery[];
  /** Deliveries past the point of no return: while there is one, disconnecting is refused. */
  readonly underWay: readonly Delivery[];
}

export interface ChannelService {
  /** The team's connected channels, by nickname. */
  list(teamId: number): Promise<readonly Channel[]>;
  /** A connected channel of the team. @throws NotFoundError, also for a disconnected one */
  find(teamId: number, channelId: number): Promise<Channel>;
  /** Channels of the team by id, disconnected ones too: for the history of posts. Unknown ids are left out. */
  findMany(teamId: number, channelIds: readonly number[]): Promise<readonly Channel[]>;
  /** Any channel, disconnected ones too: for background work only. @throws NotFoundError */
  findAcrossTeams(channelId: number): Promise<Channel>;
  /** The channel as its plugin sees it. */
  view(channel: Channel): Promise<ChannelView>;
  /** What waits for each channel: number of scheduled deliveries and the earliest due time. */
  waiting(teamId: number): Promise<ReadonlyMap<number, Waiting>>;
  /** Deliveries of a paused channel wait; nothing is lost. */
  pause(actor: Actor, teamId: number, channelId: number): Promise<Channel>;
  /** Wakes what waited. */
  resume(actor: Actor, teamId: number, channelId: number): Promise<Channel>;
  planDisconnection(teamId: number, channelId: number): Promise<DisconnectionPlan>;
  /**
   * Cancels what is due, takes the channel out and revokes the access when nobody else uses it.
   * @throws ConflictError while a delivery is past the point of no return
   */
  disconnect(actor: Actor, teamId: number, channelId: number): Promise<{ channel: Channel; isRevoked: boolean }>;
  /** Where the copied picture lies on disk; undefined when there is none. */
  avatarFile(channel: Channel): string | undefined;
  /** Milliseconds since it was connected or reconnected. */
  age(channel: Channel): number;
  /** The plugin's door to its own channels. */
  ofPlugin(pluginId: string): PluginChannels;
}

export function createChannelService(deps: ChannelDeps): ChannelService {
  const { store } = deps;
  const find = async (teamId: number, id: number) => {
    const found = await store.find(teamId, id);
    if (found === undefined || found.disconnectedAt !== null) throw new NotFoundError('There is no such channel.');
    const [channel = found] = await withAppState(deps, [found]);
    return channel;
  };
  const list = async (teamId: number) => withAppState(deps, await store.list(teamId));
  return {
    list,
    find,
    findMany: async (teamId, ids) => withAppState(deps, await store.findMany(teamId, ids)),
    async findAcrossTeams(id) {
      const found = await store.findAcrossTeams(id);
      if (found === undefined) throw new NotFoundError(`There is no channel ${id}.`);
      return found;
    },
    view: (channel) => Promise.resolve(viewOf(channel)),
    waiting: (teamId) => store.waiting(teamId),
    pause: async (actor, teamId, id) => setPaused(deps, { actor, channel: await find(teamId, id), isPaused: true }),
    resume: async (actor, teamId, id) => setPaused(deps, { actor, channel: await find(teamId, id), isPaused: false }),
    planDisconnection: async (teamId, id) => planDisconnection(deps, await find(teamId, id)),
    disconnect: async (actor, teamId, id) => disconnect(deps, actor, await find(teamId, id)),
    avatarFile: (channel) => (channel.avatar === null ? undefined : deps.avatars.file(channel.avatar)),
    age: (channel) => deps.clock.now() - channel.connectedAt,
    ofPlugin: (pluginId) => pluginChannels(deps, pluginId),
  };
}

/** A channel whose app an admin has replaced (also by the environment) needs reconnecting, whatever its tokens say. */
async function withAppState(deps: ChannelDeps, channels: readonly Channel[]): Promise<readonly Channel[]> {
  const keys = new Map<string, ReadonlySet<string> | undefined>();
  for (const { plugin } of channels) {
    if (!keys.has(plugin)) keys.set(plugin, await deps.settings.appKeys(plugin));
  }
  return channels.map((channel) =>
    keys.get(channel.plugin)?.has(channel.appKey) === false ? { ...channel, state: 'reconnect-needed' } : channel,
  );
}

async function setPaused(
  deps: ChannelDeps,
  change: { actor: Actor; channel: Channel; isPaused: boolean },
): Promise<Channel> {
  const { actor, channel, isPaused } = change;
  if (channel.isPaused === isPaused) return channel;
  await deps.db.transaction(async (sql) => {
    await deps.store.setPaused(channel.id, isPaused, sql);
    await record(deps, { channel, actor, kind: isPaused ? 'channel.paused' : 'channel.resumed' }, sql);
    if (!isPaused) await deps.desk.wakeChannel(channel.id, sql);
  });
  return (await deps.store.findAcrossTeams(channel.id)) ?? channel;
}

async function planDisconnection(deps: ChannelDeps, channel: Channel): Promise<DisconnectionPlan> {
  const live = await deps.desk.ofChannel(channel.id, ['scheduled', 'publishing', 'processing']);
  const isUnderWay = (delivery: Delivery) => delivery.pointOfNoReturnAt !== null;
  return {
    channel,
    due: live.filter((delivery) => !isUnderWay(delivery)),
    underWay: live.filter(isUnderWay),
  };
}

async function disconnect(
  deps: ChannelDeps,
  actor: Actor,
  channel: Channel,
): Promise<{ channel: Channel; isRevoked: boolean }> {
  const { due, underWay } = await planDisconnection(deps, channel);
  if (underWay.length > 0) throw conflict(deps.t, 'underWay', channel);
  for (const delivery of due) await deps.desk.cancel(actor, channel.teamId, delivery.id);
  await deps.db.transaction(async (sql) => {
    const isDone = await deps.store.disconnect(channel.id, deps.clock.now(), sql);
    if (!isDone) throw new NotFoundError('There is no such channel.');
    // Scheduled meanwhile by somebody else: they must know of it, so nothing is taken out behind their back.
    if ((await deps.store.countLive(channel.id, sql)) > 0) throw conflict(deps.t, 'newPost', channel);
    await record(deps, { channel, actor, kind: 'channel.disconnected', cancelled: due.length }, sql);
  });
  return { channel, isRevoked: await isToldInTime(deps, channel) };
}

/** The channel is disconnected already; that the network is slow to hear of it keeps nobody waiting. */
async function isToldInTime({ credentials, t }: ChannelDeps, { credentialId }: Channel): Promise<boolean> {
  try {
    return await askForPage(t, () => credentials.revokeIfUnused(credentialId));
  } catch (error) {
    if (error instanceof RemoteError) return false;
    throw error;
  }
}

function conflict(t: Translate, reason: 'underWay' | 'newPost', channel: Channel): ConflictError {
  const names = { nickname: channel.nickname };
  return new ConflictError(t(`channels:disconnect.${reason}.what`, names), {
    help: t(`channels:disconnect.${reason}.help`, names),
    code: `channel_${reason === 'underWay' ? 'under_way' : 'changed'}`,
  });
}

async function record(
  deps: ChannelDeps,
  act: { channel: Channel; actor: Actor; kind: string; cancelled?: number },
  sql: Parameters<EventLog['record']>[1],
): Promise<void> {
  const { channel, actor, kind, cancelled } = act;
  const { id, teamId, plugin, nickname, username } = channel;
  const facts = { plugin, nickname, username, ...(cancelled === undefined ? {} : { cancelled }) };
  await deps.events.record({ teamId, actorId: actor.id, subject: 'channel', subjectId: id, kind, facts }, sql);
}
