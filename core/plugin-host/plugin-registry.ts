import type { ChannelPlugin, PluginParts, PluginSettings } from '#plugin-api';
import { NotFoundError } from '../errors.ts';

/** A plugin that passed its checks and was handed its host. */
export interface ActivePlugin {
  readonly plugin: ChannelPlugin;
  readonly parts: PluginParts;
  readonly settings: PluginSettings;
}

export interface PluginRegistry {
  all(): readonly ActivePlugin[];
  find(id: string): ActivePlugin | undefined;
  /** @throws NotFoundError */
  get(id: string): ActivePlugin;
  add(plugin: ActivePlugin): void;
}

/** Filled once while the panel starts; rooms that need plugins are handed it before. */
export function createPluginRegistry(): PluginRegistry {
  const plugins = new Map<string, ActivePlugin>();
  return {
    all: () => [...plugins.values()],
    find: (id) => plugins.get(id),
    get: (id) => {
      const found = plugins.get(id);
      if (found === undefined) throw new NotFoundError(`There is no network "${id}" in this installation.`);
      return found;
    },
    add: (plugin) => void plugins.set(plugin.plugin.id, plugin),
  };
}
