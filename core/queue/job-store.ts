import type { Json } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { updateRows, valueOfEach } from '../db/update-rows.ts';
import type { NewJob } from './job.ts';

/** Waiting and running jobs are live: somebody will still act on them. */
const whileLive = "state in ('waiting', 'running')";

/** See JobQueue.enqueue. Each value is decided before `state` changes: MySQL assigns from left to right. */
export async function upsertJob(sql: Sql, job: NewJob, now: number): Promise<void> {
  const payload = JSON.stringify(job.payload);
  await sql('jobs')
    .insert(newRow(job, now))
    .onConflict(['kind', 'key'])
    .merge({
      deaths: sql.raw(`case when ${whileLive} then deaths else 0 end`),
      failures: sql.raw(`case when ${whileLive} then failures else 0 end`),
      fence: sql.raw(`case when ${whileLive} then fence else fence + 1 end`),
      ...laneOf(job),
      payload: sql.raw("case when state = 'running' then payload else ? end", [payload]),
      run_at: sql.raw("case when state = 'running' or (state = 'waiting' and run_at < ?) then run_at else ? end", [
        job.runAt,
        job.runAt,
      ]),
      state: sql.raw("case when state = 'running' then state else 'waiting' end"),
      updated_at: now,
    });
}

/** Whatever the job was doing, it waits from now on until exactly `runAt`; whoever held it has lost it. */
export async function restartJob(sql: Sql, job: NewJob, now: number): Promise<void> {
  await sql('jobs')
    .insert(newRow(job, now))
    .onConflict(['kind', 'key'])
    .merge({
      deaths: 0,
      failures: 0,
      fence: sql.raw('fence + 1'),
      ...laneOf(job),
      last_error: null,
      lease_owner: null,
      lease_until: null,
      payload: JSON.stringify(job.payload),
      run_at: job.runAt,
      state: 'waiting',
      updated_at: now,
      woken_at: null,
    });
}

export async function isLive(sql: Sql, { kind, key }: Pick<NewJob, 'kind' | 'key'>): Promise<boolean> {
  const rows: unknown[] = await sql('jobs').where({ kind, key }).whereRaw(whileLive).select('id');
  return rows.length > 0;
}

/**
 * See JobQueue.wake. One statement for both states: of two, MariaDB would pass over a job that a worker is just handing
 * back, because in the first it still runs and in the second it waits already.
 */
export async function bringForward(
  sql: Sql,
  jobs: { readonly kind: string; readonly keys: readonly string[] },
  now: number,
): Promise<void> {
  if (jobs.keys.length === 0) return;
  await sql('jobs')
    .where({ kind: jobs.kind })
    .whereIn('state', ['waiting', 'running'])
    .whereIn('key', [...jobs.keys])
    .update({
      run_at: sql.raw("case when state = 'waiting' and run_at > ? then ? else run_at end", [now, now]),
      woken_at: sql.raw("case when state = 'running' then ? else woken_at end", [now]),
      updated_at: now,
    });
}

/** Finished, and whoever held it has lost it. Its row is locked until the transaction ends. */
export async function closeJob(
  sql: Sql,
  job: { readonly kind: string; readonly key: string },
  now: number,
): Promise<void> {
  await sql('jobs')
    .where({ kind: job.kind, key: job.key })
    .update({
      fence: sql.raw('fence + 1'),
      state: 'finished',
      lease_owner: null,
      lease_until: null,
      updated_at: now,
    });
}

/**
 * They wait, as they did: whoever holds one has lost it, and nobody claims one before the transaction ends. By their
 * keys: along an index of states MariaDB would pass over a job that is claimed while it looks.
 */
export async function takeBackJobs(
  sql: Sql,
  jobs: { readonly kind: string; readonly keys: readonly string[] },
  now: number,
): Promise<void> {
  if (jobs.keys.length === 0) return;
  await sql('jobs')
    .where({ kind: jobs.kind })
    .whereIn('key', [...jobs.keys])
    .whereRaw("coalesce(state, '') in ('waiting', 'running')")
    .update({ fence: sql.raw('fence + 1'), state: 'waiting', lease_owner: null, lease_until: null, updated_at: now });
}

/** What a person may act on: nobody is at it. */
const idleStates = ['waiting', 'failed'];

/** A person gives a job that nobody runs another chance, now and from its beginning. @returns false when it is not idle */
export async function restartIdleJob(sql: Sql, id: number, now: number): Promise<boolean> {
  const fresh = { state: 'waiting', run_at: now, deaths: 0, failures: 0, woken_at: null, updated_at: now };
  const changed = await sql('jobs')
    .where({ id })
    .whereIn('state', idleStates)
    .update({ ...fresh, fence: sql.raw('fence + 1') });
  return changed === 1;
}

/** A person lets a job that nobody runs be: it is deleted with the finished ones. @returns false when it is not idle */
export async function finishIdleJob(sql: Sql, id: number, now: number): Promise<boolean> {
  const changed = await sql('jobs')
    .where({ id })
    .whereIn('state', idleStates)
    .update({ state: 'finished', fence: sql.raw('fence + 1'), updated_at: now });
  return changed === 1;
}

export type JobChange =
  | {
      readonly state: 'waiting' | 'finished' | 'failed';
      readonly runAt: number;
      readonly failures: number;
      readonly payload?: Json;
      readonly lastError?: string | null;
      /** The claim did not end by itself: it stays counted as a death. */
      readonly died?: true;
    }
  /** Goes on under the same claim. */
  | { readonly state: 'running'; readonly runAt: number; readonly owner: string; readonly leaseUntil: number };

export interface JobSave {
  readonly claim: { readonly id: number; readonly fence: number };
  readonly change: JobChange;
}

/**
 * The compare-and-set of the protocol: changes the job only for whoever holds its newest fence.
 * A claim that ends by itself forgives earlier deaths; one that goes on has only its own death before it.
 * @returns false when the claim is lost: stop silently
 */
export async function saveJob(
  sql: Sql,
  claim: JobSave['claim'],
  { change, now }: { readonly change: JobChange; readonly now: number },
): Promise<boolean> {
  return (await saveJobs(sql, [{ claim, change }], now)) === 1;
}

/** The same for several jobs, none of them twice. @returns how many of the claims are still held */
export async function saveJobs(sql: Sql, saves: readonly JobSave[], now: number): Promise<number> {
  const fence = valueOfEach(
    sql,
    'id',
    saves.map(({ claim }) => [claim.id, claim.fence]),
  );
  return updateRows(
    sql,
    {
      table: 'jobs',
      key: 'id',
      // What has ended stays ended: an end whose COMMIT was answered by an error may have been stored all the same.
      // As an expression: along an index of states SQLite would look for the ids among all that waits.
      only: (jobs) => void jobs.where('fence', fence).whereRaw("coalesce(state, '') in ('running', 'waiting')"),
    },
    saves.map(({ claim, change }) => ({
      key: claim.id,
      columns: { ...columnsOf(change), state: change.state, run_at: runAt(sql, change, now), updated_at: now },
    })),
  );
}

/** What was woken under the claim does not wait: the worker may have looked before the reason to wait was gone. */
function runAt(sql: Sql, change: JobChange, now: number) {
  if (change.state !== 'waiting' || change.runAt <= now) return change.runAt;
  return sql.raw('case when woken_at is null then ? else ? end', [change.runAt, now]);
}

function columnsOf(change: JobChange): Record<string, string | number | null> {
  if (change.state === 'running') {
    return { lease_owner: change.owner, lease_until: change.leaseUntil, deaths: 1, failures: 0 };
  }
  return {
    lease_owner: null,
    lease_until: null,
    ...(change.died === true ? {} : { deaths: 0 }),
    failures: change.failures,
    ...(change.payload === undefined ? {} : { payload: JSON.stringify(change.payload) }),
    ...(change.lastError === undefined ? {} : { last_error: change.lastError }),
  };
}

function newRow(job: NewJob, now: number): Record<string, string | number> {
  return {
    kind: job.kind,
    key: job.key,
    payload: JSON.stringify(job.payload),
    ...laneOf(job),
    state: 'waiting',
    run_at: job.runAt,
    created_at: now,
    updated_at: now,
  };
}

function laneOf({ channelId }: NewJob): { readonly lane?: number } {
  return channelId === undefined ? {} : { lane: channelId };
}
