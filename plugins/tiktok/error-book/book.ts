import type { ErrorBookEntry, ErrorBookPart, ErrorBookSection, Translate } from '#plugin-api';
import { aliases, catalogue, type Meaning } from '../errors.ts';
import { type Advice, isTriedByItself, type Table } from './advice.ts';
import { type Beside, guides, webhook } from './beside.ts';
import { authorize, refresh, token } from './connecting.ts';
import { any, own } from './found-here.ts';
import { api, fail, upload } from './posting.ts';

type CataloguePlace = keyof typeof catalogue;

/** In the order in which they are met, from the first login to what is found afterwards. */
const tables = { authorize, token, refresh, api, upload, fail, own, any } as const satisfies Record<
  CataloguePlace,
  Table
>;
const besides = { guides, webhook } as const;
const portalHref = 'https://developers.tiktok.com/apps/';

/**
 * The catalogue as pages: one for each code and each other name of one, with a section for each place that knows it,
 * and what people meet beside it.
 */
export function createErrorBook(t: Translate): ErrorBookPart {
  const codes = new Set([
    ...Object.values(catalogue).flatMap((known) => Object.keys(known)),
    ...Object.keys(aliases),
    ...Object.values(besides).flatMap((known) => Object.keys(known)),
  ]);
  return {
    entries: [...codes].map((code) => entryOf(t, code)),
    portal: { label: t('tiktok-errors:portal'), href: portalHref },
  };
}

function entryOf(t: Translate, code: string): ErrorBookEntry {
  const known = placesOf(code);
  const beside = besidesOf(code);
  return {
    code,
    phrases: [...known.map(({ advice }) => advice), ...beside.map((one) => one.beside)].flatMap(
      ({ phrases = [] }) => phrases,
    ),
    sections: [...known.map((place) => sectionOf(t, place)), ...beside.map((place) => besideOf(t, place))],
  };
}

interface KnownPlace {
  readonly place: CataloguePlace;
  /** What the place calls it. */
  readonly code: string;
  readonly meaning: Meaning;
  readonly advice: Advice;
}

/** A place's own name comes before one that stands for it. */
function placesOf(code: string): readonly KnownPlace[] {
  return placeNames.flatMap((place) => {
    const codes: Readonly<Record<string, Meaning>> = catalogue[place];
    const name = [code, aliases[code]].find((one) => one !== undefined && Object.hasOwn(codes, one));
    const meaning = name === undefined ? undefined : codes[name];
    const advice = name === undefined ? undefined : tables[place][name];
    return name === undefined || meaning === undefined || advice === undefined
      ? []
      : [{ place, code: name, meaning, advice }];
  });
}

const placeNames = ['authorize', 'token', 'refresh', 'api', 'upload', 'fail', 'own', 'any'] as const;

function sectionOf(t: Translate, { place, code, meaning, advice }: KnownPlace): ErrorBookSection {
  return {
    ...wordsOf(t, place, advice),
    told: t(`tiktok:errors.${place}.${code}.sentence`, { code, detail: '…' }),
    about: t(`tiktok-errors:about.${place}.${code}`),
    who: meaning.who,
    ...(advice.headings === undefined ? {} : { headings: headingsOf(t, advice.headings) }),
  };
}

function headingsOf(t: Translate, key: string): { readonly you: string; readonly admin: string } {
  return { you: t(`tiktok-errors:headings.${key}.you`), admin: t(`tiktok-errors:headings.${key}.admin`) };
}

interface BesidePlace {
  readonly place: keyof typeof besides;
  readonly code: string;
  readonly beside: Beside;
}

function besidesOf(code: string): readonly BesidePlace[] {
  return (['guides', 'webhook'] as const).flatMap((place) => {
    const beside = besides[place][code];
    return beside === undefined ? [] : [{ place, code, beside }];
  });
}

function besideOf(t: Translate, { place, code, beside }: BesidePlace): ErrorBookSection {
  const { key = code } = beside;
  return {
    ...wordsOf(t, place, beside),
    told: t(beside.told ?? `tiktok-errors:told.${key}`),
    about: t(`tiktok-errors:about.${place}.${key}`),
    who: beside.who,
  };
}

function wordsOf(t: Translate, place: string, { retry, you, admin }: Advice) {
  const steps = (keys: readonly string[]) => keys.map((key) => t(`tiktok-errors:step.${key}`));
  return {
    place,
    where: t(`tiktok-errors:where.${place}`),
    retry: { isByItself: isTriedByItself[retry], text: t(`tiktok-errors:retry.${retry}`) },
    you: steps(you),
    admin: steps(admin),
  };
}
