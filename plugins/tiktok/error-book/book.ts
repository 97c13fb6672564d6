import type { ErrorBookEntry, ErrorBookPart, ErrorBookSection, Translate } from '#plugin-api';
import { aliases, catalogue, type Meaning } from '../errors.ts';

type CataloguePlace = keyof typeof catalogue;

const places: readonly CataloguePlace[] = ['authorize', 'token', 'refresh', 'api', 'upload', 'fail', 'own', 'any'];

/** The catalogue as pages: one for each code and each other name of one, with a section for each place that knows it. */
export function createErrorBook(t: Translate): ErrorBookPart {
  const codes = new Set([...places.flatMap((place) => Object.keys(catalogue[place])), ...Object.keys(aliases)]);
  return { entries: [...codes].map((code) => entryOf(t, code)) };
}

function entryOf(t: Translate, code: string): ErrorBookEntry {
  const sections = places.flatMap((place) => {
    const name = nameAt(place, code);
    return name === undefined ? [] : [sectionOf(t, place, name)];
  });
  return { code, phrases: [], sections };
}

/** What the place calls it: its own name comes before one that stands for it. */
function nameAt(place: CataloguePlace, code: string): string | undefined {
  return [code, aliases[code]].find((name) => name !== undefined && Object.hasOwn(catalogue[place], name));
}

function sectionOf(t: Translate, place: CataloguePlace, code: string): ErrorBookSection {
  const codes: Readonly<Record<string, Meaning>> = catalogue[place];
  const key = `tiktok:errors.${place}.${code}`;
  const values = { code, detail: '…' };
  return {
    place,
    where: place,
    told: t(`${key}.sentence`, values),
    about: t(`${key}.next`, values),
    who: codes[code]?.who ?? 'network',
    retry: { isByItself: false, text: '–' },
    you: [],
    admin: [],
  };
}
