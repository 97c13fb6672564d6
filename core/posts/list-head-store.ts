import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { placeholders, readRows } from '../db/read-rows.ts';
import { rowCount, rowId, rowTime } from '../db/rows.ts';
import { deliveryStates, type DeliveryState } from '../deliveries/delivery.ts';
import { postIndexes } from './post-page-store.ts';

export interface HeadQuestion {
  readonly teamId: number;
  /** In each of these states posts are counted, up to the limit. */
  readonly states: readonly DeliveryState[];
  readonly limit: number;
  /** Batches that are named. */
  readonly batchIds: readonly number[];
  /** Of so many of the newest batches also those that still have drafts; 0: none. */
  readonly newestBatches: number;
}

/** A batch as the list of posts names it. */
export interface BatchSummary {
  readonly id: number;
  /** UTC ms. */
  readonly createdAt: number;
  readonly posts: number;
}

export type StateCounts = ReadonlyMap<DeliveryState, number>;

interface StoredHead {
  /** Of each state that has posts; undefined when there were too many to count them in one go. */
  readonly counts: StateCounts | undefined;
  /** Those of the named batches that are the team's, in any order. */
  readonly asked: readonly BatchSummary[];
  /** The newest first. */
  readonly unfinished: readonly BatchSummary[];
}

type Part = readonly [text: string, ...values: (string | number)[]];

/** By the index of a batch's rows. */
const postsOf = 'from posts as p where p.team_id = b.team_id and p.batch_id = b.id';
const batchColumns = `null as state, b.id as id, b.created_at as created_at, (select count(*) ${postsOf}) as n`;
const unfinishedPart = `select 'unfinished' as what, ${batchColumns}
  from (select id, team_id, created_at from batches where team_id = ? order by created_at desc, id desc limit ?) as b
  where exists (select 1 ${postsOf} and p.state = 'draft')`;

const headRows = z.compile(
  z.array(
    z.object({
      ...{ what: z.enum(['state', 'asked', 'unfinished']), state: z.enum(deliveryStates).nullable() },
      ...{ id: rowId.nullable(), created_at: rowTime.nullable(), n: rowCount },
    }),
  ),
);

/** What stands above the list of posts: one statement, since each is a journey to the database. */
export async function selectListHead(
  { knex, kind }: Pick<Database, 'knex' | 'kind'>,
  question: HeadQuestion,
): Promise<StoredHead> {
  const parts = [...countParts(kind, question), ...batchParts(question)];
  if (parts.length === 0) return { counts: new Map(), asked: [], unfinished: [] };
  const text = parts.map(([part]) => part).join('\nunion all\n');
  const values = parts.flatMap(([, ...own]) => own);
  const counts = new Map<DeliveryState, number>();
  const batches = { asked: new Array<BatchSummary>(), unfinished: new Array<BatchSummary>() };
  for (const { what, state, id, created_at: createdAt, n } of headRows.parse(await readRows(knex, text, values))) {
    if (what === 'state') {
      if (state !== null) counts.set(state, n);
    } else if (id !== null && createdAt !== null) batches[what].push({ id, createdAt, posts: n });
  }
  const unfinished = batches.unfinished.sort((one, other) => other.createdAt - one.createdAt || other.id - one.id);
  return { counts: wholeCounts(counts, question), asked: batches.asked, unfinished };
}

/**
 * One stretch of the index, as long as two states that are full. Most teams are counted with this: looking into each
 * state by itself takes MariaDB three times as long.
 */
function countParts(kind: Database['kind'], { teamId, states, limit }: HeadQuestion): readonly Part[] {
  if (states.length === 0) return [];
  const posts = kind === 'mysql' ? `posts force index (${postIndexes.ofState})` : 'posts';
  const few = `select state from ${posts} where team_id = ? and state in (${placeholders(states)}) limit ?`;
  const text = `select 'state' as what, state, null as id, null as created_at, count(*) as n
    from (${few}) as few group by state`;
  return [[text, teamId, ...states, longest(limit)]];
}

function longest(limit: number): number {
  return 2 * limit;
}

/** Undefined when the stretch ended before the states did. */
function wholeCounts(counts: StateCounts, { states, limit }: HeadQuestion): StateCounts | undefined {
  const seen = [...counts.values()].reduce((sum, n) => sum + n, 0);
  if (states.length > 0 && seen >= longest(limit)) return undefined;
  return new Map([...counts].map(([state, n]) => [state, Math.min(n, limit)]));
}

function batchParts({ teamId, batchIds, newestBatches }: HeadQuestion): readonly Part[] {
  const asked = `select 'asked' as what, ${batchColumns} from batches as b
    where b.team_id = ? and b.id in (${placeholders(batchIds)})`;
  return [
    ...(batchIds.length === 0 ? [] : [[asked, teamId, ...batchIds] as const]),
    ...(newestBatches === 0 ? [] : [[unfinishedPart, teamId, newestBatches] as const]),
  ];
}

/** Each by a stretch of its own. */
const countOf = (n: number) =>
  `(select count(*) from (select 1 as one from posts where team_id = ? and state = ? limit ?) as s${n}) as n${n}`;
const eachRows = z.tuple([z.record(z.string(), rowCount)]);

/** The posts in each of these states that has any, of teams with more than `selectListHead` counts. */
export async function countEachState(
  sql: Sql,
  { teamId, limit, states }: Pick<HeadQuestion, 'teamId' | 'limit' | 'states'>,
): Promise<StateCounts> {
  const values = states.flatMap((state) => [teamId, state, limit]);
  const text = `select ${states.map((_state, n) => countOf(n)).join(', ')}`;
  const [row] = eachRows.parse(await readRows(sql, text, values));
  const counts = states.map((state, n) => [state, row[`n${n}`] ?? 0] as const);
  return new Map(counts.filter(([, count]) => count > 0));
}
