import type { LibraryEntry } from './error-library.ts';

/** An entry with everything that a search may meet, as words. */
export interface Searchable {
  readonly entry: LibraryEntry;
  /** In the reader's language, and in English. */
  readonly texts: readonly string[];
}

export interface SearchResult {
  readonly entries: readonly LibraryEntry[];
  /** Whether codes, or phrases of the network, stood in what was typed; otherwise words were compared. */
  readonly isExact: boolean;
}

const mostResults = 20;
/** Words that stand in nearly every message. */
const emptyWords: ReadonlySet<string> = new Set(['the', 'and', 'for', 'that', 'this', 'was', 'not', 'error', 'code']);

/**
 * What is meant by a code, by words of a message, or by a whole page or answer of the network that somebody pasted.
 * @param typed at most a few thousand characters
 */
export function searchErrors(typed: string, book: readonly Searchable[]): SearchResult {
  const exact = exactMatches(typed, book);
  if (exact.length > 0) return { entries: exact, isExact: true };
  return { entries: wordMatches(typed, book), isExact: false };
}

function exactMatches(typed: string, book: readonly Searchable[]): readonly LibraryEntry[] {
  const text = typed.toLowerCase();
  const named = namedCodes(text);
  const words = new Set(text.match(/[a-z0-9_.]+/g)?.map((word) => word.replace(/^\.+|\.+$/g, '')));
  const isAlone = words.size <= 1;
  const lines = new Set(text.split('\n').map((line) => line.replace(/^[\s\u2022*-]+|\s+$/gu, '')));
  const scored = book.map(({ entry }) => {
    const code = entry.code.toLowerCase();
    return { entry, score: scoreOf({ code, phrases: entry.phrases, text, named, words, lines }) };
  });
  // A word of everyday use (`scope`, `internal`) counts where it is all that was typed, or stands where codes stand.
  const least = isAlone ? 1 : 2;
  const found = scored.filter(({ score }) => score >= least).sort((a, b) => b.score - a.score);
  return found.slice(0, mostResults).map(({ entry }) => entry);
}

interface Question {
  readonly code: string;
  readonly phrases: readonly string[];
  readonly text: string;
  readonly named: readonly string[];
  readonly words: ReadonlySet<string>;
  readonly lines: ReadonlySet<string>;
}

function scoreOf({ code, phrases, text, named, words, lines }: Question): number {
  // A page of a network names what is wrong on a line of its own, and something more general in its small print.
  if (lines.has(code)) return 110;
  const place = named.indexOf(code);
  if (place >= 0) return 100 - place;
  const isThere = /^[a-z0-9_.]+$/.test(code) ? words.has(code) : text.includes(code);
  if (isThere && !/^[a-z]+$/.test(code)) return 50;
  if (phrases.some((phrase) => text.includes(phrase.toLowerCase()))) return 40;
  return isThere ? 1 : 0;
}

const keys = ['error_type', 'errcode', 'error_code', 'fail_reason', 'reason', 'event', 'code', 'error', 'keyword'];

/** Values at the names under which networks give their codes, in an address or in JSON: the more telling name first. */
function namedCodes(text: string): readonly string[] {
  return keys.flatMap((key) => {
    const pattern = new RegExp(`(?<![a-z_])${key}["']?\\s*[=:]\\s*["']?([a-z0-9_.]+)`, 'g');
    return [...text.matchAll(pattern)].map(([, value = '']) => value);
  });
}

function wordMatches(typed: string, book: readonly Searchable[]): readonly LibraryEntry[] {
  const asked = wordsOf(typed);
  if (asked.length === 0) return [];
  const scored = book.map(({ entry, texts }) => {
    const haystack = [entry.code, entry.code.replaceAll('_', ' '), ...entry.phrases, ...texts].join('\n').toLowerCase();
    const isWhole = haystack.includes(typed.trim().toLowerCase());
    const hits = asked.filter((word) => haystack.includes(word)).length;
    return { entry, score: hits / asked.length + (isWhole ? 1 : 0) };
  });
  const best = Math.max(...scored.map(({ score }) => score));
  const least = Math.max(0.5, best * 0.8);
  const found = scored.filter(({ score }) => score >= least).sort((a, b) => b.score - a.score);
  return found.slice(0, mostResults).map(({ entry }) => entry);
}

const thai = new Intl.Segmenter('th', { granularity: 'word' });

/** Thai writes no spaces between words. */
function wordsOf(typed: string): readonly string[] {
  const parts = [...thai.segment(typed.toLowerCase())].filter(({ isWordLike }) => isWordLike);
  const words = parts.map(({ segment }) => segment).filter((word) => word.length > 2 && !emptyWords.has(word));
  return [...new Set(words)].slice(0, 60);
}
