/** The languages of the interface, the fallback first. A new one is added here and as folders of texts. */
export const languages = ['en', 'th'] as const;
export type Language = (typeof languages)[number];

/** What each calls itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', th: 'ไทย' };

/**
 * How dates and numbers are written. Days before months and 24 hours in both; years are Gregorian in Thai too, as on the
 * pages of the networks that people plan for, and digits are Arabic.
 */
export const locales: Readonly<Record<Language, string>> = { en: 'en-GB', th: 'th-TH-u-ca-gregory-nu-latn' };

export function readLanguage(typed: unknown): Language | undefined {
  return languages.find((language) => language === typed);
}

/**
 * The first known language of what the environment says. `LANGUAGE` is also the system's own variable, a list such as
 * `th_TH:th:en`: what we do not speak is passed over, and nothing in it keeps the panel from starting. Undefined where
 * none of it is spoken here.
 */
export function languageOfEnvironment(typed: string | undefined): Language | undefined {
  const tags = (typed ?? '').split(':').map(
    (tag) =>
      tag
        .trim()
        .toLowerCase()
        .split(/[_.@-]/, 1)[0],
  );
  return tags.flatMap((tag) => readLanguage(tag) ?? [])[0];
}

/** The language a browser would rather have, of those there are. */
export function acceptedLanguage(header: string | undefined): Language | undefined {
  const wishes = (header ?? '').slice(0, 1_000).split(',').map(readWish);
  const known = wishes.filter(({ language, weight }) => language !== undefined && weight > 0);
  return known.toSorted((one, other) => other.weight - one.weight)[0]?.language;
}

function readWish(wish: string): { readonly language: Language | undefined; readonly weight: number } {
  const [tag = '', ...parameters] = wish.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const weight = quality === undefined ? 1 : Number(quality);
  return { language: readLanguage(tag.split('-', 1)[0]), weight: Number.isFinite(weight) ? weight : 0 };
}
