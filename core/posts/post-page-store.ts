import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';
import type { DeliveryState } from '../deliveries/delivery.ts';

/** Where a post stands in the list: the last changed first, then the higher id. */
interface PostKey {
  readonly at: number;
  readonly id: number;
}

export interface PostPlace {
  readonly teamId: number;
  readonly state: DeliveryState | undefined;
  /** Only the posts of this table. */
  readonly batchId?: number | undefined;
  readonly limit: number;
  /** The page after this post, towards the older ones. */
  readonly before?: PostKey;
  /** The page in front of this post, towards the newer ones. */
  readonly after?: PostKey;
}

export interface PageOfIds {
  readonly ids: readonly number[];
  /** To pass as `after` for the newer page. */
  readonly newer: PostKey | null;
  /** To pass as `before` for the older page. */
  readonly older: PostKey | null;
}

interface PageReader {
  readonly sql: Sql;
  readonly kind: Database['kind'];
}

const keyRow = z
  .object({ id: rowId, updated_at: rowTime })
  .transform(({ id, updated_at: at }): PostKey => ({ at, id }));

/** As migrations/006 and 020 make them. */
const indexes = {
  ofTeam: 'posts_team_id_updated_at_id_index',
  ofState: 'posts_team_id_state_updated_at_id_index',
  ofBatch: 'posts_team_id_batch_id_batch_place_id_index',
};

/**
 * The ids of one page. Only columns of the index are asked for, with a bound on `updated_at` of its own: SQLite
 * otherwise reads every row of the team. MariaDB must be told the index, or it reads every row in front of the page.
 */
export async function pageOfPosts({ sql, kind }: PageReader, place: PostPlace): Promise<PageOfIds> {
  const isBackwards = place.after !== undefined;
  const key = place.after ?? place.before;
  const ofAll = place.state === undefined ? indexes.ofTeam : indexes.ofState;
  const index = place.batchId === undefined ? ofAll : indexes.ofBatch;
  const query = sql
    .from(kind === 'mysql' ? sql.raw('posts force index (??)', [index]) : 'posts')
    .select('id', 'updated_at')
    .where({ team_id: place.teamId, ...(place.state === undefined ? {} : { state: place.state }) });
  if (place.batchId !== undefined) void query.where({ batch_id: place.batchId });
  if (key !== undefined) {
    const further = isBackwards ? '>' : '<';
    void query
      .where('updated_at', `${further}=`, key.at)
      .where((either) => void either.where('updated_at', further, key.at).orWhere('id', further, key.id));
  }
  const order = isBackwards ? 'asc' : 'desc';
  const rows: unknown[] = await query
    .orderBy([
      { column: 'updated_at', order },
      { column: 'id', order },
    ])
    .limit(place.limit + 1);
  return cut(
    rows.map((row) => keyRow.parse(row)),
    place,
  );
}

/** One row more than asked for tells whether the list goes on in the direction of reading. */
function cut(rows: readonly PostKey[], place: PostPlace): PageOfIds {
  const goesOn = rows.length > place.limit;
  const isBackwards = place.after !== undefined;
  const kept = rows.slice(0, place.limit);
  const keys = isBackwards ? kept.reverse() : kept;
  const hasNewer = isBackwards ? goesOn : place.before !== undefined;
  const hasOlder = isBackwards || goesOn;
  return {
    ids: keys.map(({ id }) => id),
    newer: hasNewer ? (keys[0] ?? null) : null,
    older: hasOlder ? (keys.at(-1) ?? null) : null,
  };
}
