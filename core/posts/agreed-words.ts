import type { Texts } from '../web/texts.ts';

export type Wordings = Pick<Texts, 'wordings'>;

/**
 * The words of a declaration that a person agreed to: exactly as they stood above the button, in whatever language.
 * @param shown what stood there
 * @param text what would be declared now; without `texts` its words are finished
 * @returns undefined when something else stood there, or nothing
 */
export function agreedWords(texts: Wordings | undefined, shown: ReadonlySet<string>, text: string): string | undefined {
  return [text, ...(texts?.wordings(text) ?? [])].find((words) => shown.has(words));
}
