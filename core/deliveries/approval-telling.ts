import type { Sql } from '../db/database.ts';
import { gatherNotification } from '../notifications/gathered-store.ts';
import { selectAuthorIds } from './approval-store.ts';
import type { Delivery } from './delivery.ts';
import type { DeskDeps } from './desk-parts.ts';

interface Submission {
  readonly teamId: number;
  readonly postId: number;
  /** Null: nobody knows who; Needs attention lists it all the same. */
  readonly by: number | null;
}

/** Whoever may approve it hears that it waits. */
export async function tellSubmitted(deps: DeskDeps, sql: Sql, { teamId, postId, by }: Submission): Promise<void> {
  if (by === null) return;
  await gatherNotification(sql, deps, { kind: 'posts-submitted', teamId, postId, ownerId: by, by });
}

interface Approval {
  readonly delivery: Pick<Delivery, 'teamId' | 'postId' | 'consent'>;
  readonly by: number;
}

/** Who made the post and who submitted it hear that it goes out, but not whoever approved it. */
export async function tellApproved(deps: DeskDeps, sql: Sql, { delivery, by }: Approval): Promise<void> {
  const { teamId, postId, consent } = delivery;
  const authors = await selectAuthorIds(sql, { teamId, postId, submittedBy: consent?.by ?? 0 });
  for (const ownerId of authors.filter((id) => id !== by)) {
    await gatherNotification(sql, deps, { kind: 'posts-approved', teamId, postId, ownerId, by });
  }
}
