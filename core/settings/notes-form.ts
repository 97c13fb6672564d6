import type { AppNotes, AppNotesShape, Translate } from '#plugin-api';
import { appStates, type CheckedNote, noteIds } from './app-notes.ts';

interface NoteOption {
  readonly value: string;
  readonly label: string;
}

interface ChoiceNoteForm {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly options: readonly NoteOption[];
}

/** What is asked of a set's app; null where nothing is. */
export interface NotesForm {
  readonly state: ChoiceNoteForm | null;
  readonly audit: ChoiceNoteForm | null;
  readonly testers: {
    readonly name: string;
    readonly label: string;
    readonly help: string;
    readonly value: string;
    readonly most: number;
    /** How many are saved, in words, whatever is typed. */
    readonly noted: string;
    readonly savedAt: number | null;
    readonly problem: string | null;
  } | null;
  /** The saved state in words; null where none is noted. */
  readonly stateLabel: string | null;
  readonly isAudited: boolean | null;
}

interface NotesSource {
  readonly setId: string;
  readonly shape: AppNotesShape;
  readonly notes: AppNotes;
  /** By the note's id; absent = show what is saved. */
  readonly typed: ReadonlyMap<string, CheckedNote>;
  readonly t: Translate;
}

export function notesForm(source: NotesSource): NotesForm {
  const { shape, notes, t } = source;
  return {
    state: stateForm(source),
    audit: auditForm(source),
    testers: testersForm(source),
    stateLabel: shape.state === undefined || notes.state === undefined ? null : t(shape.state.states[notes.state]),
    isAudited: notes.isAudited ?? null,
  };
}

function stateForm({ setId, shape, notes, typed, t }: NotesSource): ChoiceNoteForm | null {
  const { state } = shape;
  if (state === undefined) return null;
  return {
    ...{ name: `${setId}.${noteIds.state}`, label: t(state.label), help: t(state.help) },
    value: typed.get(noteIds.state)?.typed ?? notes.state ?? '',
    options: [notNoted(t), ...appStates.map((value) => ({ value, label: t(state.states[value]) }))],
  };
}

function auditForm({ setId, shape, notes, typed, t }: NotesSource): ChoiceNoteForm | null {
  const { audit } = shape;
  if (audit === undefined) return null;
  const saved = notes.isAudited === undefined ? '' : notes.isAudited ? 'yes' : 'no';
  return {
    ...{ name: `${setId}.${noteIds.audit}`, label: t(audit.label), help: t(audit.help) },
    value: typed.get(noteIds.audit)?.typed ?? saved,
    options: [notNoted(t), ...['yes', 'no'].map((value) => ({ value, label: t(`settings:notes.${value}`) }))],
  };
}

function notNoted(t: Translate): NoteOption {
  return { value: '', label: t('settings:notes.notNoted') };
}

function testersForm({ setId, shape, notes, typed, t }: NotesSource): NotesForm['testers'] {
  const { testers } = shape;
  if (testers === undefined) return null;
  const given = typed.get(noteIds.testers);
  return {
    name: `${setId}.${noteIds.testers}`,
    label: t(testers.label, { most: testers.most }),
    help: t(testers.help, { most: testers.most }),
    value: given?.typed ?? notes.testers.map((name) => `@${name}`).join('\n'),
    most: testers.most,
    noted: t(testers.noted, { count: notes.testers.length, most: testers.most }),
    savedAt: notes.testersNotedAt ?? null,
    problem: given?.problem ?? null,
  };
}
