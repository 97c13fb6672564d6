import type { Refusal } from '#plugin-api';

const mostMatches = 3;

/**
 * Which of the known refusals a reviewer's comment speaks of, the likeliest first. A sign counts once, however often it
 * stands there, and only as whole words.
 * @returns none where no sign is found: then nobody knows, and all are worth reading
 */
export function matchComment(comment: string, refusals: readonly Refusal[]): readonly Refusal[] {
  const words = ` ${plain(comment)} `;
  return refusals
    .map((refusal) => ({ refusal, found: refusal.signs.filter((sign) => words.includes(` ${plain(sign)} `)).length }))
    .filter(({ found }) => found > 0)
    .toSorted((one, other) => other.found - one.found)
    .slice(0, mostMatches)
    .map(({ refusal }) => refusal);
}

/** Lower case, one space between words, no marks but those inside of scopes (`video.list`). */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}.]+/gu, ' ')
    .replace(/\.(?=\s|$)/gu, '')
    .trim();
}
