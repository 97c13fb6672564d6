import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { type DeliveryPlace, type JobKey, type JobPlace, jobStates, type ListedJob } from './job-list.ts';

interface Reader {
  readonly sql: Sql;
  readonly kind: Database['kind'];
}

/** As migrations/007 makes them. */
const indexes = { byTime: 'jobs_state_run_at_id_index', byKind: 'jobs_kind_key_unique' };

export interface JobRows {
  readonly jobs: readonly Omit<ListedJob, 'delivery' | 'acts'>[];
  readonly earlier: JobKey | null;
  readonly later: JobKey | null;
}

/**
 * One page, read through the index that fits: deliveries are as many as posts and are found by time; of any other kind
 * there are no more than channels, and looking for them among all deliveries would read every one.
 * @param place `isOfMany`: whether its kind is one of those that are as many as posts
 */
export async function pageOfJobs(
  { sql, kind }: Reader,
  place: JobPlace & { readonly isOfMany: boolean },
): Promise<JobRows> {
  const isBackwards = place.before !== undefined;
  const key = place.before ?? place.after;
  const index = place.kind === undefined || place.isOfMany ? indexes.byTime : indexes.byKind;
  const query = sql
    .from(sql.raw(kind === 'mysql' ? 'jobs force index (??)' : 'jobs indexed by ??', [index]))
    .where({ state: place.state, ...(place.kind === undefined ? {} : { kind: place.kind }) });
  if (key !== undefined) {
    const further = isBackwards ? '<' : '>';
    void query
      .where('run_at', `${further}=`, key.runAt)
      .where((either) => void either.where('run_at', further, key.runAt).orWhere('id', further, key.id));
  }
  const order = isBackwards ? 'desc' : 'asc';
  const rows: unknown = await query
    .orderBy([
      { column: 'run_at', order },
      { column: 'id', order },
    ])
    .limit(place.limit + 1)
    .select(columns);
  return cut(z.array(jobRow).parse(rows), place);
}

const columns = [
  ...['id', 'kind', 'key', 'state', 'run_at', 'failures', 'deaths', 'last_error'],
  ...['lease_owner', 'updated_at'],
];

const jobRow = z
  .object({
    id: rowId,
    kind: z.string(),
    key: z.string(),
    state: z.enum(jobStates),
    run_at: rowTime,
    failures: z.int(),
    deaths: z.int(),
    last_error: z.string().nullable(),
    lease_owner: z.string().nullable(),
    updated_at: rowTime,
  })
  .transform(({ run_at: runAt, last_error: lastError, lease_owner: worker, updated_at: updatedAt, ...row }) => ({
    ...row,
    ...{ runAt, lastError, worker, updatedAt },
  }));

/** One row more than asked for tells whether the list goes on in the direction of reading. */
function cut(rows: JobRows['jobs'], place: JobPlace): JobRows {
  const goesOn = rows.length > place.limit;
  const isBackwards = place.before !== undefined;
  const kept = rows.slice(0, place.limit);
  const jobs = isBackwards ? kept.reverse() : kept;
  const hasEarlier = isBackwards ? goesOn : place.after !== undefined;
  const hasLater = isBackwards || goesOn;
  return {
    jobs,
    earlier: hasEarlier ? keyOf(jobs[0]) : null,
    later: hasLater ? keyOf(jobs.at(-1)) : null,
  };
}

function keyOf(job: JobKey | undefined): JobKey | null {
  return job === undefined ? null : { runAt: job.runAt, id: job.id };
}

const mostKinds = 100;

/** Every kind of job there is, by name: hops from kind to kind through the index, however many jobs each has. */
export async function selectKinds({ sql, kind }: Reader): Promise<readonly string[]> {
  const rows: unknown = await (kind === 'mysql' ? sql('jobs').distinct('kind') : hops(sql))
    .orderBy('kind')
    .limit(mostKinds);
  return z
    .array(z.object({ kind: z.string() }))
    .parse(rows)
    .map((row) => row.kind);
}

/** What MariaDB and MySQL do for a `distinct` by themselves; for this they would read every job. */
function hops(sql: Sql) {
  return sql
    .withRecursive('k', ['kind'], (all) => {
      void all.from('jobs').min('kind');
      void all.unionAll((next) => {
        const following = sql('jobs').min('jobs.kind').where('jobs.kind', '>', sql.ref('k.kind'));
        void next.from('k').whereNotNull('k.kind').select(following.as('kind'));
      });
    })
    .from('k')
    .whereNotNull('kind')
    .select('kind');
}

/** Which posts these deliveries belong to, over all teams: for an admin, who is shown numbers and no contents. */
export async function selectDeliveryPlaces(
  sql: Sql,
  deliveryIds: readonly number[],
): Promise<ReadonlyMap<number, DeliveryPlace>> {
  if (deliveryIds.length === 0) return new Map();
  const rows: unknown = await sql('deliveries as d')
    .join('teams as t', 't.id', 'd.team_id')
    .whereIn('d.id', [...deliveryIds])
    .select('d.id', 'd.post_id', 'd.team_id', 't.name');
  const found = z.array(placeRow).parse(rows);
  return new Map(found.map((place) => [place.deliveryId, place]));
}

const placeRow = z
  .object({ id: rowId, post_id: rowId, team_id: rowId, name: z.string() })
  .transform(({ id, post_id, team_id, name }): DeliveryPlace => {
    return { deliveryId: id, postId: post_id, teamId: team_id, teamName: name };
  });

/** A job as an act finds it. */
export interface FoundJob {
  readonly id: number;
  readonly kind: string;
  readonly key: string;
  readonly state: string;
}

const foundRow = z.object({ id: rowId, kind: z.string(), key: z.string(), state: z.string() });

export async function selectJob(sql: Sql, id: number): Promise<FoundJob | undefined> {
  const rows: unknown = await sql('jobs').where({ id }).select('id', 'kind', 'key', 'state');
  return z.array(foundRow).parse(rows)[0];
}
