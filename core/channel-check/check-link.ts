import type { ChannelView } from '#plugin-api';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';

interface LinkQuestion {
  readonly registry: Pick<PluginRegistry, 'find'>;
  readonly channel: Pick<ChannelView, 'id' | 'teamId'> & { readonly plugin: string };
  /** Of an explanation. */
  readonly code: string | null | undefined;
}

/** The way to the connection check beside a problem that it says more about; null beside every other. */
export function checkPath({ registry, channel, code }: LinkQuestion): string | null {
  const check = registry.find(channel.plugin)?.parts.channelCheck;
  if (check === undefined || code === null || code === undefined || !check.explains.includes(code)) return null;
  return `/team/${channel.teamId}/channels/${channel.id}/check`;
}
