import { z } from 'zod';
import type { AppNotes, AppNotesShape, AppState, Translate } from '#plugin-api';
import { problemInWords } from '../config/field-problem.ts';
import type { StoredSetting } from './settings-store.ts';

/** Stored beside the fields of a set; no field's id has a dot. */
export const noteIds = { state: 'note.state', audit: 'note.audit', testers: 'note.testers' } as const;

export const appStates = ['draft', 'in-review', 'live', 'not-approved'] as const satisfies readonly AppState[];

const nameList = z.array(z.string());

/** @param row the stored one of a set, by its id */
export function readNotes(row: (id: string) => StoredSetting | undefined): AppNotes {
  const state = row(noteIds.state)?.value;
  const audit = row(noteIds.audit)?.value;
  const testers = row(noteIds.testers);
  return {
    state: appStates.find((one) => one === state),
    isAudited: audit === undefined ? undefined : audit === 'yes',
    testers: testers === undefined ? [] : testersIn(testers.value),
    testersNotedAt: testers?.savedAt,
  };
}

/** User names without `@`, of what is stored. */
export function testersIn(value: string): readonly string[] {
  return nameList.parse(JSON.parse(value));
}

/** One note as typed and checked. */
export interface CheckedNote {
  readonly id: string;
  /** As typed, for the form. */
  readonly typed: string;
  readonly problem: string | null;
  /** What to store; empty = nothing is noted, null = leave what is stored. */
  readonly value: string | null;
}

export interface NotesCheck {
  readonly shape: AppNotesShape;
  readonly notes: AppNotes;
  /** What was sent under the id of a note; undefined = it was not in the form. */
  readonly sent: (id: string) => string | undefined;
  readonly t: Translate;
}

/** What is not in the form, or says what is noted already, is left as it is: who noted it, and when, stays. */
export function checkNotes(check: NotesCheck): readonly CheckedNote[] {
  const { shape, notes, sent } = check;
  const audit = notes.isAudited === undefined ? '' : notes.isAudited ? 'yes' : 'no';
  return [
    ...(shape.state === undefined
      ? []
      : choice(sent(noteIds.state), { id: noteIds.state, of: appStates, now: notes.state })),
    ...(shape.audit === undefined
      ? []
      : choice(sent(noteIds.audit), { id: noteIds.audit, of: ['yes', 'no'], now: audit })),
    ...(shape.testers === undefined ? [] : checkTesters(check, shape.testers)),
  ];
}

/** Anything else than one of the values means that nothing is noted. */
function choice(
  sent: string | undefined,
  { id, of, now = '' }: { id: string; of: readonly string[]; now: string | undefined },
): readonly CheckedNote[] {
  if (sent === undefined) return [];
  const typed = of.find((one) => one === sent) ?? '';
  return [{ id, typed, problem: null, value: typed === now ? null : typed }];
}

function checkTesters(check: NotesCheck, shape: NonNullable<AppNotesShape['testers']>): readonly CheckedNote[] {
  const typed = check.sent(noteIds.testers);
  if (typed === undefined) return [];
  const names = [
    ...new Set(
      typed
        .split(/[\s,;]+/u)
        .map(withoutAt)
        .filter((name) => name !== ''),
    ),
  ];
  const problem = problemOf(names, { shape, t: check.t });
  if (problem !== undefined) return [{ id: noteIds.testers, typed, problem, value: null }];
  const isAsBefore = names.join(' ') === check.notes.testers.join(' ');
  const value = names.length === 0 ? '' : JSON.stringify(names);
  return [{ id: noteIds.testers, typed, problem: null, value: isAsBefore ? null : value }];
}

function withoutAt(name: string): string {
  return name.startsWith('@') ? name.slice(1) : name;
}

function problemOf(
  names: readonly string[],
  { shape, t }: { shape: NonNullable<AppNotesShape['testers']>; t: Translate },
): string | undefined {
  if (names.length > shape.most) {
    return t('settings:problem.testersMany', { label: t(shape.label), most: shape.most, count: names.length });
  }
  for (const name of names) {
    const result = shape.check?.(name);
    if (result !== undefined && 'problem' in result) {
      const { key, values } = result.problem;
      return problemInWords(t, shape, { key, values: { ...values, name } });
    }
  }
  return undefined;
}
