import DataLoader from 'dataloader';
import type { ConnectionTestResult, PluginSettings } from '#plugin-api';
import { appKeysOf } from './app-keys.ts';
import { callbackPaths } from './callback-paths.ts';
import { testConnection } from './connection-test.ts';
import { type ModeSwitch, modeSwitches } from './mode-switch.ts';
import { pluginSettings } from './plugin-settings.ts';
import { type SaveResult, saveSettings, secretsReplaced } from './save-settings.ts';
import { type SetHealth, setHealth } from './set-health.ts';
import { checkDraft } from './settings-draft.ts';
import { readPluginSettings, type SettingsDeps } from './settings-deps.ts';
import { type SettingsDraft, settingsForm, type SettingsForm } from './settings-form.ts';
import type { LastSaved } from './settings-store.ts';
import type { SettingsOwner, SettingsValues } from './settings-values.ts';
import { withdrawConfirmation } from './withdraw-confirmation.ts';

export interface SettingsService {
  /** What the plugin is handed: always the stored values of this moment, in every process. */
  forPlugin(plugin: SettingsOwner): PluginSettings;
  /** The form as stored; secrets only as a hint. */
  form(plugin: SettingsOwner): Promise<SettingsForm>;
  lastSaved(pluginId: string): Promise<LastSaved | undefined>;
  save(plugin: SettingsOwner, draft: SettingsDraft, byUserId: number): Promise<SaveResult>;
  /** Whether this would put a secret in the place of a stored one. */
  replacesSecret(plugin: SettingsOwner, draft: SettingsDraft): Promise<boolean>;
  hasSecret(plugin: SettingsOwner, secret: { setId: string; fieldId: string }): Promise<boolean>;
  /** What switching Mode to each other set would change. */
  switches(plugin: SettingsOwner): Promise<readonly ModeSwitch[]>;
  /** How the app of each set is doing. */
  health(plugin: SettingsOwner): Promise<readonly SetHealth[]>;
  removeSecret(plugin: SettingsOwner, secret: { setId: string; fieldId: string }, byUserId: number): Promise<void>;
  /** Asks the network with what is typed, secrets filled in from the store; saves nothing. */
  test(plugin: SettingsOwner, draft: SettingsDraft): Promise<{ form: SettingsForm; result: ConnectionTestResult }>;
  /** Which plugin answers at this path of ours because a Callback URL was overridden. */
  callbackAt(path: string): Promise<string | undefined>;
  /** App keys that some set of the plugin holds now; undefined for a plugin that is not installed. */
  appKeys(pluginId: string): Promise<ReadonlySet<string> | undefined>;
  /** By set, as saved now; a set without one is left out. */
  appKeysBySet(plugin: SettingsOwner): Promise<ReadonlyMap<string, string>>;
}

export function createSettingsService(deps: SettingsDeps): SettingsService {
  const read = (owner: SettingsOwner) => readPluginSettings(deps, owner);
  return {
    forPlugin: (owner) => {
      const reads = readTogether(() => read(owner));
      return pluginSettings(owner, {
        environment: deps.config.plugins.get(owner.id),
        read: () => reads.load('all'),
        withdraw: (confirmation) => withdrawConfirmation(deps, owner, confirmation),
      });
    },
    form: async (owner) => settingsForm({ owner, values: await read(owner), t: deps.t }),
    lastSaved: (pluginId) => deps.store.lastSaved(pluginId),
    save: (owner, draft, byUserId) => saveSettings(deps, owner, { draft, byUserId }),
    replacesSecret: async (owner, draft) => replacesSecret(deps, await read(owner), { owner, draft }),
    async hasSecret(owner, { setId, fieldId }) {
      const set = (await read(owner)).sets.find((one) => one.id === setId);
      return (set?.hint(fieldId) ?? null) !== null;
    },
    switches: async (owner) => modeSwitches(deps, owner, await read(owner)),
    health: async (owner) => setHealth(deps.appUse, owner, await read(owner)),
    removeSecret: (owner, secret, byUserId) => removeSecret(deps, owner, { ...secret, byUserId }),
    test: (owner, draft) => testConnection(deps, owner, draft),
    callbackAt: async (path) => (await callbackPaths(deps)).get(path),
    async appKeysBySet(owner) {
      const { sets } = await read(owner);
      return new Map(sets.filter(({ appKey }) => appKey !== '').map(({ id, appKey }) => [id, appKey]));
    },
    async appKeys(pluginId) {
      const found = deps.registry.find(pluginId);
      if (found === undefined) return undefined;
      const { appKeyField } = found.plugin.settings;
      const stored = (await deps.store.ofPlugin(pluginId)).filter(({ field }) => field === appKeyField);
      return appKeysOf(found.plugin, deps.config.plugins.get(pluginId), stored);
    },
  };
}

function replacesSecret(
  { config, vault, t }: SettingsDeps,
  values: SettingsValues,
  { owner, draft }: { owner: SettingsOwner; draft: SettingsDraft },
): boolean {
  const checked = checkDraft({ owner, values, draft, publicUrl: config.publicUrl, vault, t });
  return secretsReplaced(values, checked).length > 0;
}

/** One read for all who ask at the same moment, as a page does for each of its channels. It begins after they asked. */
function readTogether(read: () => Promise<SettingsValues>): DataLoader<'all', SettingsValues> {
  return new DataLoader(
    async (asked) => {
      const values = await read();
      return asked.map(() => values);
    },
    { cache: false },
  );
}

async function removeSecret(
  deps: SettingsDeps,
  owner: SettingsOwner,
  secret: { setId: string; fieldId: string; byUserId: number },
): Promise<void> {
  const { setId, fieldId, byUserId } = secret;
  const isSecret = owner.settings.fields.some((field) => field.id === fieldId && field.kind === 'secret');
  if (!isSecret || !owner.settings.sets.some((set) => set.id === setId)) return;
  await deps.db.transaction(async (sql) => {
    const change = { pluginId: owner.id, by: byUserId, at: deps.clock.now() };
    await deps.store.put({ ...change, values: [], removed: [{ setId, field: fieldId }] }, sql);
    await deps.events.record(
      {
        teamId: null,
        actorId: byUserId,
        subject: 'plugin',
        subjectId: owner.id,
        kind: 'settings.secret-removed',
        facts: { set: setId, field: fieldId },
      },
      sql,
    );
  });
}
