import type { Database } from '../db/database.ts';
import { type BatchSummary, selectSummaries, selectUnfinished } from './batch-summary-store.ts';

export type { BatchSummary } from './batch-summary-store.ts';

/** What the list of posts knows of batches. */
export interface BatchSummaries {
  /** Those of these that are the team's, by id. */
  of(teamId: number, ids: readonly number[]): Promise<ReadonlyMap<number, BatchSummary>>;
  /** Those of the newest batches that still have drafts, the newest first. */
  unfinished(teamId: number): Promise<readonly BatchSummary[]>;
}

/** Further back nobody goes on with one. */
const recent = 12;

export function createBatchSummaries({ db: { knex } }: { readonly db: Database }): BatchSummaries {
  return {
    of: async (teamId, ids) => new Map((await selectSummaries(knex, teamId, ids)).map((batch) => [batch.id, batch])),
    unfinished: (teamId) => selectUnfinished(knex, teamId, recent),
  };
}
