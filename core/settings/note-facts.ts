import type { AppNotesShape, Json, Translate } from '#plugin-api';
import { appStates, noteIds, testersIn } from './app-notes.ts';
import type { SettingsOwner } from './settings-values.ts';

interface Noted {
  readonly setId: string;
  readonly id: string;
  /** As it is stored; empty = nothing is noted any more. */
  readonly value: string;
}

/** What was noted of which app, as texts that become words where the audit is read. */
export function noteFacts(owner: SettingsOwner, { setId, id, value }: Noted, t: Translate): Json {
  const set = owner.settings.sets.find((one) => one.id === setId);
  const shape = set?.notes ?? {};
  return {
    set: set === undefined ? setId : t(set.label),
    note: labelOf(shape, id, t),
    value: value === '' ? t('settings:notes.notNoted') : wordsOf(shape, { id, value }, t),
  };
}

function labelOf({ state, audit, testers }: AppNotesShape, id: string, t: Translate): string {
  if (id === noteIds.state && state !== undefined) return t(state.label);
  if (id === noteIds.audit && audit !== undefined) return t(audit.label);
  return id === noteIds.testers && testers !== undefined ? t(testers.label, { most: testers.most }) : id;
}

function wordsOf({ state }: AppNotesShape, { id, value }: { id: string; value: string }, t: Translate): string {
  const appState = appStates.find((one) => one === value);
  if (id === noteIds.state && state !== undefined && appState !== undefined) return t(state.states[appState]);
  if (id === noteIds.audit) return t(`settings:notes.${value}`);
  if (id === noteIds.testers)
    return testersIn(value)
      .map((name) => `@${name}`)
      .join(', ');
  return value;
}
