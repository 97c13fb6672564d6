import { z } from 'zod';
import type { AppNotes, ChannelPlugin, CredentialSet, SettingField, SettingsShape } from '#plugin-api';
import type { PluginEnvironment } from '../config.ts';
import { secretPlace } from '../keys/sealed-places.ts';
import type { Vault } from '../keys/vault.ts';
import { mediaLinkPath } from '../media/media-links.ts';
import { readNotes } from './app-notes.ts';
import type { StoredSetting } from './settings-store.ts';

/** Names of what belongs to a plugin as a whole, stored with an empty set id. */
export const modeField = 'mode';
export const enabledField = 'enabled';

/** The part of a plugin that settings are about. */
export type SettingsOwner = Pick<ChannelPlugin, 'id' | 'name' | 'settings'>;

/** One credential set as it holds now: the environment first, then what is stored. */
export interface SetValues {
  readonly id: string;
  readonly appKey: string;
  /** Whether everything required is there. */
  readonly isComplete: boolean;
  /** The callback exactly as the network must receive it. */
  readonly callbackUrl: string;
  /** The callback while nothing overrides it. */
  readonly computedCallbackUrl: string;
  /** The environment variable that decides this field; undefined where an admin does. */
  environmentOf(field: SettingField): string | undefined;
  /** Secrets are opened here and nowhere earlier. Empty when there is no value. */
  text(fieldId: string): string;
  /** The last characters of the secret; null when there is no secret. */
  hint(fieldId: string): string | null;
  choices(fieldId: string): readonly string[];
  confirmation(fieldId: string): Confirmation;
  /** What an admin has noted of its app. */
  readonly notes: AppNotes;
}

/** What an admin has confirmed of an address of ours. */
export interface Confirmation {
  /** The address that it is about now. */
  readonly address: string;
  /** `withdrawn`: the network has said since that it does not hold. */
  readonly state: 'open' | 'confirmed' | 'withdrawn';
  readonly at: number;
  readonly by: string | null;
  /** The network's own, of one that was withdrawn. */
  readonly code: string;
}

/** A plugin's settings as they hold now. */
export interface SettingsValues {
  readonly isEnabled: boolean;
  /** Id of the set that new connections use. */
  readonly mode: string;
  readonly sets: readonly SetValues[];
}

export interface SettingsSource {
  readonly owner: SettingsOwner;
  readonly stored: readonly StoredSetting[];
  readonly environment: PluginEnvironment | undefined;
  readonly publicUrl: string;
  readonly vault: Vault;
}

export function readSettings(source: SettingsSource): SettingsValues {
  const { settings: shape } = source.owner;
  const whole = (field: string) => source.stored.find((row) => row.setId === '' && row.field === field)?.value;
  const storedMode = whole(modeField) ?? source.environment?.mode;
  return {
    isEnabled: whole(enabledField) !== 'no',
    mode: shape.sets.some((set) => set.id === storedMode) && storedMode !== undefined ? storedMode : shape.defaultSet,
    sets: shape.sets.map((set) => readSet(source, set.id)),
  };
}

/** The last four characters of a secret that is long enough to spare them. */
export function hintOf(secret: string): string {
  return secret.length >= 8 ? secret.slice(-4) : '';
}

export function computedCallbackUrl(publicUrl: string, pluginId: string): string {
  return `${publicUrl}/app/${pluginId}/profile`;
}

/** A set as plugins get it. */
export function credentialSet(values: SetValues, shape: SettingsShape): CredentialSet {
  const known = new Set(shape.fields.map((field) => field.id));
  const text = (fieldId: string) => {
    if (!known.has(fieldId)) throw new Error(`The settings shape has no field "${fieldId}".`);
    return values.text(fieldId);
  };
  return {
    id: values.id,
    appKey: values.appKey,
    text,
    choices: (id) => values.choices(id),
    isConfirmed: (id) => values.confirmation(id).state === 'confirmed',
    callbackUrl: values.callbackUrl,
    appState: values.notes.state,
    isAudited: values.notes.isAudited,
    testers: values.notes.testers,
  };
}

function readSet(source: SettingsSource, setId: string): SetValues {
  const { owner, environment } = source;
  const shape = owner.settings;
  const isFilledByEnvironment = environment?.mode === setId;
  const outside = (fieldId: string) => (isFilledByEnvironment ? environment.values.get(fieldId) : undefined);
  const row = (fieldId: string) => source.stored.find((one) => one.setId === setId && one.field === fieldId);
  const text = (fieldId: string) => outside(fieldId) ?? openText(source, row(fieldId));
  const hasText = (fieldId: string) => (outside(fieldId) ?? row(fieldId)?.value ?? '') !== '';
  const choices = (fieldId: string) => chosen(shape, fieldId, outside(fieldId) ?? row(fieldId)?.value);
  const callback = shape.fields.find((field) => field.kind === 'callback');
  const override = callback === undefined ? '' : text(callback.id);
  const isThere = (field: SettingField) =>
    field.kind === 'choices' ? choices(field.id).length > 0 : hasText(field.id) || field.required !== true;
  const computed = computedCallbackUrl(source.publicUrl, owner.id);
  return {
    id: setId,
    appKey: text(shape.appKeyField),
    isComplete: hasText(shape.appKeyField) && shape.fields.every(isThere),
    callbackUrl: override === '' ? computed : override,
    computedCallbackUrl: computed,
    environmentOf: (field) => (outside(field.id) === undefined ? undefined : field.environment),
    text,
    hint: (fieldId) => secretHint(outside(fieldId), row(fieldId)),
    choices,
    confirmation: (fieldId) => readConfirmation(`${source.publicUrl}${mediaLinkPath}`, row(fieldId)),
    notes: readNotes(row),
  };
}

/** Kept as the address that was confirmed; of one withdrawn, as the network's code. */
export const withdrawnMark = 'withdrawn:';

function readConfirmation(address: string, row: StoredSetting | undefined): Confirmation {
  const value = row?.value ?? '';
  const isWithdrawn = value.startsWith(withdrawnMark);
  const holds = value === address ? 'confirmed' : 'open';
  return {
    address,
    state: isWithdrawn ? 'withdrawn' : holds,
    at: row?.savedAt ?? 0,
    by: row?.savedBy ?? null,
    code: isWithdrawn ? value.slice(withdrawnMark.length) : '',
  };
}

function openText(source: SettingsSource, row: StoredSetting | undefined): string {
  if (row === undefined) return '';
  if (!row.isSealed) return row.value;
  return source.vault.open(row.value, secretPlace({ pluginId: source.owner.id, setId: row.setId, fieldId: row.field }));
}

function secretHint(fromEnvironment: string | undefined, row: StoredSetting | undefined): string | null {
  if (fromEnvironment !== undefined) return hintOf(fromEnvironment);
  return row === undefined ? null : (row.hint ?? '');
}

const choiceList = z.array(z.string());

function chosen(shape: SettingsShape, fieldId: string, value: string | undefined): readonly string[] {
  const field = shape.fields.find((one) => one.id === fieldId);
  if (field?.kind !== 'choices') return [];
  const picked = value === undefined ? undefined : new Set(parseChoices(value));
  return field.choices
    .filter((choice) => choice.always === true || (picked === undefined ? choice.byDefault : picked.has(choice.value)))
    .map((choice) => choice.value);
}

/** Stored as JSON; written with commas in the environment. */
function parseChoices(value: string): readonly string[] {
  if (value.startsWith('[')) return choiceList.parse(JSON.parse(value));
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
