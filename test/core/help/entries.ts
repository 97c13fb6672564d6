import type { ErrorBookEntry, ErrorBookSection } from '#plugin-api';

/** An entry with one section. */
export function ownEntry(
  code: string,
  parts: Partial<ErrorBookSection> & { readonly phrases?: readonly string[] } = {},
): ErrorBookEntry {
  const { phrases = [], ...section } = parts;
  return {
    code,
    phrases,
    sections: [
      {
        place: 'own',
        where: 'At the door',
        told: `It did not open (${code}).`,
        about: 'It is another door.',
        who: 'you',
        retry: { isByItself: false, text: 'No.' },
        you: [],
        admin: [],
        ...section,
      },
    ],
  };
}
