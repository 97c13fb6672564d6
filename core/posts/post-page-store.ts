import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { readRows } from '../db/read-rows.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { deliveryStates, type DeliveryState } from '../deliveries/delivery.ts';
import type { PlannedTime } from './post.ts';

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

/** A post as the list shows it. */
export interface ListedPost {
  readonly id: number;
  /** Its beginning: more than any title needs. */
  readonly caption: string;
  readonly updatedAt: number;
  readonly state: DeliveryState;
  readonly planned: PlannedTime;
  readonly batchId: number | null;
  /** The first of its files, also of one deleted since; null without one. */
  readonly file: { readonly id: number; readonly fileName: string; readonly hasPoster: boolean } | null;
}

export interface PostPage {
  readonly posts: readonly ListedPost[];
  /** To pass as `after` for the newer page. */
  readonly newer: PostKey | null;
  /** To pass as `before` for the older page. */
  readonly older: PostKey | null;
}

/** Of fifty rows a page, so the plain kinds: a transform or a union costs more than all the rest of a row. */
const listedRow = z.object({
  ...{ id: rowId, updated_at: rowTime, caption: z.string(), state: z.enum(deliveryStates) },
  ...{ planned_date: z.string().nullable(), planned_time: z.string().nullable(), batch_id: rowId.nullable() },
  ...{ media_id: rowId.nullable(), file_name: z.string().nullable(), has_poster: z.int() },
});
const listedRows = z.array(listedRow);

function listedPost(row: z.output<typeof listedRow>): ListedPost {
  const { media_id: fileId, file_name: fileName } = row;
  return {
    id: row.id,
    caption: row.caption,
    updatedAt: row.updated_at,
    state: row.state,
    planned: { date: row.planned_date ?? '', time: row.planned_time ?? '' },
    batchId: row.batch_id,
    file: fileId === null || fileName === null ? null : { id: fileId, fileName, hasPoster: row.has_poster === 1 },
  };
}

/** As migrations/006 and 020 make them. */
const indexes = {
  ofTeam: 'posts_team_id_updated_at_id_index',
  ofState: 'posts_team_id_state_updated_at_id_index',
  ofBatch: 'posts_team_id_batch_id_batch_place_id_index',
};

const captionLetters = 1_000;
const columns = `p.id, p.updated_at, substr(p.caption, 1, ${captionLetters}) as caption, p.state, p.planned_date,
  p.planned_time, p.batch_id, m.id as media_id, m.file_name, m.poster_name is not null as has_poster`;
/** The file of another team can be nobody's poster. */
const filesOf = `left join post_media as pm on pm.post_id = p.id and pm.position = 0
  left join media as m on m.id = pm.media_id and m.team_id = p.team_id`;

/** One page of the list. */
export async function pageOfPosts(
  { knex, kind }: Pick<Database, 'knex' | 'kind'>,
  place: PostPlace,
): Promise<PostPage> {
  const { text, values } = idsOfPage(kind, place);
  const statement = `select ${columns} from (${text}) as page join posts as p on p.id = page.id ${filesOf}`;
  const rows = listedRows.parse(await readRows(knex, statement, values));
  return cut(rows.map(listedPost), place);
}

/**
 * The ids of one page. Only columns of the index are asked for, with a bound on `updated_at` of its own: SQLite
 * otherwise reads every row of the team. MariaDB must be told the index, or it reads every row in front of the page.
 */
function idsOfPage(kind: Database['kind'], { teamId, state, batchId, limit, before, after }: PostPlace) {
  const ofAll = state === undefined ? indexes.ofTeam : indexes.ofState;
  const index = batchId === undefined ? ofAll : indexes.ofBatch;
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
