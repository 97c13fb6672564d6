import type { Translate } from '#plugin-api';
import type { Media } from '../media/media.ts';

const longestTitle = 80;

/** A post is known by the first line of its caption, else by its file. */
export function titleOf(t: Translate, post: { readonly caption: string; readonly media: readonly Media[] }): string {
  const line = post.caption
    .split('\n')
    .find((text) => text.trim() !== '')
    ?.trim();
  if (line !== undefined) return shorten(line);
  return post.media[0]?.fileName ?? t('posts:untitled');
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
