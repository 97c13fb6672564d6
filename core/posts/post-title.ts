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

let graphemes: Intl.Segmenter | undefined;

/** Cut between letters as people see them, so that no emoji breaks. */
function shorten(line: string): string {
  if (line.length <= longestTitle) return line;
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let end = 0;
  let letters = 0;
  for (const { index } of graphemes.segment(line)) {
    if (letters === longestTitle - 1) end = index;
    if (letters === longestTitle) return `${line.slice(0, end).trimEnd()}…`;
    letters += 1;
  }
  return line;
}
