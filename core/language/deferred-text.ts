/**
 * A text that is looked up when it is read, not when it is made: it travels as a string, through other texts, errors,
 * flash messages and the database, and becomes words in the language of whoever reads it (docs/decisions/018).
 *
 *     ‹ key ‹text› name ‹is› value ‹number› name ‹is› value ‹text› ‹is› the English words ›
 *
 * The marks between are Unicode noncharacters: they belong to no writing, and JSON and utf8mb4 carry them. A value may
 * hold a deferred text itself. The English words are what stays readable when the key is gone in a later version.
 */

const begin = '\uFDD0';
const end = '\uFDD1';
const text = '\uFDD2';
const number = '\uFDD3';
const is = '\uFDD4';

/** All of them, inside the brackets of a regular expression. */
export const marks = `${begin}-${is}`;

type Values = Readonly<Record<string, string | number>>;

/** @returns undefined where there is no such text */
export type LookUp = (key: string, values: Values) => string | undefined;

export interface Deferred {
  readonly key: string;
  readonly values: Values;
  readonly english: string;
}

export function defer({ key, values, english }: Deferred): string {
  const parts = Object.entries(values).map(([name, value]) => {
    return `${typeof value === 'number' ? number : text}${name}${is}${value}`;
  });
  return `${begin}${key}${parts.join('')}${text}${is}${withoutMarks(english)}${end}`;
}

/** One without another inside. */
const innermost = /\uFDD0([^\uFDD0\uFDD1]*)\uFDD1/g;
/** Texts in texts in texts; what is deeper was not made by us. */
const deepest = 8;

/** The text with every deferred one in it as words. Never throws, whatever it is handed. */
export function resolve(deferred: string, lookUp: LookUp): string {
  if (!anyMark.test(deferred)) return deferred;
  let words = deferred;
  for (let depth = 0; depth < deepest && words.includes(begin); depth += 1) {
    words = words.replace(innermost, (_mark, content: string) => wordsOf(content, lookUp));
  }
  // Cut off in the middle, say by a column's length: what is left of it says nothing.
  const cut = words.indexOf(begin);
  return withoutMarks(cut < 0 ? words : `${words.slice(0, cut)}…`);
}

/** In the words it was made with: for logs, the command line and whoever looks into the database. */
export function inEnglish(deferred: string): string {
  return resolve(deferred, () => undefined);
}

/** For what people type and networks answer: nobody but us makes deferred texts. */
export function withoutMarks(typed: string): string {
  return anyMark.test(typed) ? typed.replaceAll(everyMark, '') : typed;
}

const anyMark = new RegExp(`[${marks}]`);
const everyMark = new RegExp(`[${marks}]`, 'g');

function wordsOf(content: string, lookUp: LookUp): string {
  const [key = '', ...parts] = content.split(/(?=[\uFDD2\uFDD3])/);
  const values: Record<string, string | number> = {};
  let english = '';
  for (const part of parts) {
    const [name = '', value = ''] = part.slice(1).split(is);
    if (name === '') english = value;
    else if (name !== '__proto__') values[name] = part.startsWith(number) ? Number(value) : value;
  }
  return withoutMarks(lookUp(key, values) ?? english);
}
