import { z } from 'zod';
import type { Database, Sql } from '../../core/db/database.ts';
import { until } from '../../test/support/until.ts';

/** What was filled in is on the disk, and the database has nothing left to do about it. */
export async function settle({ knex, kind }: Database): Promise<void> {
  if (kind === 'sqlite') {
    await knex.raw('pragma wal_checkpoint(truncate)');
    return;
  }
  const dirty = 'Innodb_buffer_pool_pages_dirty';
  await knex.raw('set global innodb_max_dirty_pages_pct = 0');
  const isClean = async (): Promise<boolean> => ((await serverStatus(knex, [dirty])).get(dirty) ?? 0) < 100;
  await until(isClean, 'MariaDB has written its pages', 120_000);
  await knex.raw('set global innodb_max_dirty_pages_pct = 90');
}

const status = z.tuple([z.array(z.object({ Variable_name: z.string(), Value: z.coerce.number() }))]).rest(z.unknown());

/** MariaDB's own counters. */
export async function serverStatus(sql: Sql, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const places = names.map(() => '?').join(', ');
  const answer: unknown = await sql.raw(`show global status where variable_name in (${places})`, [...names]);
  return new Map(status.parse(answer)[0].map((row) => [row.Variable_name, row.Value]));
}
