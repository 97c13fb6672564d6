import { z } from 'zod';
import type { Json } from '#plugin-api';
import type { Database, Sql } from '../db/database.ts';
import { anyJson, rowId, rowJson, rowTime } from '../db/rows.ts';

/** A job as its new owner sees it: fence and deaths count this claim. */
export interface Claim {
  readonly id: number;
  readonly kind: string;
  readonly key: string;
  readonly payload: Json;
  readonly runAt: number;
  readonly fence: number;
  readonly deaths: number;
  readonly failures: number;
}

export interface ClaimRequest {
  readonly owner: string;
  /** Only as many as there are free slots: a claimed job that waits is late. */
  readonly limit: number;
  readonly now: number;
  readonly leaseUntil: number;
}

/** Takes what is due, oldest first. Two workers never get the same job. */
export async function claimDueJobs(db: Database, request: ClaimRequest): Promise<readonly Claim[]> {
  return db.kind === 'sqlite'
    ? claimInOneStatement(db.knex, request)
    : db.transaction((sql) => lockAndTake(sql, request));
}

async function claimInOneStatement(sql: Sql, request: ClaimRequest): Promise<readonly Claim[]> {
  const due = sql('jobs')
    .where({ state: 'waiting' })
    .where('run_at', '<=', request.now)
    .orderBy(['run_at', 'id'])
    .limit(request.limit)
    .select('id');
  const rows: unknown = await sql('jobs').whereIn('id', due).update(taken(sql, request)).returning(claimColumns);
  return z
    .array(claimRow)
    .parse(rows)
    .sort((a, b) => a.runAt - b.runAt || a.id - b.id);
}

/** MariaDB and MySQL: locking reads that pass each other, then an update by id. An `UPDATE … LIMIT` would sort all due. */
async function lockAndTake(sql: Sql, request: ClaimRequest): Promise<readonly Claim[]> {
  const rows: unknown = await sql('jobs')
    .where({ state: 'waiting' })
    .where('run_at', '<=', request.now)
    .orderBy(['run_at', 'id'])
    .limit(request.limit)
    .forUpdate()
    .skipLocked()
    .select(claimColumns);
  const found = z.array(claimRow).parse(rows);
  if (found.length === 0) return [];
  const ids = found.map((claim) => claim.id);
  await sql('jobs').whereIn('id', ids).update(taken(sql, request));
  return found.map((claim) => ({ ...claim, fence: claim.fence + 1, deaths: claim.deaths + 1 }));
}

function taken(sql: Sql, request: ClaimRequest) {
  return {
    state: 'running',
    lease_owner: request.owner,
    lease_until: request.leaseUntil,
    fence: sql.raw('fence + 1'),
    deaths: sql.raw('deaths + 1'),
    woken_at: null,
    updated_at: request.now,
  };
}

const claimColumns = ['id', 'kind', 'key', 'payload', 'run_at', 'fence', 'deaths', 'failures'];

const claimRow = z
  .object({
    id: rowId,
    kind: z.string(),
    key: z.string(),
    payload: rowJson(anyJson),
    run_at: rowTime,
    fence: z.int(),
    deaths: z.int(),
    failures: z.int(),
  })
  .transform(({ run_at, ...rest }): Claim => ({ ...rest, runAt: run_at }));

/** When the next waiting job is due; undefined when nothing waits. One look at the index. */
export async function findNextDueAt(sql: Sql): Promise<number | undefined> {
  const rows: unknown = await sql('jobs')
    .where({ state: 'waiting' })
    .orderBy(['run_at', 'id'])
    .limit(1)
    .select('run_at');
  return z.array(z.object({ run_at: rowTime })).parse(rows)[0]?.run_at;
}

/** Jobs whose lease ended wait again, due at once. Looks first, so that an idle installation writes nothing. */
export async function rescueExpiredJobs(sql: Sql, now: number): Promise<number> {
  const rows: unknown = await sql('jobs')
    .where({ state: 'running' })
    .where('lease_until', '<', now)
    .limit(rescueBatch)
    .select('id');
  const ids = z.array(z.object({ id: rowId })).parse(rows);
  if (ids.length === 0) return 0;
  return sql('jobs')
    .whereIn(
      'id',
      ids.map((row) => row.id),
    )
    .where({ state: 'running' })
    .where('lease_until', '<', now)
    .update({ state: 'waiting', lease_owner: null, lease_until: null, updated_at: now });
}

const rescueBatch = 200;

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
