import type { Clock } from '#plugin-api';
import { deliveryStates, type DeliveryState } from '../deliveries/delivery.ts';
import type { PostStore } from './post-store.ts';

interface TabCountParts {
  readonly store: Pick<PostStore, 'countByState'>;
  readonly clock: Clock;
}

/** Of ever so many teams: more are asked for anew. */
const mostKept = 1_000;
const keptMs = 10_000;

/**
 * The numbers of the tabs, each counted up to the limit. A state that reaches it is not counted again for ten seconds:
 * it takes longer than all other states together, and what stands there is “1,000+” before and after.
 */
export function createTabCounts({ store, clock }: TabCountParts) {
  const fullUntil = new Map<string, number>();
  return async (teamId: number, limit: number): Promise<ReadonlyMap<DeliveryState, number>> => {
    const now = clock.now();
    const nameOf = (state: DeliveryState) => `${teamId} ${state} ${limit}`;
    const isFull = (state: DeliveryState) => (fullUntil.get(nameOf(state)) ?? 0) > now;
    const full = deliveryStates.filter(isFull);
    const states = deliveryStates.filter((state) => !full.includes(state));
    const counts = new Map(await store.countByState(teamId, limit, states));
    for (const [state, count] of counts) if (count >= limit) fullUntil.set(nameOf(state), now + keptMs);
    if (fullUntil.size > mostKept) fullUntil.clear();
    for (const state of full) counts.set(state, limit);
    return counts;
  };
}
