import type { Decision, Delivery } from './delivery.ts';

/**
 * A person may have sent again only what certainly was not posted: what failed, and what needs attention while its
 * outcome says so and no attempt past the point of no return is still open.
 */
export function mayBeRetried({ state, outcome, pointOfNoReturnAt }: Delivery): boolean {
  if (state === 'failed') return true;
  return state === 'needs-attention' && outcome?.mayBePosted === false && pointOfNoReturnAt === null;
}

/**
 * After the point of no return: how long the last part may still be on its way to a network, from a worker that stands
 * still or over a slow connection. Addresses for uploads live an hour, a part takes six minutes at most, and then some;
 * those of ours that a network fetches from end after 70 minutes. What a network holds by then it may still be looking
 * over: where it has named the attempt it can be asked, where it has not only time tells, and most is there in six hours.
 */
const mayArriveMs = { named: 75 * 60_000, nameless: 6 * 3_600_000 };

/** From when on a person can know that it is not there (UTC ms); 0 where nothing was ever sent to its end. */
export function deniableAt({ pointOfNoReturnAt, isNamed }: Delivery): number {
  if (pointOfNoReturnAt === null) return 0;
  return pointOfNoReturnAt + (isNamed ? mayArriveMs.named : mayArriveMs.nameless);
}

/**
 * What a person may decide about a delivery: of what certainly was not posted there is nothing to find out, and the
 * network can be asked again only about an attempt that may have been published. That it is not there is taken only
 * when nothing of it can be on its way any more: it would be posted twice.
 */
export function decisionsAbout(delivery: Delivery, now: number): ReadonlySet<Decision['kind']> {
  if (delivery.state !== 'needs-attention') return new Set();
  if (mayBeRetried(delivery)) return new Set(['drop']);
  if (delivery.pointOfNoReturnAt === null) return new Set(['posted', 'not-posted', 'drop']);
  if (now < deniableAt(delivery)) return new Set(['check-again', 'posted', 'drop']);
  return new Set(['check-again', 'posted', 'not-posted', 'drop']);
}
