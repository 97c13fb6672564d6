import type { AppNotesShape, ChoicesField, SettingField, TextField, Translate } from '#plugin-api';
import { problemInWords } from '../config/field-problem.ts';
import type { CheckedNote } from './app-notes.ts';
import { notesForm, type NotesForm } from './notes-form.ts';
import type { Confirmation, SettingsOwner, SettingsValues, SetValues } from './settings-values.ts';

/** What an admin sent: names are `<set>.<field>`, a secret typed before and not yet saved comes back as `<set>.<field>.kept`. */
export interface SettingsDraft {
  readonly mode: string;
  readonly isEnabled: boolean;
  /** App keys whose channels may be cut off: the admin has read how many. */
  readonly agreedToCutOff: readonly string[];
  /** Tokens of the switches of Mode that the page told of. */
  readonly agreedToMode: readonly string[];
  readonly typed: ReadonlyMap<string, readonly string[]>;
  /** Binds secrets that wait in the form to the session they were typed in. */
  readonly sessionHash: string;
}

export type FieldForm =
  | (FieldFormBase & {
      readonly kind: 'text';
      readonly value: string;
      /** What looks wrong. */ readonly warning: string | null;
    })
  | (FieldFormBase & {
      readonly kind: 'callback';
      readonly value: string;
      /** What an empty field means. */
      readonly computed: string;
      /** What the network is told now. */
      readonly inUse: string;
    })
  | (FieldFormBase & {
      readonly kind: 'secret';
      /** `••••1234`, empty when there is no secret. */
      readonly mask: string;
      /** Sealed for this session: typed, correct, not saved yet. */
      readonly kept: string | null;
      readonly isStored: boolean;
    })
  | (FieldFormBase & { readonly kind: 'choices'; readonly choices: readonly ChoiceForm[] })
  | (FieldFormBase & {
      readonly kind: 'confirmation';
      readonly isTicked: boolean;
      readonly confirmation: Confirmation;
    });

interface FieldFormBase {
  readonly id: string;
  /** Name of the input. */
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly problem: string | null;
  readonly environment: string | null;
}

interface ChoiceForm {
  readonly value: string;
  readonly why: string;
  readonly isChosen: boolean;
  readonly isLocked: boolean;
}

interface SetForm {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly isComplete: boolean;
  /** The saved App ID, shortened. */
  readonly appKeyHint: string;
  readonly fields: readonly FieldForm[];
  readonly notes: NotesForm | null;
}

export interface SettingsForm {
  readonly pluginId: string;
  readonly isEnabled: boolean;
  readonly mode: string;
  readonly modeProblem: string | null;
  readonly sets: readonly SetForm[];
  readonly problemCount: number;
}

/** What stands in a field instead of the saved value, after something was typed. */
export interface TypedField {
  readonly value: readonly string[];
  readonly problem: string | null;
  readonly kept: string | null;
}

export interface FormSource {
  readonly owner: SettingsOwner;
  readonly values: SettingsValues;
  readonly t: Translate;
  /** By `<set>.<field>`; absent = show what is saved. */
  readonly typed?: ReadonlyMap<string, TypedField>;
  /** By set. */
  readonly typedNotes?: ReadonlyMap<string, readonly CheckedNote[]>;
  readonly draft?: SettingsDraft;
}

export function fieldName(setId: string, fieldId: string): string {
  return `${setId}.${fieldId}`;
}

export function settingsForm(source: FormSource): SettingsForm {
  const { owner, values, draft, t } = source;
  const sets = owner.settings.sets.map((set): SetForm => {
    const saved = valuesOf(values, set.id);
    return {
      id: set.id,
      label: t(set.label),
      help: t(set.help),
      isComplete: saved.isComplete,
      appKeyHint: shorten(saved.appKey),
      fields: owner.settings.fields.map((field) => fieldForm(source, saved, field)),
      notes: set.notes === undefined ? null : notesOf(source, { setId: set.id, shape: set.notes }),
    };
  });
  const mode = draft?.mode ?? values.mode;
  const isKnownMode = owner.settings.sets.some((set) => set.id === mode);
  const problems = sets
    .flatMap((set) => [...set.fields, ...(set.notes?.testers ? [set.notes.testers] : [])])
    .filter((field) => field.problem !== null).length;
  return {
    pluginId: owner.id,
    isEnabled: draft?.isEnabled ?? values.isEnabled,
    mode,
    modeProblem: isKnownMode ? null : t('settings:problem.mode'),
    sets,
    problemCount: problems + (isKnownMode ? 0 : 1),
  };
}

function notesOf(source: FormSource, { setId, shape }: { setId: string; shape: AppNotesShape }): NotesForm {
  const typed = new Map(source.typedNotes?.get(setId)?.map((note) => [note.id, note]));
  return notesForm({ setId, shape, typed, notes: valuesOf(source.values, setId).notes, t: source.t });
}

export function valuesOf(values: SettingsValues, setId: string): SetValues {
  const found = values.sets.find((set) => set.id === setId);
  if (found === undefined) throw new Error(`The settings shape has no set "${setId}".`);
  return found;
}

/** Enough of an App ID to recognise it. */
export function shorten(appKey: string): string {
  return appKey.length <= 12 ? appKey : `${appKey.slice(0, 6)}…${appKey.slice(-4)}`;
}

function fieldForm(source: FormSource, saved: SetValues, field: SettingField): FieldForm {
  const name = fieldName(saved.id, field.id);
  const environment = saved.environmentOf(field) ?? null;
  const typed = environment === null ? source.typed?.get(name) : undefined;
  const base = {
    id: field.id,
    name,
    label: source.t(field.label),
    help: field.help === undefined ? '' : source.t(field.help),
    problem: typed?.problem ?? null,
    environment,
  };
  switch (field.kind) {
    case 'text':
      return textForm(source, { saved, field }, { ...base, value: typed?.value[0] ?? saved.text(field.id) });
    case 'callback': {
      const value = typed?.value[0] ?? saved.text(field.id);
      return { ...base, kind: 'callback', value, computed: saved.computedCallbackUrl, inUse: saved.callbackUrl };
    }
    case 'secret': {
      const hint = saved.hint(field.id);
      const mask = hint === null ? '' : `••••${hint}`;
      return { ...base, kind: 'secret', mask, kept: typed?.kept ?? null, isStored: hint !== null };
    }
    case 'choices':
      return {
        ...base,
        kind: 'choices',
        choices: choiceForms(field, typed?.value ?? saved.choices(field.id), source.t),
      };
    case 'confirmation': {
      const confirmation = saved.confirmation(field.id);
      const isTicked = typed === undefined ? confirmation.state === 'confirmed' : typed.value.includes('1');
      // It names what it is about.
      const label = source.t(field.label, { address: confirmation.address });
      return { ...base, kind: 'confirmation', label, isTicked, confirmation };
    }
  }
}

function textForm(
  source: FormSource,
  { saved, field }: { saved: SetValues; field: TextField },
  form: FieldFormBase & { readonly value: string },
): FieldForm {
  const warning = form.value === '' ? undefined : field.warn?.(form.value, saved.id);
  return { ...form, kind: 'text', warning: warning === undefined ? null : problemInWords(source.t, field, warning) };
}

function choiceForms(field: ChoicesField, chosen: readonly string[], t: Translate): readonly ChoiceForm[] {
  return field.choices.map((choice) => ({
    value: choice.value,
    why: t(choice.why),
    isChosen: choice.always === true || chosen.includes(choice.value),
    isLocked: choice.always === true,
  }));
}
