import type { Translate } from '#plugin-api';
import type { Channel } from '../channels/channel-service.ts';
import type { Complaint } from '../errors.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';

/** Why a channel takes no new delivery now; undefined when it does. */
export type ClosedBecause = 'paused' | 'reconnectNeeded' | 'disconnected' | 'switchedOff';

export async function whyClosed(plugins: PluginRegistry, channel: Channel): Promise<ClosedBecause | undefined> {
  if (channel.disconnectedAt !== null) return 'disconnected';
  if (channel.state === 'reconnect-needed') return 'reconnectNeeded';
  const plugin = plugins.find(channel.plugin);
  if (plugin === undefined || !(await plugin.settings.isEnabled())) return 'switchedOff';
  return channel.isPaused ? 'paused' : undefined;
}

const codes: Readonly<Record<ClosedBecause, string>> = {
  paused: 'channel_paused',
  reconnectNeeded: 'reconnect_needed',
  disconnected: 'channel_disconnected',
  switchedOff: 'network_disabled',
};

/** The reason as a sentence with the next step. */
export function sayWhyClosed(t: Translate, reason: ClosedBecause, channel: Channel): Complaint {
  return { message: t(`posts:closed.${reason}.sentence`, { channel: channel.nickname }), code: codes[reason] };
}
