import type { Json, Translate } from '#plugin-api';
import { secretPlace } from '../keys/sealed-places.ts';
import type { CheckedNote } from './app-notes.ts';
import { checkDraft, checkDraftNotes, type CheckedField, effectiveText, typedFields } from './settings-draft.ts';
import { readPluginSettings, type SettingsDeps } from './settings-deps.ts';
import { type ModeSwitch, modeSwitch } from './mode-switch.ts';
import { noteFacts } from './note-facts.ts';
import { fieldName, type SettingsDraft, settingsForm, type SettingsForm, valuesOf } from './settings-form.ts';
import type { SettingsChange, StoredSetting } from './settings-store.ts';
import { enabledField, hintOf, modeField, type SettingsOwner, type SettingsValues } from './settings-values.ts';

/** Connected channels that an App ID change would cut off. */
export interface CutOffChannels {
  readonly appKey: string;
  readonly count: number;
}

export type SaveResult =
  | {
      readonly kind: 'saved';
      /** Channels that now need reconnecting. */
      readonly reconnecting: number;
      /** Null where Mode stayed, or nothing happened to any channel by switching it. */
      readonly switched: ModeSwitch | null;
    }
  /** Something typed cannot be used: nothing was saved. */
  | { readonly kind: 'refused'; readonly form: SettingsForm }
  /** Something happens to channels, and nobody has agreed to that yet: nothing was saved. */
  | {
      readonly kind: 'to-confirm';
      readonly form: SettingsForm;
      readonly cutsOff: readonly CutOffChannels[];
      readonly switching: ModeSwitch | null;
    };

export async function saveSettings(
  deps: SettingsDeps,
  owner: SettingsOwner,
  sent: { draft: SettingsDraft; byUserId: number },
): Promise<SaveResult> {
  const { draft, byUserId } = sent;
  const values = await readPluginSettings(deps, owner);
  const check = { owner, values, draft, publicUrl: deps.config.publicUrl, vault: deps.vault, t: deps.t };
  const checked = checkDraft(check);
  const notes = checkDraftNotes(check);
  const form = settingsForm({ owner, values, t: deps.t, typed: typedFields(checked), typedNotes: notes, draft });
  if (form.problemCount > 0) return { kind: 'refused', form };
  const cutsOff = await channelsCutOff(deps, owner, { values, checked });
  const switching = await modeSwitch(deps, owner, { values, to: draft.mode, checked, notes });
  const isModeAgreed = switching === null || draft.agreedToMode.includes(switching.token);
  if (!isModeAgreed || cutsOff.some((one) => !draft.agreedToCutOff.includes(one.appKey))) {
    return { kind: 'to-confirm', form, cutsOff, switching };
  }
  await store(deps, owner, { draft, byUserId, values, checked, notes: changedNotes(notes) });
  for (const { appKey } of cutsOff) {
    for (const id of await deps.appUse.credentialIds(owner.id, appKey)) await deps.credentials.needsReconnect(id);
  }
  return { kind: 'saved', reconnecting: cutsOff.reduce((sum, one) => sum + one.count, 0), switched: switching };
}

/** App keys that no set would hold any more, with the channels that use them. */
async function channelsCutOff(
  deps: SettingsDeps,
  owner: SettingsOwner,
  change: { values: SettingsValues; checked: readonly CheckedField[] },
): Promise<readonly CutOffChannels[]> {
  const { sets } = change.values;
  const staying = new Set(sets.map((set) => effectiveText(change.checked, set, owner.settings.appKeyField)));
  const leaving = new Set(sets.map((set) => set.appKey).filter((key) => key !== '' && !staying.has(key)));
  const found: CutOffChannels[] = [];
  for (const appKey of leaving) {
    const count = await deps.appUse.countChannels(owner.id, appKey);
    if (count > 0) found.push({ appKey, count });
  }
  return found;
}

interface ChangedNote {
  readonly setId: string;
  readonly id: string;
  /** Empty = nothing is noted any more. */
  readonly value: string;
}

function changedNotes(notes: ReadonlyMap<string, readonly CheckedNote[]>): readonly ChangedNote[] {
  return [...notes].flatMap(([setId, checked]) =>
    checked.flatMap(({ id, value }) => (value === null ? [] : [{ setId, id, value }])),
  );
}

interface Saved {
  readonly draft: SettingsDraft;
  readonly byUserId: number;
  /** As before. */
  readonly values: SettingsValues;
  readonly checked: readonly CheckedField[];
  readonly notes: readonly ChangedNote[];
}

async function store(deps: SettingsDeps, owner: SettingsOwner, saved: Saved): Promise<void> {
  const change = settingsChange(deps, owner, saved);
  const about = { teamId: null, actorId: saved.byUserId, subject: 'plugin' as const, subjectId: owner.id };
  await deps.db.transaction(async (sql) => {
    await deps.store.put(change, sql);
    for (const { kind, facts } of actsOf(owner, saved, deps.t)) {
      await deps.events.record({ ...about, kind, facts }, sql);
    }
  });
}

interface Act {
  readonly kind: string;
  readonly facts: Json;
}

/** What was done by saving, for the audit; never a secret. */
function actsOf(owner: SettingsOwner, { draft, values, checked, notes }: Saved, t: Translate): readonly Act[] {
  const { mode, isEnabled: enabled } = draft;
  return [
    {
      kind: 'settings.saved',
      facts: { mode, enabled, newSecrets: newSecrets(checked), appKeys: appKeys(owner, checked) },
    },
    ...secretsReplaced(values, checked).map(({ setId: set, field }) => ({
      kind: 'settings.secret-replaced',
      facts: { set, field: field.id },
    })),
    ...notes.map((note) => ({ kind: 'settings.app-noted', facts: noteFacts(owner, note, t) })),
    ...confirmations(checked).map(({ setId: set, field, value }) => ({
      kind: value === '' ? 'settings.confirmation-removed' : 'settings.confirmed',
      facts: { set, field: field.id, address: value ?? '' },
    })),
  ];
}

function confirmations(checked: readonly CheckedField[]): readonly CheckedField[] {
  return checked.filter((one) => one.field.kind === 'confirmation' && one.value !== null);
}

/** Secrets that took the place of others. */
export function secretsReplaced(values: SettingsValues, checked: readonly CheckedField[]): readonly CheckedField[] {
  return checked.filter(
    ({ field, setId, value }) =>
      field.kind === 'secret' && value !== null && valuesOf(values, setId).hint(field.id) !== null,
  );
}

function newSecrets(checked: readonly CheckedField[]): readonly string[] {
  return checked
    .filter((one) => one.field.kind === 'secret' && one.value !== null)
    .map((one) => fieldName(one.setId, one.field.id));
}

function appKeys(owner: SettingsOwner, checked: readonly CheckedField[]): Record<string, string> {
  const keys = checked.filter((one) => one.field.id === owner.settings.appKeyField);
  return Object.fromEntries(keys.map((one) => [one.setId, one.value ?? '']));
}

function settingsChange(deps: SettingsDeps, owner: SettingsOwner, saved: Saved): SettingsChange {
  const whole = (field: string, value: string): StoredSetting => ({
    setId: '',
    field,
    value,
    isSealed: false,
    hint: null,
  });
  const isEmptied = (one: CheckedField) => one.value === '';
  return {
    pluginId: owner.id,
    by: saved.byUserId,
    at: deps.clock.now(),
    values: [
      whole(modeField, saved.draft.mode),
      whole(enabledField, saved.draft.isEnabled ? 'yes' : 'no'),
      ...saved.checked
        .filter((one) => one.value !== null && !isEmptied(one))
        .map((one) => storedValue(deps, owner, one)),
      ...saved.notes
        .filter(({ value }) => value !== '')
        .map(({ setId, id, value }) => ({ setId, field: id, value, isSealed: false, hint: null })),
    ],
    removed: [
      ...saved.checked.filter(isEmptied).map((one) => ({ setId: one.setId, field: one.field.id })),
      ...saved.notes.filter(({ value }) => value === '').map(({ setId, id }) => ({ setId, field: id })),
    ],
  };
}

function storedValue(deps: SettingsDeps, owner: SettingsOwner, one: CheckedField): StoredSetting {
  const value = one.value ?? '';
  const base = { setId: one.setId, field: one.field.id };
  if (one.field.kind !== 'secret') return { ...base, value, isSealed: false, hint: null };
  const place = secretPlace({ pluginId: owner.id, setId: one.setId, fieldId: one.field.id });
  return { ...base, value: deps.vault.seal(value, place), isSealed: true, hint: hintOf(value) };
}
