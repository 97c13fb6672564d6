import type { CallbackField, ChoicesField, SecretField, SettingField, TextField, Translate } from '#plugin-api';
import { type CheckedNote, checkNotes } from './app-notes.ts';
import { problemInWords } from '../config/field-problem.ts';
import { type SealedPlace, type Vault, VaultError } from '../keys/vault.ts';
import { callbackProblem } from './callback-check.ts';
import { fieldName, type SettingsDraft, type TypedField, valuesOf } from './settings-form.ts';
import {
  computedCallbackUrl,
  type Confirmation,
  type SettingsOwner,
  type SettingsValues,
  type SetValues,
} from './settings-values.ts';

/** One field as typed, trimmed and checked. */
export interface CheckedField {
  readonly setId: string;
  readonly field: SettingField;
  readonly typed: TypedField;
  /** What to store: plain text, a list as JSON; null = leave what is stored. */
  readonly value: string | null;
}

export interface DraftCheck {
  readonly owner: SettingsOwner;
  readonly values: SettingsValues;
  readonly draft: SettingsDraft;
  readonly publicUrl: string;
  readonly vault: Vault;
  readonly t: Translate;
}

/** Checks what was sent. Sets that were not sent, and what the environment decides, are left alone. */
export function checkDraft(check: DraftCheck): readonly CheckedField[] {
  return check.owner.settings.sets
    .map((set) => valuesOf(check.values, set.id))
    .filter((set) => wasSent(check, set))
    .flatMap((set) =>
      check.owner.settings.fields
        .filter((field) => set.environmentOf(field) === undefined)
        .map((field) => checkField(check, set, field)),
    );
}

/** The notes of each set that were in the form. */
export function checkDraftNotes({ owner, values, draft, t }: DraftCheck): ReadonlyMap<string, readonly CheckedNote[]> {
  return new Map(
    owner.settings.sets.flatMap(({ id, notes: shape }) => {
      if (shape === undefined) return [];
      const { notes } = valuesOf(values, id);
      const sent = (noteId: string) => draft.typed.get(fieldName(id, noteId))?.at(-1);
      return [[id, checkNotes({ shape, notes, sent, t })] as const];
    }),
  );
}

export function typedFields(fields: readonly CheckedField[]): ReadonlyMap<string, TypedField> {
  return new Map(fields.map((one) => [fieldName(one.setId, one.field.id), one.typed]));
}

/** The value a field has with what was typed, whether or not it is saved yet. */
export function effectiveText(fields: readonly CheckedField[], set: SetValues, fieldId: string): string {
  const typed = fields.find((one) => one.setId === set.id && one.field.id === fieldId);
  return typed?.value ?? set.text(fieldId);
}

/** Unticked check boxes are not sent: a set counts as sent when any of its other fields is there. */
function wasSent(check: DraftCheck, set: SetValues): boolean {
  return check.owner.settings.fields.some((field) => check.draft.typed.has(fieldName(set.id, field.id)));
}

function checkField(check: DraftCheck, set: SetValues, field: SettingField): CheckedField {
  const sent = check.draft.typed.get(fieldName(set.id, field.id)) ?? [];
  const base = { setId: set.id, field };
  switch (field.kind) {
    case 'text':
      return { ...base, ...checkText(field, sent, check.t) };
    case 'callback': {
      const computed = computedCallbackUrl(check.publicUrl, check.owner.id);
      return { ...base, ...checkCallback({ sent, computed, field, t: check.t }) };
    }
    case 'secret':
      return { ...base, ...checkSecret(check, { setId: set.id, field }, sent) };
    case 'choices':
      return { ...base, ...checkChoices(field, sent, check.t) };
    case 'confirmation':
      return { ...base, ...checkConfirmation(set.confirmation(field.id), sent) };
  }
}

type Checked = Pick<CheckedField, 'typed' | 'value'>;

function good(value: string): Checked {
  return { typed: { value: [value], problem: null, kept: null }, value };
}

function bad(value: string, problem: string): Checked {
  return { typed: { value: [value], problem, kept: null }, value: null };
}

function checkText(field: TextField | CallbackField, sent: readonly string[], t: Translate): Checked {
  const value = (sent.at(-1) ?? '').trim();
  if (value === '' || field.check === undefined) return good(value);
  const result = field.check(value);
  return 'problem' in result ? bad(value, problemInWords(t, field, result.problem)) : good(result.value);
}

function checkCallback(callback: {
  sent: readonly string[];
  computed: string;
  field: CallbackField;
  t: Translate;
}): Checked {
  const { field, t } = callback;
  const value = (callback.sent.at(-1) ?? '').trim();
  if (value === '') return good(value);
  const problem = callbackProblem(value, callback.computed, t);
  return problem === undefined ? checkText(field, [value], t) : bad(value, problem);
}

/** Empty and the mask keep what is stored; a secret never travels back to the browser but sealed. */
function checkSecret(check: DraftCheck, at: { setId: string; field: SecretField }, sent: readonly string[]): Checked {
  const { setId, field } = at;
  const typed = (sent.at(-1) ?? '').trim();
  const isKept = typed === '' || typed.startsWith('•');
  const waiting = check.draft.typed.get(`${fieldName(setId, field.id)}.kept`)?.at(-1) ?? '';
  if (isKept && waiting === '') return { typed: { value: [], problem: null, kept: null }, value: null };
  const place = keptPlace(check, setId, field.id);
  const secret = isKept ? openKept(check.vault, waiting, place) : typed;
  if (secret === undefined) return bad('', check.t('settings:problem.typeAgain', { label: check.t(field.label) }));
  const result = field.check?.(secret);
  if (result !== undefined && 'problem' in result) return bad('', problemInWords(check.t, field, result.problem));
  const value = result?.value ?? secret;
  return { typed: { value: [], problem: null, kept: check.vault.seal(value, place) }, value };
}

function keptPlace(check: DraftCheck, setId: string, fieldId: string): SealedPlace {
  const row = `${check.owner.id}/${setId}/${fieldId}/${check.draft.sessionHash}`;
  return { table: 'settings_form', column: 'kept', row };
}

/** Undefined when it was sealed for another session, field or key: then it has to be typed again. */
function openKept(vault: Vault, sealed: string, place: SealedPlace): string | undefined {
  try {
    return vault.open(sealed, place);
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

/** What stays as it is keeps who said so, and when. */
function checkConfirmation({ state, address }: Confirmation, sent: readonly string[]): Checked {
  const isTicked = sent.includes('1');
  const typed = { value: [isTicked ? '1' : ''], problem: null, kept: null };
  if (isTicked === (state === 'confirmed')) return { typed, value: null };
  return { typed, value: isTicked ? address : '' };
}

function checkChoices(field: ChoicesField, sent: readonly string[], t: Translate): Checked {
  const wanted = sent.map((value) => value.trim()).filter((value) => value !== '');
  const unknown = wanted.filter((value) => !field.choices.some((choice) => choice.value === value));
  const chosen = field.choices
    .filter((choice) => choice.always === true || wanted.includes(choice.value))
    .map((choice) => choice.value);
  const problem =
    unknown.length === 0 ? null : t('settings:problem.choice', { label: t(field.label), value: unknown.join(', ') });
  return {
    typed: { value: chosen, problem, kept: null },
    value: problem === null ? JSON.stringify(chosen) : null,
  };
}
