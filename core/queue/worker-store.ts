import type { Json } from '#plugin-api';
import type { Sql } from '../db/database.ts';

export interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly seenAt: number;
  /** What the admin's page shows: slots, running jobs. */
  readonly facts: Json;
}

export async function upsertWorker(sql: Sql, worker: WorkerRow): Promise<void> {
  const facts = JSON.stringify(worker.facts);
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

export async function deleteWorker(sql: Sql, id: string): Promise<void> {
  await sql('workers').where({ id }).delete();
}
