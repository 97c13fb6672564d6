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
 * What a person may decide about a delivery: of what certainly was not posted there is nothing to find out, and the
 * network can be asked again only about an attempt that may have been published.
 */
export function decisionsAbout(delivery: Delivery): ReadonlySet<Decision['kind']> {
  if (delivery.state !== 'needs-attention') return new Set();
  if (mayBeRetried(delivery)) return new Set(['drop']);
  if (delivery.pointOfNoReturnAt === null) return new Set(['posted', 'not-posted', 'drop']);
  return new Set(['check-again', 'posted', 'not-posted', 'drop']);
}
