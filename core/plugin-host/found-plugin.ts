import type { ChannelPlugin } from '#plugin-api';

/** A plugin as found on disk, and which of the folders that a plugin may bring it has. */
export interface FoundPlugin {
  readonly plugin: ChannelPlugin;
  readonly migrations?: string;
  readonly views?: string;
  readonly locales?: string;
  readonly publicFiles?: string;
}
