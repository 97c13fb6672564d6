import type { PluginSettings } from '#plugin-api';
import type { PluginEnvironment } from '../config.ts';
import { credentialSet, type SettingsOwner, type SettingsValues } from './settings-values.ts';

interface SettingsDoor {
  readonly environment: PluginEnvironment | undefined;
  readonly read: () => Promise<SettingsValues>;
  readonly withdraw: PluginSettings['withdraw'];
}

/** The plugin's own door to its settings: read anew each time, because another process may have saved. */
export function pluginSettings(owner: SettingsOwner, { environment, read, withdraw }: SettingsDoor): PluginSettings {
  return {
    isEnabled: async () => (await read()).isEnabled,
    async active() {
      const values = await read();
      const set = values.sets.find((one) => one.id === values.mode && one.isComplete);
      return set === undefined ? undefined : credentialSet(set, owner.settings);
    },
    async complete() {
      const complete = (await read()).sets.filter(({ isComplete }) => isComplete);
      return complete.map((set) => credentialSet(set, owner.settings));
    },
    async findByAppKey(appKey) {
      const set = (await read()).sets.find((one) => one.appKey === appKey && one.isComplete);
      return set === undefined ? undefined : credentialSet(set, owner.settings);
    },
    async notes(setId) {
      const set = (await read()).sets.find((one) => one.id === setId);
      if (set === undefined) throw new Error(`The settings shape has no set "${setId}".`);
      return set.notes;
    },
    address(id) {
      const address = owner.settings.addresses.find((one) => one.id === id);
      if (address === undefined) throw new Error(`The settings shape has no address "${id}".`);
      return environment?.addresses.get(id) ?? address.byDefault;
    },
    withdraw,
  };
}
