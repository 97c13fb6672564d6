import type { AppNotes, AppNotesShape, Translate } from '#plugin-api';
import { appStates, type CheckedNote, noteIds } from './app-notes.ts';

interface NoteChoice {
  readonly value: string;
  readonly label: string;
  readonly isChosen: boolean;
}

interface ChoiceNoteForm {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly choices: readonly NoteChoice[];
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
  const chosen = typed.get(noteIds.state)?.typed ?? notes.state ?? '';
  const words = [['', t('settings:notes.notNoted')], ...appStates.map((one) => [one, t(state.states[one])])] as const;
  return {
    name: `${setId}.${noteIds.state}`,
    label: t(state.label),
    help: t(state.help),
    choices: choices(words, chosen),
  };
}

function auditForm({ setId, shape, notes, typed, t }: NotesSource): ChoiceNoteForm | null {
  const { audit } = shape;
  if (audit === undefined) return null;
  const saved = notes.isAudited === undefined ? '' : notes.isAudited ? 'yes' : 'no';
  const words = [
    ['', t('settings:notes.notNoted')],
    ['yes', t('settings:notes.yes')],
    ['no', t('settings:notes.no')],
  ] as const;
  const chosen = typed.get(noteIds.audit)?.typed ?? saved;
  return {
    name: `${setId}.${noteIds.audit}`,
    label: t(audit.label),
    help: t(audit.help),
    choices: choices(words, chosen),
  };
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

function choices(words: readonly (readonly string[])[], chosen: string): readonly NoteChoice[] {
  return words.map(([value = '', label = '']) => ({ value, label, isChosen: value === chosen }));
}
