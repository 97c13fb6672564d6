import { readPluginSettings, type SettingsDeps } from './settings-deps.ts';
import { type SettingsOwner, withdrawnMark } from './settings-values.ts';

interface Withdrawal {
  readonly appKey: string;
  readonly fieldId: string;
  /** The network's own. */
  readonly code: string;
}

/** The network has said that what an admin confirmed does not hold. Said once: it stays off until an admin gives it anew. */
export async function withdrawConfirmation(
  deps: SettingsDeps,
  owner: SettingsOwner,
  { appKey, fieldId, code }: Withdrawal,
): Promise<void> {
  const { sets } = await readPluginSettings(deps, owner);
  const confirmed = sets.filter((set) => set.appKey === appKey && set.confirmation(fieldId).state === 'confirmed');
  for (const { id: setId } of confirmed) {
    const value = { setId, field: fieldId, value: `${withdrawnMark}${code}`, isSealed: false, hint: null };
    await deps.db.transaction(async (sql) => {
      const at = deps.clock.now();
      await deps.store.put({ pluginId: owner.id, by: null, at, values: [value], removed: [] }, sql);
      const facts = { set: setId, field: fieldId, code };
      const about = { teamId: null, actorId: null, subject: 'plugin' as const, subjectId: owner.id };
      await deps.events.record({ ...about, kind: 'settings.confirmation-withdrawn', facts }, sql);
    });
  }
}
