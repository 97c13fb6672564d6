import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { rowBoolean, rowTime } from '../db/rows.ts';

/** One stored value. `setId` is empty for what belongs to the plugin as a whole. */
export interface StoredSetting {
  readonly setId: string;
  readonly field: string;
  /** Plain, or sealed for its place. */
  readonly value: string;
  readonly isSealed: boolean;
  /** The last characters of a secret. */
  readonly hint: string | null;
  /** UTC milliseconds; absent in what is not stored yet, as the next one. */
  readonly savedAt?: number;
  /** Name of who saved it; null where nobody did, or that person is gone. */
  readonly savedBy?: string | null;
}

/** Who saved last, and when. */
export interface LastSaved {
  readonly at: number;
  readonly by: string | null;
}

export interface SettingsStore {
  ofPlugin(pluginId: string): Promise<readonly StoredSetting[]>;
  lastSaved(pluginId: string): Promise<LastSaved | undefined>;
  put(change: SettingsChange, sql: Sql): Promise<void>;
}

export interface SettingsChange {
  readonly pluginId: string;
  /** Null where a network's answer changed it. */
  readonly by: number | null;
  readonly at: number;
  readonly values: readonly StoredSetting[];
  readonly removed: readonly { readonly setId: string; readonly field: string }[];
}

const settingRow = z
  .object({
    set_id: z.string(),
    field: z.string(),
    value: z.string(),
    is_sealed: rowBoolean,
    hint: z.string().nullable(),
    updated_at: rowTime,
    name: z.string().nullable(),
  })
  .transform((row): StoredSetting => ({
    setId: row.set_id,
    field: row.field,
    value: row.value,
    isSealed: row.is_sealed,
    hint: row.hint,
    savedAt: row.updated_at,
    savedBy: row.name,
  }));

const savedRow = z.object({ updated_at: rowTime, name: z.string().nullable() });

export function createSettingsStore(db: Database): SettingsStore {
  return {
    async ofPlugin(pluginId) {
      const rows: unknown[] = await db
        .knex('plugin_settings')
        .leftJoin('users', 'users.id', 'plugin_settings.updated_by')
        .where('plugin_settings.plugin', pluginId)
        .select('set_id', 'field', 'value', 'is_sealed', 'hint', 'plugin_settings.updated_at', 'users.name');
      return rows.map((row) => settingRow.parse(row));
    },

    async lastSaved(pluginId) {
      const row: unknown = await db
        .knex('plugin_settings')
        .leftJoin('users', 'users.id', 'plugin_settings.updated_by')
        .where('plugin_settings.plugin', pluginId)
        .orderBy('plugin_settings.updated_at', 'desc')
        .first('plugin_settings.updated_at', 'users.name');
      if (row === undefined) return undefined;
      const saved = savedRow.parse(row);
      return { at: saved.updated_at, by: saved.name };
    },

    async put(change, sql) {
      for (const { setId, field } of change.removed) {
        await sql('plugin_settings').where({ plugin: change.pluginId, set_id: setId, field }).delete();
      }
      for (const value of change.values) await replace(change, value, sql);
    },
  };
}

async function replace(change: SettingsChange, setting: StoredSetting, sql: Sql): Promise<void> {
  await sql('plugin_settings')
    .insert({
      plugin: change.pluginId,
      set_id: setting.setId,
      field: setting.field,
      value: setting.value,
      is_sealed: setting.isSealed,
      hint: setting.hint,
      updated_at: change.at,
      updated_by: change.by,
    })
    .onConflict(['plugin', 'set_id', 'field'])
    .merge();
}
