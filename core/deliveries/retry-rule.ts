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
 * those of ours that a network fetches from end after 70 minutes.
 */
const mayArriveMs = 75 * 60_000;

/** From when on a person can know that it is not there (UTC ms); 0 where nothing was ever sent to its end. */
export function deniableAt({ pointOfNoReturnAt }: Delivery): number {
  return pointOfNoReturnAt === null ? 0 : pointOfNoReturnAt + mayArriveMs;
}

/**
 * What a person may decide about a delivery: of what certainly was not posted there is nothing to find out, and the
 * network can be asked again only about an attempt that may have been published. That it is not there is taken only
 * when nothing of it can arrive any more: it would be posted twice.
 */
export function decisionsAbout(delivery: Delivery, now: number): ReadonlySet<Decision['kind']> {
  if (delivery.state !== 'needs-attention') return new Set();
  if (mayBeRetried(delivery)) return new Set(['drop']);
  if (delivery.pointOfNoReturnAt === null) return new Set(['posted', 'not-posted', 'drop']);
  if (now < deniableAt(delivery)) return new Set(['check-again', 'posted', 'drop']);
  return new Set(['check-again', 'posted', 'not-posted', 'drop']);
}
