import type { PluginEnvironment } from '../config.ts';
import type { SettingsOwner } from './settings-values.ts';

/** A value of a plugin's field that holds App IDs, as stored: such a field is a text, and nothing of it is sealed. */
export interface StoredKey {
  readonly setId: string;
  readonly value: string;
}

/** App keys that some set of the plugin holds now: the environment comes first, then what is stored. */
export function appKeysOf(
  { settings }: SettingsOwner,
  environment: PluginEnvironment | undefined,
  stored: readonly StoredKey[],
): ReadonlySet<string> {
  const { sets, appKeyField } = settings;
  const outside = (setId: string) => (environment?.mode === setId ? environment.values.get(appKeyField) : undefined);
  const inside = (setId: string) => stored.find((row) => row.setId === setId)?.value;
  return new Set(sets.map(({ id }) => outside(id) ?? inside(id) ?? '').filter((key) => key !== ''));
}
