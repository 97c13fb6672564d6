import type { ChannelView } from '#plugin-api';

type ChannelState = 'connected' | 'paused' | 'reconnect-needed';

/** One connected account of one team. Times are UTC ms. */
export interface Channel {
  readonly id: number;
  readonly teamId: number;
  /** The team's zone. */
  readonly zone: string;
  readonly plugin: string;
  readonly credentialId: number;
  readonly accountId: string;
  /** The id that stays equal across apps of one developer. */
  readonly unionId: string | null;
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

/** The address that shows a channel's picture to the members of its team; null when there is none. */
export function channelAvatarPath(channel: Pick<Channel, 'id' | 'teamId' | 'avatar'>): string | null {
  const { id, teamId, avatar } = channel;
  return avatar === null ? null : `/team/${teamId}/channels/${id}/avatar?v=${avatar.slice(0, 8)}`;
}

/** The channel as its plugin sees it. */
export function viewOf(channel: Channel): ChannelView {
  const { id, teamId, accountId, nickname, username, mode, appKey, state, scopes, zone } = channel;
  return { id, teamId, accountId, nickname, username, mode, appKey, state, scopes, zone };
}
