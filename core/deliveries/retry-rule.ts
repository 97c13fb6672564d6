import type { Delivery } from './delivery.ts';

/**
 * A person may have sent again only what certainly was not posted: what failed, and what needs attention while its
 * outcome says so and no attempt past the point of no return is still open.
 */
export function mayBeRetried({ state, outcome, pointOfNoReturnAt }: Delivery): boolean {
  if (state === 'failed') return true;
  return state === 'needs-attention' && outcome?.mayBePosted === false && pointOfNoReturnAt === null;
}
