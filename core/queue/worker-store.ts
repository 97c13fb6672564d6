import { z } from 'zod';
import type { Json } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { rowId, rowJson } from '../db/rows.ts';
import type { Place } from './place.ts';

export interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly seenAt: number;
  /** What the admin's page shows: slots, running jobs. */
  readonly facts: { readonly [key: string]: Json };
  /** null = unknown. */
  readonly place: Place | null;
}

export async function upsertWorker(sql: Sql, worker: WorkerRow): Promise<void> {
  const facts = JSON.stringify({ ...worker.facts, place: worker.place === null ? null : { ...worker.place } });
  await sql('workers')
    .insert({
      id: worker.id,
      host: worker.host,
      pid: worker.pid,
      started_at: worker.startedAt,
      seen_at: worker.seenAt,
      facts,
    })
    .onConflict('id')
    .merge({ seen_at: worker.seenAt, facts });
}

/** @returns how many there were */
export async function deleteWorker(sql: Sql, id: string): Promise<number> {
  return sql('workers').where({ id }).delete();
}

/** A worker as the others see it. */
export interface WorkerTrace {
  readonly id: string;
  readonly pid: number;
  readonly place: Place | null;
}

/** What a worker looks for from time to time besides due jobs. */
export interface Surroundings {
  /** Running jobs whose lease has ended. */
  readonly expired: readonly number[];
  /** Itself among them, and whoever died and was not seen dying. */
  readonly workers: readonly WorkerTrace[];
}

const mostExpired = 200;
/** The newest heartbeats first: rows of killed workers of other machines stay for an hour. */
const mostWorkers = 200;

/** One statement, so that workers know of each other at no cost to an idle installation. */
export async function lookAround(sql: Sql, now: number): Promise<Surroundings> {
  const expired = sql('jobs').where({ state: 'running' }).where('lease_until', '<', now).limit(mostExpired);
  const workers = sql('workers').orderBy('seen_at', 'desc').limit(mostWorkers);
  const rows: unknown = await sql.unionAll([
    sql.from(expired.select('id').as('e')).select('id as job', sql.raw('null as worker, null as pid, null as facts')),
    sql.from(workers.select('id', 'pid', 'facts').as('w')).select(sql.raw('null as job'), 'id', 'pid', 'facts'),
  ]);
  const found = z.array(aroundRow).parse(rows);
  return {
    expired: found.flatMap(({ job }) => (job === null ? [] : [job])),
    workers: found.flatMap(({ worker: id, pid, facts }) => {
      return id === null || pid === null ? [] : [{ id, pid, place: facts?.place ?? null }];
    }),
  };
}

const aroundRow = z.object({
  job: rowId.nullable(),
  worker: z.string().nullable(),
  pid: z.int().positive().nullable(),
  // Of another version they may hold anything: its place is unknown then.
  facts: rowJson(z.object({ place: z.object({ name: z.string(), began: z.string() }).nullable() }))
    .nullable()
    .catch(null),
});
