import type { Translate } from '#plugin-api';
import { type CheckedNote, noteIds } from './app-notes.ts';
import { type CheckedField, effectiveText } from './settings-draft.ts';
import type { SettingsDeps } from './settings-deps.ts';
import { valuesOf } from './settings-form.ts';
import type { SettingsOwner, SettingsValues } from './settings-values.ts';

/** What happens when Mode is switched: told before it is done. */
export interface ModeSwitch {
  /** Id of the set that new connections would use. */
  readonly to: string;
  readonly toLabel: string;
  /** Channels that go on with the app they were connected with, by its set. */
  readonly staying: readonly { readonly label: string; readonly count: number }[];
  /** Channels that use the app of `to` already. */
  readonly already: number;
  /** Whether everything is there that a login needs. */
  readonly isComplete: boolean;
  /** What is to be expected of its app, by what is noted of it; null where nothing is. */
  readonly expect: string | null;
  /** Comes back with the form of a page that told this; with other numbers it is another. */
  readonly token: string;
}

interface Typed {
  readonly values: SettingsValues;
  /** Id of the set to switch to. */
  readonly to: string;
  readonly checked: readonly CheckedField[];
  readonly notes: ReadonlyMap<string, readonly CheckedNote[]>;
}

/** @returns null while Mode stays, and while no channel is connected, so that nothing happens to any */
export async function modeSwitch(
  deps: Pick<SettingsDeps, 'appUse' | 't'>,
  owner: SettingsOwner,
  typed: Typed,
): Promise<ModeSwitch | null> {
  const { values, to, checked } = typed;
  const target = owner.settings.sets.find((set) => set.id === to);
  if (target === undefined || to === values.mode) return null;
  const used = await Promise.all(
    values.sets.map(async (set) => ({
      id: set.id,
      label: labelOf(owner, set.id, deps.t),
      count: set.appKey === '' ? 0 : await deps.appUse.countChannels(owner.id, set.appKey),
    })),
  );
  if (used.every(({ count }) => count === 0)) return null;
  const set = valuesOf(values, to);
  const staying = used.filter(({ id, count }) => id !== to && count > 0);
  const already = used.find(({ id }) => id === to)?.count ?? 0;
  return {
    ...{ to, toLabel: deps.t(target.label), staying, already },
    token: [to, ...staying.map(({ id, count }) => `${id}=${count}`), already].join(':'),
    isComplete: owner.settings.fields.every(
      (field) => field.required !== true || effectiveText(checked, set, field.id) !== '',
    ),
    expect: expectation(target, typed, deps.t),
  };
}

function labelOf(owner: SettingsOwner, setId: string, t: Translate): string {
  const label = owner.settings.sets.find((set) => set.id === setId)?.label;
  return label === undefined ? setId : t(label);
}

/** What the page tells beside each mode that is not in use. */
export async function modeSwitches(
  deps: Pick<SettingsDeps, 'appUse' | 't'>,
  owner: SettingsOwner,
  values: SettingsValues,
): Promise<readonly ModeSwitch[]> {
  const asSaved = { values, checked: [], notes: new Map<string, readonly CheckedNote[]>() };
  const all = await Promise.all(owner.settings.sets.map(({ id: to }) => modeSwitch(deps, owner, { ...asSaved, to })));
  return all.filter((one) => one !== null);
}

/** By what is noted with this very form, or was before. */
function expectation(
  target: SettingsOwner['settings']['sets'][number],
  { values, notes }: Typed,
  t: Translate,
): string | null {
  const saved = valuesOf(values, target.id).notes.state;
  const typed = notes.get(target.id)?.find((note) => note.id === noteIds.state)?.typed;
  const expect = Object.entries(target.notes?.state?.expect ?? {}).find(([state]) => state === (typed ?? saved));
  return expect === undefined ? null : t(expect[1]);
}
