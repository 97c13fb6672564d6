import type { Database } from '../db/database.ts';
import { type BatchSummary, selectSummaries } from './batch-summary-store.ts';

export type { BatchSummary } from './batch-summary-store.ts';

interface ListQuestion {
  readonly teamId: number;
  readonly ids: readonly number[];
  /** Whether somebody who may go on with them looks. */
  readonly asksForUnfinished: boolean;
}

/** What the list of posts knows of batches. */
export interface BatchSummaries {
  /** Those of these that are the team's, by id, and those of the newest that still have drafts, the newest first. */
  ofList(question: ListQuestion): Promise<{
    readonly known: ReadonlyMap<number, BatchSummary>;
    readonly unfinished: readonly BatchSummary[];
  }>;
}

/** Further back nobody goes on with one. */
const recent = 12;

export function createBatchSummaries({ db: { knex } }: { readonly db: Database }): BatchSummaries {
  return {
    async ofList({ teamId, ids, asksForUnfinished }) {
      const newest = asksForUnfinished ? recent : 0;
      const { asked, unfinished } = await selectSummaries(knex, { teamId, ids, newest });
      return { known: new Map(asked.map((batch) => [batch.id, batch])), unfinished };
    },
  };
}
