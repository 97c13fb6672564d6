import type { PluginHost } from '#plugin-api';
import { complaintsAboutParts } from './check-parts.ts';
import { brokenPlugins } from './discover.ts';
import type { FoundPlugin } from './found-plugin.ts';
import type { PluginRegistry } from './plugin-registry.ts';

/**
 * Hands each plugin its host and puts it into the registry.
 * @throws StartError with every complaint about every plugin's parts; those activated before are closed again
 */
export async function activatePlugins(
  found: readonly Pick<FoundPlugin, 'plugin'>[],
  registry: PluginRegistry,
  hostFor: (plugin: FoundPlugin['plugin']) => PluginHost,
): Promise<void> {
  const complaints: string[] = [];
  for (const { plugin } of found) {
    try {
      const host = hostFor(plugin);
      const parts = await plugin.activate(host);
      const wrong = complaintsAboutParts(parts);
      complaints.push(...wrong.map((complaint) => `${plugin.id}: ${complaint}`));
      if (wrong.length === 0) registry.add({ plugin, parts, settings: host.settings });
    } catch (error) {
      complaints.push(`${plugin.id}: activate() failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (complaints.length === 0) return;
  await closePlugins(registry);
  throw brokenPlugins(complaints);
}

export async function closePlugins(registry: PluginRegistry): Promise<void> {
  for (const { parts } of [...registry.all()].reverse()) await parts.close?.();
}
