import type { Channel } from '../channels/channel.ts';
import type { ChannelService } from '../channels/channel-service.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';

interface NumbersParts {
  readonly channels: Pick<ChannelService, 'view'>;
  readonly plugins: PluginRegistry;
}

/** Where the numbers of what was published are; null while its network tells none, or the channel is disconnected. */
export async function numbersHref(
  { channels, plugins }: NumbersParts,
  channel: Channel,
  { plugin, remoteIds }: Pick<Delivery, 'plugin' | 'remoteIds'>,
): Promise<string | null> {
  const page = plugins.find(plugin)?.parts.channelPage;
  if (page?.ofPublished === undefined || remoteIds.length === 0 || channel.disconnectedAt !== null) return null;
  const path = await page.ofPublished(await channels.view(channel), remoteIds);
  return path === undefined ? null : `/team/${channel.teamId}/channels/${channel.id}${path}`;
}
