import type { ChannelPlugin, Translate } from '#plugin-api';

/** A plugin as found on disk, its own texts, and which of the folders that a plugin may bring it has. */
export interface FoundPlugin {
  readonly plugin: ChannelPlugin;
  /** Looks up its own texts, in English: a start has to explain itself before there is a panel. */
  readonly t: Translate;
  readonly migrations?: string;
  readonly views?: string;
  readonly locales?: string;
  readonly publicFiles?: string;
}
