/** A trimmed value of the environment; nothing for an empty one. */
export type Reader = (name: string) => string | undefined;

/** What the environment says about one plugin, checked by the plugin's own settings shape. */
export interface PluginEnvironment {
  /** The credential set that the fields' variables fill. */
  readonly mode: string;
  /** Field id to value; only fields that the environment sets. */
  readonly values: ReadonlyMap<string, string>;
  /** Base addresses by id, the default where the environment sets none; no trailing slash. */
  readonly addresses: ReadonlyMap<string, string>;
}
