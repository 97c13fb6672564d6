import type { Clock, Translate } from '#plugin-api';
import type { Config } from '../config.ts';
import type { CredentialService } from '../credentials/credential-service.ts';
import type { Database } from '../db/database.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Vault } from '../keys/vault.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import type { SettingsStore } from './settings-store.ts';
import { readSettings, type SettingsOwner, type SettingsValues } from './settings-values.ts';

/** Which channels use an app: asked before its App ID is replaced. */
export interface AppUse {
  countChannels(pluginId: string, appKey: string): Promise<number>;
  credentialIds(pluginId: string, appKey: string): Promise<readonly number[]>;
  /** Connected channels over all teams, those that are alike in one row. */
  usesOf(pluginId: string): Promise<readonly AppUseRow[]>;
}

export interface AppUseRow {
  readonly appKey: string;
  readonly scopes: readonly string[];
  /** The network does not let them in any more. */
  readonly isLost: boolean;
  readonly count: number;
  /** UTC ms: the newest tokens of these. */
  readonly acceptedAt: number;
}

export interface SettingsDeps {
  readonly db: Database;
  readonly store: SettingsStore;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly config: Pick<Config, 'publicUrl' | 'plugins'>;
  readonly events: EventLog;
  readonly credentials: Pick<CredentialService, 'needsReconnect'>;
  readonly registry: Pick<PluginRegistry, 'all' | 'find'>;
  readonly appUse: AppUse;
  readonly t: Translate;
}

export async function readPluginSettings(
  deps: Pick<SettingsDeps, 'store' | 'vault' | 'config'>,
  owner: SettingsOwner,
): Promise<SettingsValues> {
  return readSettings({
    owner,
    stored: await deps.store.ofPlugin(owner.id),
    environment: deps.config.plugins.get(owner.id),
    publicUrl: deps.config.publicUrl,
    vault: deps.vault,
  });
}
