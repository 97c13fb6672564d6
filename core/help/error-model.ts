import type { Explanation, Translate, WhoCanFix } from '#plugin-api';
import { errorPath, type LibraryEntry, type LibrarySection } from './error-library.ts';

type Say = (text: string) => string;

/** A text with the words of buttons and menus set apart. */
export type StrongText = readonly { readonly text: string; readonly isStrong: boolean }[];

/** `In the portal: **Manage apps**` as parts. @param words words, no deferred text: it is cut here */
export function strongParts(words: string): StrongText {
  return words
    .split('**')
    .map((text, index) => ({ text, isStrong: index % 2 === 1 }))
    .filter(({ text }) => text !== '');
}

/** Who can fix it, as the book is ordered: the first can do most about it by themselves. */
const groups = [
  { id: 'you', who: ['you', 'team'] },
  { id: 'admin', who: ['admin'] },
  { id: 'network', who: ['network'] },
  { id: 'software', who: ['software'] },
] as const satisfies readonly { readonly id: string; readonly who: readonly WhoCanFix[] }[];

export function groupsOf(entries: readonly LibraryEntry[], say: Say) {
  return groups
    .map(({ id, who }) => {
      const belongs: ReadonlySet<WhoCanFix> = new Set(who);
      const of = entries.filter(({ sections }) => sections.some((section, at) => at === 0 && belongs.has(section.who)));
      return { id, rows: of.map((entry) => rowOf(entry, say)) };
    })
    .filter(({ rows }) => rows.length > 0);
}

export function rowOf({ code, sections }: LibraryEntry, say: Say) {
  const [first] = sections;
  return {
    code,
    href: errorPath(code),
    told: first === undefined ? '' : say(first.told),
    who: first?.who ?? 'software',
    networks: [...new Set(sections.map(({ network }) => network?.name ?? ''))].filter(Boolean).join(', '),
    where: [...new Set(sections.map(({ where }) => say(where)))],
  };
}

interface Reader {
  readonly t: Translate;
  readonly say: Say;
}

export function sectionOf(section: LibrarySection, { t, say }: Reader) {
  const { place, who, network, retry } = section;
  const names = { network: network?.name ?? t('errors:theNetwork') };
  return {
    id: network === null ? place : `${network.id}-${place}`,
    place,
    who: t(`errors:who.${who}`, names),
    whoId: who,
    where: say(section.where),
    told: say(section.told),
    about: strongParts(say(section.about)),
    retry: { isByItself: retry.isByItself, text: say(retry.text) },
    you: section.you.map((step) => strongParts(say(step))),
    admin: section.admin.map((step) => strongParts(say(step))),
    headings: headingsOf(section, { t, say }),
  };
}

function headingsOf({ headings }: LibrarySection, { t, say }: Reader) {
  return {
    you: headings === undefined ? t('errors:page.you') : say(headings.you),
    admin: headings === undefined ? t('errors:page.admin') : say(headings.admin),
  };
}

interface Met {
  readonly explanation: Pick<Explanation, 'code' | 'place'>;
  readonly plugin: string;
}

/** What each side can do about a problem where it is met; null for a code without a page. */
export function waysOut(entry: LibraryEntry | undefined, { explanation, plugin }: Met, reader: Reader) {
  const mine = (entry?.sections ?? []).filter(({ network }) => network === null || network.id === plugin);
  const section = mine.find(({ place }) => place === explanation.place) ?? mine[0];
  if (section === undefined) return null;
  const { you, admin, headings } = sectionOf(section, reader);
  return {
    sides: [
      { id: 'you', heading: headings.you, steps: you },
      { id: 'admin', heading: headings.admin, steps: admin },
    ],
  };
}
