import type { InputError } from '../errors.ts';

/** The first problem of each field, for showing it there. */
export function problemsByField({ problems }: InputError): Readonly<Record<string, string>> {
  const byField: Record<string, string> = {};
  for (const { field, message } of problems) byField[field] ??= message;
  return byField;
}
