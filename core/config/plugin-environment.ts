import type { AddressSetting, SettingField, SettingsShape } from '#plugin-api';
import type { Complaints } from './complaints.ts';
import type { PluginEnvironment, Reader } from './environment.ts';
import { isLoopbackHost } from './public-url.ts';

/** Reads the variables that a plugin's settings shape names, with the plugin's own checks. */
export function readPluginEnvironment(shape: SettingsShape, read: Reader, complaints: Complaints): PluginEnvironment {
  const values = new Map<string, string>();
  for (const field of shape.fields) {
    const value = readField(field, read, complaints);
    if (value !== undefined) values.set(field.id, value);
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

function readField(field: SettingField, read: Reader, complaints: Complaints): string | undefined {
  const value = field.environment === undefined ? undefined : read(field.environment);
  if (field.environment === undefined || value === undefined) return undefined;
  if (field.kind === 'choices') {
    const known = field.choices.map((choice) => choice.value);
    const strange = value.split(',').filter((choice) => !known.includes(choice.trim()));
    if (strange.length > 0)
      complaints.add(field.environment, `${strange.join(', ')} is not among ${known.join(', ')}.`);
    return value;
  }
  const checked = field.check?.(value) ?? { value };
  if ('value' in checked) return checked.value;
  complaints.add(field.environment, checked.problem);
  return undefined;
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
