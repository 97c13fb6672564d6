import type { ChannelPlugin, ConnectionTestResult, PluginSettings } from '#plugin-api';
import type { SettingsDraft, SettingsForm } from './settings-form.ts';

/** The part of a plugin that settings are about. */
export type SettingsOwner = Pick<ChannelPlugin, 'id' | 'name' | 'settings'>;

/** Connected channels that an App ID change would cut off. */
export interface CutOffChannels {
  readonly appKey: string;
  readonly count: number;
}

export type SaveResult =
  | { readonly saved: true; readonly reconnecting: number }
  /** Something typed cannot be used: nothing was saved. */
  | { readonly saved: false; readonly form: SettingsForm }
  /** Channels would need reconnecting, and nobody has agreed to that yet: nothing was saved. */
  | { readonly saved: false; readonly form: SettingsForm; readonly cutsOff: readonly CutOffChannels[] };

export interface SettingsService {
  /** What the plugin is handed: always the stored values of this moment, in every process. */
  forPlugin(plugin: SettingsOwner): PluginSettings;
  /** The form as stored; secrets only as a hint. */
  form(plugin: SettingsOwner): Promise<SettingsForm>;
  save(plugin: SettingsOwner, draft: SettingsDraft, by: SavedBy): Promise<SaveResult>;
  removeSecret(plugin: SettingsOwner, secret: { setId: string; fieldId: string }, by: SavedBy): Promise<void>;
  /** Asks the network with what is typed, secrets filled in from the store; saves nothing. */
  test(plugin: SettingsOwner, draft: SettingsDraft): Promise<{ form: SettingsForm; result: ConnectionTestResult }>;
  /** Which plugin answers at this path of ours because an admin overrode a Callback URL. */
  callbackAt(path: string): Promise<string | undefined>;
  /** App keys that some set of the plugin holds now. */
  appKeys(pluginId: string): Promise<ReadonlySet<string>>;
}

export interface SavedBy {
  readonly id: number;
  readonly name: string;
  readonly sessionHash: string;
}
