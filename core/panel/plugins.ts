import type { ChannelPlugin, PluginHost } from '#plugin-api';
import { createPluginDeliveries } from '../deliveries/plugin-deliveries.ts';
import { activatePlugins } from '../plugin-host/activate.ts';
import { createPluginHost } from '../plugin-host/host.ts';
import { createPluginJobs } from '../queue/plugin-jobs.ts';
import type { Foundation } from './foundation.ts';
import type { Services } from './services.ts';

/** Hands every plugin its host, which ends at the plugin's own settings, channels, deliveries and jobs. */
export function wakePlugins(base: Foundation, services: Services): Promise<void> {
  const { db, config, log } = base;
  const { settings, channels, queue, registry, mediaLinks } = services;
  const hostFor = (plugin: ChannelPlugin): PluginHost =>
    createPluginHost(plugin, {
      db,
      clock: base.clock,
      log: log.with({ plugin: plugin.id }),
      t: base.t,
      publicUrl: config.publicUrl,
      dataDir: config.dataDir,
      settings: settings.forPlugin(plugin),
      channels: channels.ofPlugin(plugin.id),
      deliveries: createPluginDeliveries(plugin.id, { db, queue, clock: base.clock, t: base.t }),
      jobs: createPluginJobs(plugin.id, queue),
      mediaLinks: mediaLinks.forPlugins,
      calls: base.calls,
    });
  return activatePlugins(base.plugins, registry, hostFor);
}
