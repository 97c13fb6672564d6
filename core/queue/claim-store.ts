import { z } from 'zod';
import type { Json } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { anyJson, rowId, rowJson, rowTime } from '../db/rows.ts';
import { selectFirstWaiting } from './due-store.ts';

/** A job as its new owner sees it: fence and deaths count this claim. */
export interface Claim {
  readonly id: number;
  readonly kind: string;
  readonly key: string;
  /** The channel it is for; 0 = none. */
  readonly lane: number;
  readonly payload: Json;
  readonly runAt: number;
  readonly fence: number;
  readonly deaths: number;
  readonly failures: number;
}

export interface Lease {
  readonly owner: string;
  readonly now: number;
  readonly leaseUntil: number;
}

/** Takes what is due, oldest first, whatever channel it is for: what a worker does while nothing has to wait. */
export async function claimDueJobs(
  db: Database,
  { limit, ...lease }: Lease & { readonly limit: number },
): Promise<readonly Claim[]> {
  const waiting = await selectFirstWaiting(db, limit);
  const due = waiting.filter((job) => job.runAt <= lease.now);
  return takeJobs(db, { ...lease, ids: due.map((job) => job.id) });
}

/** Those of the jobs that still wait and are due. Two workers never get the same one. */
export async function takeJobs(
  db: Database,
  { ids, ...lease }: Lease & { readonly ids: readonly number[] },
): Promise<readonly Claim[]> {
  if (ids.length === 0) return [];
  const found = await (db.kind === 'sqlite'
    ? takeInOneStatement(db.knex, ids, lease)
    : db.transaction((sql) => lockAndTake(sql, ids, lease)));
  return [...found].sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

/** By id alone: left to itself SQLite looks for the ids among all that is due, along the index of that. */
async function takeInOneStatement(sql: Sql, ids: readonly number[], lease: Lease): Promise<readonly Claim[]> {
  const rows: unknown = await sql(sql.raw('`jobs` not indexed'))
    .whereIn('id', [...ids])
    .where({ state: 'waiting' })
    .where('run_at', '<=', lease.now)
    .update(taken(sql, lease))
    .returning(claimColumns);
  return z.array(claimRow).parse(rows);
}

/** MariaDB and MySQL: locking reads that pass each other, then an update by id. An `UPDATE … LIMIT` would sort all due. */
async function lockAndTake(sql: Sql, ids: readonly number[], lease: Lease): Promise<readonly Claim[]> {
  const rows: unknown = await sql
    .from(sql.raw('jobs force index (primary)'))
    .whereIn('id', [...ids])
    .where({ state: 'waiting' })
    .where('run_at', '<=', lease.now)
    .forUpdate()
    .skipLocked()
    .select(claimColumns);
  const found = z.array(claimRow).parse(rows);
  if (found.length === 0) return [];
  await sql('jobs')
    .whereIn(
      'id',
      found.map((claim) => claim.id),
    )
    .update(taken(sql, lease));
  return found.map((claim) => ({ ...claim, fence: claim.fence + 1, deaths: claim.deaths + 1 }));
}

function taken(sql: Sql, lease: Lease) {
  return {
    state: 'running',
    lease_owner: lease.owner,
    lease_until: lease.leaseUntil,
    fence: sql.raw('fence + 1'),
    deaths: sql.raw('deaths + 1'),
    woken_at: null,
    updated_at: lease.now,
  };
}

const claimColumns = ['id', 'kind', 'key', 'lane', 'payload', 'run_at', 'fence', 'deaths', 'failures'];

const claimRow = z
  .object({
    id: rowId,
    kind: z.string(),
    key: z.string(),
    lane: z.int(),
    // One that cannot be read is its handler's to refuse: thrown here it would stop all that is claimed with it.
    payload: rowJson(anyJson).catch(null),
    run_at: rowTime,
    fence: z.int(),
    deaths: z.int(),
    failures: z.int(),
  })
  .transform(({ run_at, ...rest }): Claim => ({ ...rest, runAt: run_at }));

/** When the next waiting job is due; undefined when nothing waits. One look at the index. */
export async function findNextDueAt(db: Pick<Database, 'knex' | 'kind'>): Promise<number | undefined> {
  const [first] = await selectFirstWaiting(db, 1);
  return first?.runAt;
}

/** Those of the jobs whose lease ended wait again, due now. @returns how many */
export async function rescueExpiredJobs(sql: Sql, ids: readonly number[], now: number): Promise<number> {
  if (ids.length === 0) return 0;
  return sql('jobs')
    .whereIn('id', [...ids])
    .where({ state: 'running' })
    .where('lease_until', '<', now)
    .update(givenBack(now));
}

/** What a dead worker held waits again, due now. @returns how many jobs */
export async function releaseJobsOf(
  sql: Sql,
  { owner, now }: { readonly owner: string; readonly now: number },
): Promise<number> {
  // By id: MariaDB would wait for every running job that another worker is just saving.
  const held = await selectHeldClaims(sql, owner);
  if (held.length === 0) return 0;
  return sql('jobs')
    .whereIn(
      'id',
      held.map((claim) => claim.id),
    )
    .where({ state: 'running', lease_owner: owner })
    .update(givenBack(now));
}

/** Due now and not since it was claimed: what already waits goes first, since one of these may end the next worker, too. */
function givenBack(now: number) {
  return { state: 'waiting', run_at: now, lease_owner: null, lease_until: null, updated_at: now };
}

export interface HeldClaim {
  readonly id: number;
  readonly fence: number;
}

/** One statement for all running jobs of a worker. @returns how many it still holds */
export async function renewLeases(
  sql: Sql,
  held: { readonly owner: string; readonly ids: readonly number[]; readonly until: number },
): Promise<number> {
  return sql('jobs')
    .whereIn('id', [...held.ids])
    .where({ lease_owner: held.owner, state: 'running' })
    .update({ lease_until: held.until });
}

export async function selectHeldClaims(sql: Sql, owner: string): Promise<readonly HeldClaim[]> {
  const rows: unknown = await sql('jobs').where({ state: 'running', lease_owner: owner }).select('id', 'fence');
  return z.array(z.object({ id: rowId, fence: z.int() })).parse(rows);
}
