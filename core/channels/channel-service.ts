import type { ChannelView, PluginChannels } from '#plugin-api';
import type { Delivery } from '../deliveries/delivery-desk.ts';

export type ChannelState = 'connected' | 'paused' | 'reconnect-needed';

/** One connected account of one team. Times are UTC ms. */
export interface Channel {
  readonly id: number;
  readonly teamId: number;
  /** The team's zone. */
  readonly zone: string;
  readonly plugin: string;
  readonly credentialId: number;
  readonly accountId: string;
  readonly nickname: string;
  readonly username: string | null;
  /** Name of the copied picture; pages show it by `channelAvatarPath`. */
  readonly avatar: string | null;
  /** What it needs comes first: a paused channel whose access is gone is `reconnect-needed`. */
  readonly state: ChannelState;
  readonly isPaused: boolean;
  /** The credential set it was connected with. */
  readonly mode: string;
  readonly appKey: string;
  readonly scopes: readonly string[];
  readonly connectedBy: { readonly id: number; readonly name: string } | null;
  readonly connectedAt: number;
  readonly disconnectedAt: number | null;
}

/** Who does something, for the record. */
export interface Actor {
  readonly id: number;
  readonly name: string;
}

/** What disconnecting would cancel, and what stands in its way. */
export interface DisconnectionPlan {
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
  /** How many of the team's channels need a person. */
  countNeedingPerson(teamId: number): Promise<number>;
  /** What waits for each channel: number of scheduled deliveries and the earliest due time. */
  waiting(teamId: number): Promise<ReadonlyMap<number, { readonly count: number; readonly nextAt: number | null }>>;
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
  /** The plugin's door to its own channels. */
  ofPlugin(pluginId: string): PluginChannels;
}

/** The address that shows a channel's picture to the members of its team; null when there is none. */
export function channelAvatarPath(channel: Pick<Channel, 'id' | 'teamId' | 'avatar'>): string | null {
  return channel.avatar === null
    ? null
    : `/team/${channel.teamId}/channels/${channel.id}/avatar?v=${channel.avatar.slice(0, 8)}`;
}
