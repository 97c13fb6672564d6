import type { Clock } from '#plugin-api';
import type { Database } from '../db/database.ts';
import { deliveryStates, type DeliveryState } from '../deliveries/delivery.ts';
import { type BatchSummary, countEachState, selectListHead, type StateCounts } from './list-head-store.ts';

export type { BatchSummary } from './list-head-store.ts';

interface ListHeadParts {
  readonly db: Pick<Database, 'knex' | 'kind'>;
  readonly clock: Clock;
}

interface ListQuestion {
  readonly teamId: number;
  /** Of no state more posts than so many are counted. */
  readonly limit: number;
  readonly batchIds: readonly number[];
  /** Whether somebody who may go on with them looks. */
  readonly asksForUnfinished: boolean;
}

/** What stands above the list of posts. */
export interface ListHead {
  /** Posts in each state that has any, up to the limit. */
  readonly counts: StateCounts;
  /** The named batches that are the team's, by id. */
  readonly known: ReadonlyMap<number, BatchSummary>;
  /** Of the newest batches those that still have drafts, the newest first. */
  readonly unfinished: readonly BatchSummary[];
}

export type ReadListHead = (question: ListQuestion) => Promise<ListHead>;

/** Of ever so many teams: more are asked for anew. */
const mostKept = 1_000;
const keptMs = 10_000;
/** Further back nobody goes on with a batch. */
const recentBatches = 12;

/**
 * A state that reaches the limit is not counted again for ten seconds: it takes longer than all other states together,
 * and what stands there is “1,000+” before and after.
 */
export function createListHead({ db, clock }: ListHeadParts): ReadListHead {
  const fullUntil = new Map<string, number>();
  return async ({ teamId, limit, batchIds, asksForUnfinished }) => {
    const now = clock.now();
    const nameOf = (state: DeliveryState) => `${teamId} ${state} ${limit}`;
    const isFull = (state: DeliveryState) => (fullUntil.get(nameOf(state)) ?? 0) > now;
    const states = deliveryStates.filter((state) => !isFull(state));
    const newestBatches = asksForUnfinished ? recentBatches : 0;
    const head = await selectListHead(db, { teamId, limit, states, batchIds, newestBatches });
    const counts = new Map(head.counts ?? (await countEachState(db.knex, { teamId, limit, states })));
    for (const [state, count] of counts) if (count >= limit) fullUntil.set(nameOf(state), now + keptMs);
    if (fullUntil.size > mostKept) fullUntil.clear();
    for (const state of deliveryStates) if (!states.includes(state)) counts.set(state, limit);
    return { counts, known: new Map(head.asked.map((batch) => [batch.id, batch])), unfinished: head.unfinished };
  };
}
