import type { Translate } from '#plugin-api';

const longestTitle = 80;

interface Titled {
  readonly caption: string;
  readonly media: readonly { readonly fileName: string }[];
}

/** A post is known by the first line of its caption, else by its file. */
export function titleOf(t: Translate, post: Titled): string {
  return ownTitleOf(post) ?? t('posts:untitled');
}

/** Undefined for a post that nothing names. */
export function ownTitleOf(post: Titled): string | undefined {
  const line = post.caption
    .split('\n')
    .find((text) => text.trim() !== '')
    ?.trim();
  if (line !== undefined) return shorten(line);
  return post.media[0]?.fileName;
}

/** Cut between letters as people see them, so that no emoji breaks. */
function shorten(line: string): string {
  if (line.length <= longestTitle) return line;
  const letters = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(line)].map(
    ({ segment }) => segment,
  );
  if (letters.length <= longestTitle) return line;
  return `${letters
    .slice(0, longestTitle - 1)
    .join('')
    .trimEnd()}…`;
}
