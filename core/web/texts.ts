import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import i18next, { type Resource } from 'i18next';
import { z } from 'zod';
import type { Translate } from '#plugin-api';

/** All texts of the installation, by language. */
export interface Texts {
  translator(language: string): Translate;
  /** The languages there are texts in. */
  readonly languages: readonly string[];
}

interface TextOptions {
  /** Folders with `<language>/<room>.json`: the room is the namespace of its keys, `room:key`. */
  readonly folders: readonly string[];
  /** Told of a key that has no text; the page shows the key. A test throws here. */
  readonly onMissing: (key: string) => void;
}

const fallback = 'en';
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
  const languages = Object.keys(resources);
  const instance = i18next.createInstance();
  void instance.init({
    resources,
    lng: fallback,
    fallbackLng: fallback,
    initAsync: false,
    // Templates escape; escaping here as well would show &amp; to people.
    interpolation: { escapeValue: false },
  });
  return {
    languages,
    translator: (language) => {
      const translate = instance.getFixedT(languages.includes(language) ? language : fallback);
      return (key, values) => {
        // A group of texts is none.
        if (!instance.exists(key, { ...values, returnObjects: false })) onMissing(key);
        return translate(key, { ...values });
      };
    },
  };
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
