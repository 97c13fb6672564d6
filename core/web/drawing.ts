import ejs from 'ejs';
import { marks } from '../language/deferred-text.ts';

/** Makes words of a text that may hold deferred ones, in the language of one reader. */
export type Say = (text: string) => string;

/** A compiled template keeps the `escape` it was compiled with, so the reader of what is being drawn stands here. */
let sayNow: Say = (text) => text;

/** Deferred texts become words, then all of it is escaped. */
export function escapeSaid(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return ejs.escapeXML(value);
  return marked.test(value) ? ejs.escapeXML(sayNow(value)) : value;
}

/** Whether anything is to be done at all: most of the two thousand texts of a page are plain. */
const marked = new RegExp(`[&<>'"${marks}]`);

export function saidAsItStands(value: unknown): string {
  return typeof value === 'string' ? sayNow(value) : '';
}

/** Draws for one reader. Drawing never waits for anything, so nothing else is drawn in between. */
export function drawFor<T>(say: Say, draw: () => T): T {
  const before = sayNow;
  sayNow = say;
  try {
    return draw();
  } finally {
    sayNow = before;
  }
}
