import type { Database } from '../db/database.ts';

/** Calls of one endpoint in one hour; `hour` is its first millisecond, UTC. */
export interface CallCount {
  readonly plugin: string;
  readonly endpoint: string;
  readonly hour: number;
  readonly calls: number;
  readonly refused: number;
  readonly failed: number;
}

/** Adds to what is there, in one statement: many processes count the same hour. */
export async function addCallCounts(db: Database, counts: readonly CallCount[]): Promise<void> {
  const added = db.kind === 'sqlite' ? 'call_counts.?? + excluded.??' : 'call_counts.?? + values(??)';
  const sum = (name: string) => db.knex.raw(added, [name, name]);
  await db.transaction((sql) =>
    sql('call_counts')
      // Always in the same order: two processes that wait for each other's rows would deadlock.
      .insert([...counts].sort(byKey))
      .onConflict(['hour', 'plugin', 'endpoint'])
      .merge({ calls: sum('calls'), refused: sum('refused'), failed: sum('failed') }),
  );
}

function byKey(a: CallCount, b: CallCount): number {
  const [first, second] = [a, b].map(({ hour, plugin, endpoint }) => `${hour} ${plugin} ${endpoint}`);
  return (first ?? '') < (second ?? '') ? -1 : 1;
}
