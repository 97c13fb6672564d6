import { NotFoundError } from '../errors.ts';
import type { TeamContext } from '../web/route.ts';
import type { BatchSummary, ListHead } from './list-head.ts';
import type { ListedPost } from './post-service.ts';

/** Those that a page of posts came from, and the one whose posts are shown. */
export function batchesNamed(posts: readonly ListedPost[], batchId: number | undefined): readonly number[] {
  return [...new Set([...posts.map((post) => post.batchId), batchId].flatMap((id) => id ?? []))];
}

/**
 * The batches that a page of posts came from, and those that somebody may go on with.
 * @param batchId the one whose posts are shown
 * @throws NotFoundError
 */
export function batchesOfList({ known, unfinished }: ListHead, context: TeamContext, batchId: number | undefined) {
  const { team, t } = context;
  if (batchId !== undefined && !known.has(batchId)) throw new NotFoundError(t('batches:absent'));
  const dayOf = dayWords(context);
  const linksOf = (batch: BatchSummary) => linksTo(batch, { team, t, dayOf });
  const links = new Map([...known.values()].map((batch) => [batch.id, linksOf(batch)]));
  return {
    of: (post: ListedPost) => (post.batchId === null ? null : (links.get(post.batchId) ?? null)),
    chosen: batchId === undefined ? null : (links.get(batchId) ?? null),
    unfinished: unfinished.map(linksOf),
  };
}

function linksTo(
  { id, createdAt, posts }: BatchSummary,
  { team, t, dayOf }: Pick<TeamContext, 'team' | 't'> & { readonly dayOf: (at: number) => string },
) {
  return {
    label: t('posts:list.batch', { date: dayOf(createdAt), count: posts }),
    postsHref: `/team/${team.id}/posts?batch=${id}`,
    tableHref: `/team/${team.id}/batches/${id}`,
  };
}

/** “9 Dec” in the reader's language. Making a format is slow: one a page, and none where no batch is named. */
function dayWords({ team, locale }: Pick<TeamContext, 'team' | 'locale'>): (at: number) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (at) => {
    format ??= new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: team.zone });
    return format.format(at);
  };
}
