import type { Knex } from 'knex';
import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { rowCount, rowJson, rowTime } from '../db/rows.ts';
import { placesColumn } from '../limits/window-store.ts';
import { type EndpointCalls, countedUpTo, type JobCounts } from './snapshot.ts';

// Everything here reads a part of an index that does not grow with the installation: the page is asked for when
// there is trouble, and must not add to it.

/** Jobs that are tried again are due within minutes, so they are among the first. */
const nextJobs = 1_000;

/** One statement; each part ends at its limit. */
export async function countJobs(sql: Sql, now: number): Promise<JobCounts> {
  const inState = (state: string) =>
    sql('jobs')
      .where({ state })
      .limit(countedUpTo + 1);
  const next = inState('waiting').orderBy(['run_at', 'id']).limit(nextJobs).select('failures');
  const parts: readonly (readonly [string, Knex.QueryBuilder])[] = [
    ['waiting', inState('waiting').select('id')],
    ['due', inState('waiting').where('run_at', '<=', now).select('id')],
    ['running', inState('running').select('id')],
    ['failed', inState('failed').select('id')],
    ['retrying', sql.from(next.as('n')).where('failures', '>', 0).select('failures')],
  ];
  // The names stand in the text: knex binds values of a first select after those of what it selects from.
  const counts = parts.map(([name, rows]) =>
    sql.from(rows.as('c')).select(sql.raw(`'${name}' as name, count(*) as n`)),
  );
  const [first, ...rest] = counts;
  const rows: unknown = await first?.unionAll(rest);
  const found = new Map(
    z
      .array(countRow)
      .parse(rows)
      .map(({ name, n }) => [name, n]),
  );
  const of = (name: string) => found.get(name) ?? 0;
  return {
    ...{ waiting: of('waiting'), due: of('due'), retrying: of('retrying') },
    ...{ running: of('running'), failed: of('failed') },
  };
}

const countRow = z.object({ name: z.string(), n: rowCount });

export interface StoredWorker {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly seenAt: number;
  readonly facts: z.output<typeof facts>;
}

/** What a heartbeat tells. A worker of another version may tell less. */
const facts = z.object({
  slots: z.int().catch(0),
  running: z.int().catch(0),
  breakers: z
    .array(
      z.object({
        host: z.string(),
        state: z.enum(['closed', 'open', 'probing']),
        calls: z.int().catch(0),
        failed: z.int().catch(0),
        probeAt: rowTime.nullable().catch(null),
      }),
    )
    .catch([]),
});

const workerRow = z
  .object({
    id: z.string(),
    host: z.string(),
    pid: z.int(),
    started_at: rowTime,
    seen_at: rowTime,
    facts: rowJson(facts),
  })
  .transform(({ started_at: startedAt, seen_at: seenAt, ...row }): StoredWorker => ({ ...row, startedAt, seenAt }));

/** The newest heartbeats first: rows of killed workers stay for an hour, and a crash loop leaves many. */
const mostWorkers = 100;

export async function selectWorkers(sql: Sql): Promise<readonly StoredWorker[]> {
  const rows: unknown = await sql('workers').orderBy('seen_at', 'desc').limit(mostWorkers).select('*');
  return z.array(workerRow).parse(rows);
}

export interface StoredWindow {
  readonly name: string;
  readonly limit: number;
  readonly withinMs: number;
  /** When each place was taken. */
  readonly takenAt: readonly number[];
}

const mostWindows = 500;

const windowRow = z
  .object({
    name: z.string(),
    places_limit: z.int(),
    within_ms: z.int(),
    places: placesColumn,
  })
  .transform(({ name, places_limit: limit, within_ms: withinMs, places }): StoredWindow => {
    return { name, limit, withinMs, takenAt: places.map(([at]) => at) };
  });

/** Those that end first: the short ones, which are the ones that fill. */
export async function selectWindows(sql: Sql, now: number): Promise<readonly StoredWindow[]> {
  const rows: unknown = await sql('call_windows')
    .where('empty_at', '>=', now)
    .orderBy('empty_at')
    .limit(mostWindows)
    .select('name', 'places_limit', 'within_ms', 'places');
  return z.array(windowRow).parse(rows);
}

const mostEndpoints = 100;

/** Per endpoint, the busiest first. @param since UTC ms; counted by the hour */
export async function selectCalls(sql: Sql, since: number): Promise<readonly EndpointCalls[]> {
  const sum = (column: string) => sql.raw('sum(??) as ??', [column, column]);
  const rows: unknown = await sql('call_counts')
    .where('hour', '>', since)
    .groupBy('plugin', 'endpoint')
    .orderBy([{ column: 'calls', order: 'desc' }, 'plugin', 'endpoint'])
    .limit(mostEndpoints)
    .select('plugin', 'endpoint', sum('calls'), sum('refused'), sum('failed'));
  return z.array(callsRow).parse(rows);
}

const callsRow = z.object({
  plugin: z.string(),
  endpoint: z.string(),
  calls: rowCount,
  refused: rowCount,
  failed: rowCount,
});
