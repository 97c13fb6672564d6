import type { Database } from '../db/database.ts';
import { readRows } from '../db/read-rows.ts';
import type { DeliveryState } from '../deliveries/delivery.ts';
import { type ListedPost, listedColumns, listedTables, postsOfRows } from './listed-post.ts';

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

export interface PostPage {
  readonly posts: readonly ListedPost[];
  /** To pass as `after` for the newer page. */
  readonly newer: PostKey | null;
  /** To pass as `before` for the older page. */
  readonly older: PostKey | null;
}

/** As migrations/006 and 020 make them. */
export const postIndexes = {
  ofTeam: 'posts_team_id_updated_at_id_index',
  ofState: 'posts_team_id_state_updated_at_id_index',
  ofBatch: 'posts_team_id_batch_id_batch_place_id_index',
};

/** One page of the list, with where its posts go: in one statement, since each is a journey to the database. */
export async function pageOfPosts(
  { knex, kind }: Pick<Database, 'knex' | 'kind'>,
  place: PostPlace,
): Promise<PostPage> {
  const { text, values } = idsOfPage(kind, place);
  const statement = `select ${listedColumns} from (${text}) as page join posts as p on p.id = page.id ${listedTables}`;
  return cut(postsOfRows(await readRows(knex, statement, values)), place);
}

/**
 * The ids of one page. Only columns of the index are asked for, with a bound on `updated_at` of its own: SQLite
 * otherwise reads every row of the team. MariaDB must be told the index, or it reads every row in front of the page.
 */
function idsOfPage(kind: Database['kind'], { teamId, state, batchId, limit, before, after }: PostPlace) {
  const ofAll = state === undefined ? postIndexes.ofTeam : postIndexes.ofState;
  const index = batchId === undefined ? ofAll : postIndexes.ofBatch;
  const isBackwards = after !== undefined;
  const key = after ?? before;
  const further = isBackwards ? '>' : '<';
  const order = isBackwards ? 'asc' : 'desc';
  const conditions: readonly (readonly [string, ...(string | number)[]])[] = [
    ['team_id = ?', teamId],
    ...(state === undefined ? [] : [['state = ?', state] as const]),
    ...(batchId === undefined ? [] : [['batch_id = ?', batchId] as const]),
    ...(key === undefined
      ? []
      : [
          [`updated_at ${further}= ?`, key.at] as const,
          [`(updated_at ${further} ? or id ${further} ?)`, key.at, key.id] as const,
        ]),
  ];
  const where = conditions.map(([condition]) => condition).join(' and ');
  const table = kind === 'mysql' ? `posts force index (${index})` : 'posts';
  return {
    text: `select id from ${table} where ${where} order by updated_at ${order}, id ${order} limit ?`,
    values: [...conditions.flatMap(([, ...values]) => values), limit + 1],
  };
}

/** One row more than asked for tells whether the list goes on in the direction of reading. */
function cut(found: readonly ListedPost[], place: PostPlace): PostPage {
  const isBackwards = place.after !== undefined;
  // Joined, they come in any order.
  const rows = [...found].sort((one, other) => other.updatedAt - one.updatedAt || other.id - one.id);
  const goesOn = rows.length > place.limit;
  const posts = !goesOn ? rows : isBackwards ? rows.slice(1) : rows.slice(0, place.limit);
  const hasNewer = isBackwards ? goesOn : place.before !== undefined;
  const hasOlder = isBackwards || goesOn;
  return {
    posts,
    newer: hasNewer ? keyOf(posts[0]) : null,
    older: hasOlder ? keyOf(posts.at(-1)) : null,
  };
}

function keyOf(post: ListedPost | undefined): PostKey | null {
  return post === undefined ? null : { at: post.updatedAt, id: post.id };
}
