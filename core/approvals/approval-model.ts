import { roleMay, type Role } from '../auth/permissions.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { seenOf, type SentBack, waits } from './approval-service.ts';
import { isStuck } from './separate-draft.ts';

interface Question {
  readonly deliveries: readonly Delivery[];
  readonly role: Role;
  readonly sentBack: SentBack | null;
  readonly now: number;
}

/** What the page of a post says about its approval; null where nothing is to be said. */
export function approvalModel({ deliveries, role, sentBack, now }: Question) {
  const waiting = deliveries.filter(waits);
  const hasDraft = deliveries.some(({ state }) => state === 'draft');
  const dueAt = Math.min(...waiting.flatMap((delivery) => delivery.dueAt ?? []));
  const approved = deliveries.flatMap(({ approval }) => approval ?? []);
  return {
    waiting:
      waiting.length === 0
        ? null
        : {
            seen: seenOf(deliveries),
            dueAt,
            isLate: dueAt <= now,
            mayApprove: roleMay(role, 'posts.approve'),
            by: waiting.flatMap(({ consent }) => consent?.byName ?? [])[0] ?? null,
          },
    /** Its author reads it as long as any of it is a draft; a manager who looks at the next try reads it, too. */
    sentBack: hasDraft || waiting.length > 0 ? sentBack : null,
    approved: approved[0] ?? null,
    /** A draft beside what has begun elsewhere: the way on is a post of its own. */
    isStuck: isStuck(deliveries),
  };
}
