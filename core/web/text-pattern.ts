import type { LookUp } from '../language/deferred-text.ts';

type Values = Parameters<LookUp>[1];

/** Puts values into one text, read once: a page says the same few texts with other values hundreds of times. */
export type Fill = (values: Values) => string;

/** @param text with `{{name}}` where a value goes; a name without a value stays as it is written, as with i18next */
export function readPattern(text: string): Fill {
  const [first = '', ...rest] = text.split(/\{\{(\w+)\}\}/u);
  const slots = rest.flatMap((name, index) => (index % 2 === 0 ? [{ name, behind: rest[index + 1] ?? '' }] : []));
  return (values) =>
    slots.reduce((sofar, { name, behind }) => `${sofar}${values[name] ?? `{{${name}}}`}${behind}`, first);
}
