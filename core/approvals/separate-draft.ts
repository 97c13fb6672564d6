import { type Delivery, isAhead } from '../deliveries/delivery.ts';
import { ConflictError } from '../errors.ts';
import { moveSentBack } from '../notifications/outbox-store.ts';
import type { Member } from '../posts/post.ts';
import type { ApprovalParts } from './approval-parts.ts';
import { insertPostOfDrafts } from './separation-store.ts';

/** Whether a draft stands beside what has begun: nothing in such a post can be edited, so the draft is stuck there. */
export function isStuck(deliveries: readonly Pick<Delivery, 'state'>[]): boolean {
  const left = deliveries.filter(({ state }) => state !== 'cancelled');
  return left.some(({ state }) => state === 'draft') && left.some(({ state }) => !isAhead(state));
}

/**
 * Makes a post of its own out of the drafts of a post that has begun elsewhere, with everything typed for them.
 * @returns the new post's id
 * @throws ConflictError when nothing is stuck there (any more), NotFoundError
 */
export async function separateDraft(parts: ApprovalParts, member: Member, postId: number): Promise<number> {
  const { db, desk, posts, events, clock, t } = parts;
  const { teamId, id: actorId } = member;
  await posts.find(teamId, postId);
  if (!isStuck(await desk.ofPost(teamId, postId)))
    throw new ConflictError(t('approvals:notStuck.sentence'), { help: t('approvals:notStuck.help') });
  return db.transaction(async (sql) => {
    const apart = await insertPostOfDrafts(sql, { teamId, postId, now: clock.now() });
    if (apart === undefined)
      throw new ConflictError(t('approvals:notStuck.sentence'), { help: t('approvals:notStuck.help') });
    const event = { teamId, actorId, subject: 'post', subjectId: apart, kind: 'post.separated' } as const;
    await moveSentBack(sql, { teamId, postId, to: apart });
    await events.record({ ...event, facts: { from: postId } }, sql);
    return apart;
  });
}
