import type { Sql } from '../db/database.ts';
import type { DeliveryState } from './delivery.ts';

/** A post shows the worst of its deliveries. */
const worstFirst: readonly DeliveryState[] = [
  'needs-attention',
  'failed',
  'publishing',
  'processing',
  'scheduled',
  'draft',
  'published',
  'cancelled',
];

const rank = `case d.state ${worstFirst.map((state, place) => `when '${state}' then ${place}`).join(' ')} end`;
const named = worstFirst.map((state, place) => `when ${place} then '${state}'`).join(' ');
/** What was cancelled keeps the time it had, and says nothing about the rest; alone it says when the post was due. */
const firstDue = `case when max(d.state <> 'cancelled') = 1
  then min(case when d.state <> 'cancelled' then d.due_at end) else min(d.due_at) end`;

/**
 * To be called in each transaction that changes a delivery, after the change. The sub-queries belong to the post's
 * row, so they are asked after its lock is taken: of two deliveries that end at once, the second sees the first. For
 * several posts the locks are taken beforehand, in one order: one statement sees one moment, that of its first row.
 */
export async function refreshPostSummary(sql: Sql, ...postIds: readonly number[]): Promise<void> {
  if (postIds.length === 0) return;
  if (postIds.length > 1) {
    await sql('posts')
      .whereIn('id', [...postIds])
      .orderBy('id')
      .forUpdate()
      .select('id');
  }
  const state = `(select case min(${rank}) ${named} end from deliveries as d where d.post_id = posts.id)`;
  await sql('posts')
    .whereIn('id', [...postIds])
    .update({
      state: sql.raw(`coalesce(${state}, 'draft')`),
      due_at: sql.raw(`(select ${firstDue} from deliveries as d where d.post_id = posts.id)`),
    });
}
