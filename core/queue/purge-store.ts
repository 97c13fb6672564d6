import type { Sql } from '../db/database.ts';

/** Rows of one table that nobody needs any more: found by time, deleted by key, a batch at a time. */
interface Waste {
  readonly table: string;
  readonly key: string;
  readonly time: string;
  readonly before: number;
  readonly where?: Readonly<Record<string, string>>;
  /** Read by this one first: it is in an index, and not later than the time. */
  readonly earlierTime?: string;
}

const batch = 500;

interface PurgeTimes {
  readonly now: number;
  readonly finishedBefore: number;
  readonly unseenBefore: number;
}

/** Whether there is anything to delete. Only reads. */
export async function hasWaste(sql: Sql, times: PurgeTimes): Promise<boolean> {
  for (const waste of wasteOf(times)) if ((await selectKeys(sql, waste, 1)).length > 0) return true;
  return false;
}

/** @returns whether some table may hold more */
export async function purge(sql: Sql, times: PurgeTimes): Promise<boolean> {
  let hasMore = false;
  for (const waste of wasteOf(times)) hasMore = (await deleteBatch(sql, waste)) === batch || hasMore;
  return hasMore;
}

function wasteOf({ now, finishedBefore, unseenBefore }: PurgeTimes): readonly Waste[] {
  return [
    {
      ...{ table: 'jobs', key: 'id', time: 'updated_at', before: finishedBefore, where: { state: 'finished' } },
      // What was called off before its time goes a week after that time.
      earlierTime: 'run_at',
    },
    { table: 'sessions', key: 'id_hash', time: 'expires_at', before: now },
    { table: 'oauth_states', key: 'state_hash', time: 'expires_at', before: now },
    { table: 'one_time_links', key: 'id', time: 'expires_at', before: finishedBefore },
    { table: 'webhook_events', key: 'identity_hash', time: 'at', before: finishedBefore },
    { table: 'call_windows', key: 'bucket', time: 'empty_at', before: now },
    { table: 'call_counts', key: 'hour', time: 'hour', before: finishedBefore },
    { table: 'workers', key: 'id', time: 'seen_at', before: unseenBefore },
  ];
}

async function deleteBatch(sql: Sql, waste: Waste): Promise<number> {
  const { table, key, time, before, where = {} } = waste;
  const keys = await selectKeys(sql, waste, batch);
  if (keys.length === 0) return 0;
  await sql(table)
    .where(where)
    .where(time, '<', before)
    .whereIn(key, [...keys])
    .delete();
  return keys.length;
}

async function selectKeys(sql: Sql, waste: Waste, limit: number): Promise<readonly string[]> {
  const { table, key, time, earlierTime = time, before, where = {} } = waste;
  const rows: unknown[] = await sql(table)
    .where(where)
    .where(earlierTime, '<', before)
    .where(time, '<', before)
    .orderBy(earlierTime)
    .limit(limit)
    .select(sql.ref(key).as('k'));
  return rows.map((row) => String(Reflect.get(Object(row), 'k')));
}
