import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import i18next, { type i18n, type Resource } from 'i18next';
import { z } from 'zod';
import type { Translate } from '#plugin-api';
import { defer, type LookUp, resolve } from '../language/deferred-text.ts';
import { type Language, languages, locales } from '../language/languages.ts';
import { type Fill, readPattern } from './text-pattern.ts';

/** How one reader is spoken to. */
export interface Speech {
  readonly language: Language;
  /** For dates and numbers. */
  readonly locale: string;
  /** Words at once, in this language. */
  readonly t: Translate;
  /** A text that may hold deferred ones, as words. */
  readonly say: (text: string) => string;
}

/** All texts of the installation, by language. */
export interface Texts {
  speech(language: Language): Speech;
  /** A text in each language, to know it again when it comes back from a page. */
  wordings(text: string): readonly string[];
  /** What rooms and plugins are handed, which do not know who will read: a text that becomes words when it is shown. */
  readonly deferring: Translate;
}

interface TextOptions {
  /** Folders with `<language>/<room>.json`: the room is the namespace of its keys, `room:key`. */
  readonly folders: readonly string[];
  /** Told of a key that has no text; the page shows the key. A test throws here. */
  readonly onMissing: (key: string) => void;
}

const [fallback] = languages;
const room: z.ZodType<Room> = z.record(
  z.string(),
  z.lazy(() => z.union([z.string(), room])),
);
interface Room {
  [key: string]: string | Room;
}

/** Reads every text at the start: a file that is no JSON stops the start, not a page. */
export function loadTexts({ folders, onMissing }: TextOptions): Texts {
  const resources: Resource = {};
  for (const folder of folders) addFolder(resources, folder);
  const instance = i18next.createInstance();
  void instance.init({
    resources,
    lng: fallback,
    fallbackLng: fallback,
    initAsync: false,
    // Templates escape; escaping here as well would show &amp; to people.
    interpolation: { escapeValue: false },
  });
  const speeches = new Map(languages.map((language) => [language, makeSpeech({ instance, onMissing }, language)]));
  const english = speeches.get(fallback) ?? makeSpeech({ instance, onMissing }, fallback);
  return {
    speech: (language) => speeches.get(language) ?? english,
    wordings: (text) => [...new Set([...speeches.values()].map(({ say }) => say(text)))],
    deferring: (key, values = {}) => defer({ key, values, english: english.say(english.t(key, values)) }),
  };
}

interface SpeechParts {
  readonly instance: i18n;
  readonly onMissing: TextOptions['onMissing'];
}

function makeSpeech({ instance, onMissing }: SpeechParts, language: Language): Speech {
  const translator = instance.getFixedT(language);
  // A group of texts is none.
  const isText = (key: string, values: Values) =>
    key !== '' && instance.exists(key, { ...countOf(values), returnObjects: false });
  // Asked once for each text and plural form, and without values, so that none of their names is taken for an option.
  const pattern = (key: string, values: Values) =>
    readPattern(translator(key, { ...countOf(values), skipInterpolation: true }));
  const plurals = new Intl.PluralRules(locales[language]);
  const known = new Map<string, Fill>();
  const find = (key: string, values: Values): Fill | undefined => {
    const name = typeof values['count'] === 'number' ? `${key} ${formOf(plurals, values['count'])}` : key;
    const before = known.get(name);
    if (before !== undefined) return before;
    if (!isText(key, values)) return undefined;
    const fill = pattern(key, values);
    known.set(name, fill);
    return fill;
  };
  const lookUp: LookUp = (key, values) => find(key, values)?.(values);
  return {
    language,
    locale: locales[language],
    t: (key, values = {}) => {
      const text = lookUp(key, values);
      if (text === undefined) onMissing(key);
      return text ?? pattern(key, values)(values);
    },
    say: (deferred) => resolve(deferred, lookUp),
  };
}

type Values = Parameters<LookUp>[1];

/** Numbers of one form have one text; some languages have one of its own for none. */
function formOf(plurals: Intl.PluralRules, count: number): string {
  return count === 0 ? 'none' : plurals.select(count);
}

/** Only a number has a plural; a formatted one is a value like others. */
function countOf({ count }: Values) {
  return typeof count === 'number' ? { count } : {};
}

function addFolder(resources: Resource, folder: string): void {
  for (const language of readdirSync(folder)) {
    const rooms = (resources[language] ??= {});
    for (const file of readdirSync(path.join(folder, language))) {
      if (!file.endsWith('.json')) continue;
      rooms[path.parse(file).name] = readRoom(path.join(folder, language, file));
    }
  }
}

function readRoom(file: string): Room {
  try {
    return room.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`The texts in ${file} cannot be read.`, { cause: error });
  }
}
