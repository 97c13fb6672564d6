import { roleMay, type Role } from '../auth/permissions.ts';
import { type Delivery, isDraftOf } from '../deliveries/delivery.ts';
import { seenOf, type SentBack, waits } from './approval-service.ts';

interface Question {
  readonly deliveries: readonly Delivery[];
  readonly role: Role;
  readonly sentBack: SentBack | null;
  readonly now: number;
}

/** What the page of a post says about its approval; null where nothing is to be said. */
export function approvalModel({ deliveries, role, sentBack, now }: Question) {
  const waiting = deliveries.filter(waits);
  const isDraft = isDraftOf(deliveries);
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
    /** Its author reads it as long as the post is a draft; a manager who looks at the next try reads it, too. */
    sentBack: isDraft || waiting.length > 0 ? sentBack : null,
    approved: approved[0] ?? null,
  };
}
