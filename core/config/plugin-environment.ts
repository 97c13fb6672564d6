import type { AddressSetting, ChannelPlugin, SettingField, SettingsShape, Translate } from '#plugin-api';
import type { Complaints } from './complaints.ts';
import type { PluginEnvironment, Reader } from './environment.ts';
import { problemInWords } from './field-problem.ts';
import { isLoopbackHost } from './public-url.ts';

/** A plugin whose settings shape names environment variables. */
export interface PluginToConfigure {
  readonly plugin: Pick<ChannelPlugin, 'id' | 'settings'>;
  /** Looks up the plugin's own texts: what it finds wrong is told in them. */
  readonly t: Translate;
}

/** Reads the variables that a plugin's settings shape names, with the plugin's own checks. */
export function readPluginEnvironment(
  { plugin: { settings: shape }, t }: PluginToConfigure,
  read: Reader,
  complaints: Complaints,
): PluginEnvironment {
  const values = new Map<string, string>();
  for (const field of shape.fields) {
    const { value, problem } = readField(field, read, t);
    if (value !== undefined) values.set(field.id, value);
    if (problem !== undefined && field.environment !== undefined) complaints.add(field.environment, problem);
  }
  const addresses = new Map(shape.addresses.map((address) => [address.id, readAddress(address, read, complaints)]));
  return { mode: readMode(shape, read, complaints), values, addresses };
}

function readMode(shape: SettingsShape, read: Reader, complaints: Complaints): string {
  const mode = read(shape.modeEnvironment) ?? shape.defaultSet;
  const ids = shape.sets.map((set) => set.id);
  if (!ids.includes(mode)) complaints.add(shape.modeEnvironment, `"${mode}" is not one of ${ids.join(', ')}.`);
  return mode;
}

interface FieldRead {
  readonly value?: string;
  readonly problem?: string;
}

function readField(field: SettingField, read: Reader, t: Translate): FieldRead {
  const value = field.environment === undefined ? undefined : read(field.environment);
  if (value === undefined) return {};
  if (field.kind === 'choices') {
    const known = field.choices.map((choice) => choice.value);
    const strange = value.split(',').filter((choice) => !known.includes(choice.trim()));
    return strange.length === 0 ? { value } : { problem: `${strange.join(', ')} is not among ${known.join(', ')}.` };
  }
  const checked = field.kind === 'confirmation' ? { value } : (field.check?.(value) ?? { value });
  return 'value' in checked ? checked : { problem: problemInWords(t, field, checked.problem) };
}

function readAddress(address: AddressSetting, read: Reader, complaints: Complaints): string {
  const typed = read(address.environment) ?? address.byDefault;
  const isUsable = URL.canParse(typed) && isSafe(new URL(typed));
  if (!isUsable) {
    complaints.add(
      address.environment,
      'must be an https address without user, query or #; plain http works on localhost only.',
    );
  }
  return typed.replace(/\/+$/, '');
}

function isSafe(url: URL): boolean {
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}
