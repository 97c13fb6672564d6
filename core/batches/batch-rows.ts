import { createHash } from 'node:crypto';
import { ConflictError, NotFoundError } from '../errors.ts';
import { typedFrom } from '../posts/composer-state.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import type { Member, PostDraft } from '../posts/post-service.ts';
import type { BatchParts } from './batch-parts.ts';
import type { Batch, BatchRow, RowChange, RowRef } from './batch.ts';

/** Posts with their deliveries, in the order asked for; what is not the team's is left out. */
export async function readRows(
  { posts, desk }: Pick<BatchParts, 'posts' | 'desk'>,
  teamId: number,
  ids: readonly number[],
): Promise<readonly BatchRow[]> {
  const [found, deliveries] = await Promise.all([posts.findMany(teamId, ids), desk.ofPosts(teamId, ids)]);
  const byId = new Map(found.map((post) => [post.id, post]));
  const ofPost = new Map<number, Delivery[]>();
  for (const delivery of deliveries) {
    const known = ofPost.get(delivery.postId);
    if (known === undefined) ofPost.set(delivery.postId, [delivery]);
    else known.push(delivery);
  }
  return ids.flatMap((id): readonly BatchRow[] => {
    const post = byId.get(id);
    return post === undefined ? [] : [{ post, deliveries: ofPost.get(id) ?? [] }];
  });
}

/** @throws NotFoundError for a post that is not in this table */
export async function readRow(parts: BatchParts, batch: Batch, postId: number): Promise<BatchRow> {
  const [row] = await readRows(parts, batch.teamId, [postId]);
  if (row?.post.batch?.id !== batch.id) throw new NotFoundError(parts.t('batches:row.absent'));
  return row;
}

/** The row as it would be composed: nothing is due and nothing agreed to. */
export function draftOf({ post, deliveries }: BatchRow, parts: Pick<BatchParts, 'plugins'>): PostDraft {
  const { caption, captions, cover, channelIds, mediaIds, options } = typedFrom(post, deliveries, parts.plugins);
  return {
    ...{ caption, captions, cover, channelIds, mediaIds, typedOptions: options },
    ...{ due: null, planned: post.planned, declarations: new Map() },
  };
}

export function isOpen({ post }: BatchRow): boolean {
  return post.state === 'draft';
}

export interface RowSaving extends RowRef {
  readonly change: RowChange;
  readonly bodyHash: string;
}

/**
 * Changes what a row says. The same change sent twice is one.
 * @throws ConflictError `changed_meanwhile`, or when it is a draft no more; InputError
 */
export async function changeRow(
  parts: BatchParts,
  member: Member,
  { batch, saving }: { readonly batch: Batch; readonly saving: RowSaving },
): Promise<void> {
  const row = await readRow(parts, batch, saving.postId);
  if (!isOpen(row)) throw noDraft(parts);
  const { change, ...rest } = saving;
  await parts.posts.revise(member, { ...rest, draft: { ...draftOf(row, parts), ...change } });
}

function noDraft({ t }: BatchParts): ConflictError {
  return new ConflictError(t('batches:row.noDraft'), { help: t('batches:row.noDraftHelp') });
}

/** The post of one file in one table: sent twice, it is made once. */
export function nonceOf(...identity: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}

export function hashOf(...identity: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
