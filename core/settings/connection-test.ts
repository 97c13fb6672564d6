import { type ConnectionTestResult, RemoteError, type SettingField } from '#plugin-api';
import { askForPage } from '../limits/page-patience.ts';
import { checkDraft, checkDraftNotes, type CheckedField, effectiveText, typedFields } from './settings-draft.ts';
import { type SettingsDraft, settingsForm, type SettingsForm, valuesOf } from './settings-form.ts';
import { readPluginSettings, type SettingsDeps } from './settings-deps.ts';
import type { SettingsOwner, SetValues } from './settings-values.ts';

/** Asks the network about the set that Mode names, with what is typed; stored secrets fill in. Saves nothing. */
export async function testConnection(
  deps: SettingsDeps,
  owner: SettingsOwner,
  draft: SettingsDraft,
): Promise<{ form: SettingsForm; result: ConnectionTestResult }> {
  const values = await readPluginSettings(deps, owner);
  const check = { owner, values, draft, publicUrl: deps.config.publicUrl, vault: deps.vault, t: deps.t };
  const checked = checkDraft(check);
  const typedNotes = checkDraftNotes(check);
  const form = settingsForm({ owner, values, t: deps.t, typed: typedFields(checked), typedNotes, draft });
  if (form.modeProblem !== null) return { form, result: { ok: false, sentence: form.modeProblem } };
  const set = valuesOf(values, draft.mode);
  const problem = whatKeepsUsFromAsking(deps, owner, { set, checked });
  if (problem !== undefined) return { form, result: { ok: false, sentence: problem } };
  return { form, result: await ask(deps, owner, { set, checked }) };
}

interface TypedSet {
  readonly set: SetValues;
  readonly checked: readonly CheckedField[];
}

function whatKeepsUsFromAsking(deps: SettingsDeps, owner: SettingsOwner, typed: TypedSet): string | undefined {
  const { set, checked } = typed;
  const isIdentity = (field: SettingField) =>
    field.kind === 'secret' || (field.kind === 'text' && (field.required ?? field.id === owner.settings.appKeyField));
  const wrong = checked.find((one) => one.setId === set.id && isIdentity(one.field) && one.typed.problem !== null);
  if (wrong !== undefined) return wrong.typed.problem ?? undefined;
  const missing = owner.settings.fields
    .filter((field) => isIdentity(field) && effectiveText(checked, set, field.id) === '')
    .map((field) => deps.t(field.label));
  if (missing.length === 0) return undefined;
  const label = owner.settings.sets.find((one) => one.id === set.id)?.label;
  const name = label === undefined ? set.id : deps.t(label);
  return deps.t('settings:test.missing', { set: name, fields: missing.join(', ') });
}

async function ask(deps: SettingsDeps, owner: SettingsOwner, typed: TypedSet): Promise<ConnectionTestResult> {
  const { set, checked } = typed;
  const plugin = deps.registry.find(owner.id);
  if (plugin === undefined) return { ok: false, sentence: deps.t('settings:test.noPlugin', { network: owner.name }) };
  const text = (fieldId: string) => effectiveText(checked, set, fieldId);
  try {
    const values = { appKey: text(owner.settings.appKeyField), text };
    return await askForPage(deps.t, () => plugin.parts.connectionTest.run(values));
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const { sentence, nextStep, code, logId } = error.explanation;
    return { ok: false, sentence, nextStep, code, ...(logId === undefined ? {} : { logId }) };
  }
}
