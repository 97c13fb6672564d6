import type { Knex } from 'knex';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';

/** A waiting job before anybody has it. */
export interface WaitingJob {
  readonly id: number;
  /** The channel it is for; 0 = none. */
  readonly lane: number;
  /** UTC milliseconds. */
  readonly runAt: number;
  /** Claims in a row whose process died. */
  readonly deaths: number;
}

/** The first in line, due or not. One walk along the index. */
export async function selectFirstWaiting(db: Queryable, limit: number): Promise<readonly WaitingJob[]> {
  const rows: unknown = await firstWaiting(db).limit(limit);
  return z.array(waitingRow).parse(rows);
}

/** What is known of a crowd: more is due than there are free slots for. */
export interface Crowd {
  /** The oldest of all, due or not: who came first is never forgotten. */
  readonly oldest: readonly WaitingJob[];
  /** Due only just now: a channel that had nothing to do until this moment is seen at once. */
  readonly newest: readonly WaitingJob[];
  /** The first due job of each of the next channels. */
  readonly heads: readonly WaitingJob[];
  /** Where the walk over the channels goes on; 0 = it begins anew. */
  readonly nextChannel: number;
  /** When the first job that is not due yet will be. */
  readonly nextDueAt: number | undefined;
}

export interface CrowdLook {
  readonly now: number;
  readonly oldest: number;
  readonly newest: number;
  /** The walk over the channels goes on after this one; undefined = none this time. */
  readonly afterChannel: number | undefined;
  readonly channels: number;
}

/**
 * One statement whose cost does not grow with what waits: each of its parts reads as many rows of an index as it may
 * answer.
 */
export async function selectCrowd(db: Queryable, look: CrowdLook): Promise<Crowd> {
  const parts = [
    ...[part(db, firstWaiting(db).limit(look.oldest), 'oldest'), part(db, newestDue(db, look), 'newest')],
    part(db, nextDue(db, look.now), 'next'),
    ...(look.afterChannel === undefined ? [] : [part(db, headsOfChannels(db, look), 'head')]),
  ];
  const rows: unknown = await db.knex.unionAll(parts);
  const found = z.array(crowdRow).parse(rows);
  const of = (kind: CrowdRow['part']): readonly CrowdRow[] => found.filter((row) => row.part === kind);
  const walked = of('head');
  return {
    oldest: of('oldest').filter(isThere),
    newest: of('newest').filter(isThere),
    heads: walked.filter(isThere).filter((row) => row.runAt <= look.now),
    nextChannel: walked.length <= look.channels ? 0 : Math.max(...walked.map((row) => row.lane)),
    nextDueAt: of('next')[0]?.runAt ?? undefined,
  };
}

type Queryable = Pick<Database, 'knex' | 'kind'>;

const waitingColumns = ['id', 'lane', 'run_at', 'deaths'];

/** The index is named: with another one these few rows would be a sort of everything that waits. */
function waiting(db: Queryable): Knex.QueryBuilder {
  return db.knex.from(jobsBy(db, 'jobs_state_run_at_id_index')).where({ state: 'waiting' });
}

function jobsBy({ knex, kind }: Queryable, index: string): Knex.Raw {
  return knex.raw(kind === 'mysql' ? `jobs as j force index (${index})` : `jobs as j indexed by ${index}`);
}

function firstWaiting(db: Queryable): Knex.QueryBuilder {
  return waiting(db).orderBy(['run_at', 'id']).select(waitingColumns);
}

function newestDue(db: Queryable, { now, newest }: CrowdLook): Knex.QueryBuilder {
  return waiting(db)
    .where('run_at', '<=', now)
    .orderBy([
      { column: 'run_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(newest)
    .select(waitingColumns);
}

function nextDue(db: Queryable, now: number): Knex.QueryBuilder {
  return waiting(db).where('run_at', '>', now).orderBy(['run_at', 'id']).limit(1).select(waitingColumns);
}

/** The walk is over the channels and not over the index of lanes: MariaDB would read every job of each lane it skips. */
function headsOfChannels(db: Queryable, { afterChannel = 0, channels }: CrowdLook): Knex.QueryBuilder {
  const { knex } = db;
  const some = knex('channels').where('id', '>', afterChannel).orderBy('id').limit(channels).select('id');
  const lanes = knex.from(some.as('some')).select('id').unionAll(knex.raw('select 0')).as('c');
  const head = knex
    .from(jobsBy(db, 'jobs_lane_index'))
    .where('j.state', 'waiting')
    .whereRaw('j.lane = c.id')
    .orderBy(['j.run_at', 'j.id'])
    .limit(1)
    .select('j.id');
  const walk = knex.from(lanes).select('c.id as lane', head.as('head')).as('w');
  return knex.from(walk).leftJoin('jobs as h', 'h.id', 'w.head').select('h.id', 'w.lane', 'h.run_at', 'h.deaths');
}

function part({ knex }: Queryable, query: Knex.QueryBuilder, name: CrowdRow['part']): Knex.QueryBuilder {
  return knex.from(query.as('p')).select('p.id', 'p.lane', 'p.run_at', 'p.deaths', knex.raw(`'${name}' as part`));
}

const waitingRow = z
  .object({ id: rowId, lane: z.int(), run_at: rowTime, deaths: z.int() })
  .transform(({ run_at, ...rest }): WaitingJob => ({ ...rest, runAt: run_at }));

const crowdRow = z
  .object({
    id: rowId.nullable(),
    lane: z.int(),
    run_at: rowTime.nullable(),
    deaths: z.int().nullable(),
    part: z.enum(['oldest', 'newest', 'next', 'head']),
  })
  .transform(({ run_at, ...rest }) => ({ ...rest, runAt: run_at }));
type CrowdRow = z.output<typeof crowdRow>;

function isThere(row: CrowdRow): row is CrowdRow & WaitingJob {
  return row.id !== null && row.runAt !== null && row.deaths !== null;
}
