import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { placeholders, readRows } from '../db/read-rows.ts';
import { rowBoolean, rowCount, rowId, rowTime } from '../db/rows.ts';

/** A batch as the list of posts names it. */
export interface BatchSummary {
  readonly id: number;
  /** UTC ms. */
  readonly createdAt: number;
  readonly posts: number;
}

/** Which batches of a team a page of its posts names. */
export interface BatchQuestion {
  readonly teamId: number;
  readonly ids: readonly number[];
  /** Of so many of the newest also those that still have drafts; 0: none. */
  readonly newest: number;
}

const summaryRows = z.array(
  z
    .object({ is_asked: rowBoolean, id: rowId, created_at: rowTime, posts: rowCount })
    .transform(({ is_asked: isAsked, created_at: createdAt, ...row }) => ({ isAsked, ...row, createdAt })),
);

/** By the index of a batch's rows. */
const postsOf = 'from posts as p where p.team_id = b.team_id and p.batch_id = b.id';
const columns = `b.id as id, b.created_at as created_at, (select count(*) ${postsOf}) as posts`;
const unfinishedPart = `select 0 as is_asked, ${columns}
  from (select id, team_id, created_at from batches where team_id = ? order by created_at desc, id desc limit ?) as b
  where exists (select 1 ${postsOf} and p.state = 'draft')`;

/** Those that were asked for by id, in any order, and those that have drafts, the newest first. */
export async function selectSummaries(sql: Sql, { teamId, ids, newest }: BatchQuestion) {
  const parts = [
    ...(ids.length === 0
      ? []
      : [`select 1 as is_asked, ${columns} from batches as b where b.team_id = ? and b.id in (${placeholders(ids)})`]),
    ...(newest === 0 ? [] : [unfinishedPart]),
  ];
  const values = [...(ids.length === 0 ? [] : [teamId, ...ids]), ...(newest === 0 ? [] : [teamId, newest])];
  const rows = parts.length === 0 ? [] : summaryRows.parse(await readRows(sql, parts.join(' union all '), values));
  const some = (isWanted: boolean): readonly BatchSummary[] =>
    rows.flatMap(({ isAsked, ...batch }) => (isAsked === isWanted ? [batch] : []));
  return {
    asked: some(true),
    unfinished: [...some(false)].sort((one, other) => other.createdAt - one.createdAt || other.id - one.id),
  };
}
