import { z } from 'zod';
import type { Database, Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { deliveryStates, type DeliveryState } from '../deliveries/delivery.ts';
import { type PostPage, pageOfPosts, type PostPlace } from './post-page-store.ts';
import { whenChoices, type BatchPlace, type PlannedTime } from './post.ts';

/** A row of posts with the ids of its files. */
export interface StoredPost {
  readonly id: number;
  readonly teamId: number;
  readonly caption: string;
  readonly nonce: string;
  readonly nonceBody: string;
  readonly version: number;
  readonly editBody: string | null;
  readonly createdBy: { readonly id: number; readonly name: string } | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly state: DeliveryState;
  readonly dueAt: number | null;
  readonly planned: PlannedTime;
  readonly cover: number | null;
  readonly batch: BatchPlace | null;
  readonly mediaIds: readonly number[];
}

interface NewPost {
  readonly teamId: number;
  readonly caption: string;
  readonly nonce: string;
  readonly nonceBody: string;
  readonly createdBy: number;
  readonly state: DeliveryState;
  readonly dueAt: number | null;
  readonly planned: PlannedTime;
  readonly cover: number | null;
  readonly batch: BatchPlace | null;
  readonly now: number;
}

/** What an edit replaces; it takes effect only on the version it was made from. */
interface PostEdit {
  readonly teamId: number;
  readonly postId: number;
  readonly version: number;
  readonly editBody: string;
  readonly caption: string;
  readonly cover: number | null;
  readonly planned: PlannedTime;
  readonly now: number;
}

export interface PostStore {
  insert(post: NewPost, sql: Sql): Promise<number>;
  /** @returns false when one of them was deleted meanwhile: the transaction must be undone */
  setMedia(postId: number, mediaIds: readonly number[], sql: Sql): Promise<boolean>;
  /** @returns false when somebody else changed the post meanwhile */
  edit(edit: PostEdit, sql: Sql): Promise<boolean>;
  /** Only this version of it. @returns false when somebody else changed the post meanwhile */
  delete(post: { teamId: number; id: number; version: number }, sql: Sql): Promise<boolean>;
  find(teamId: number, postId: number): Promise<StoredPost | undefined>;
  findMany(teamId: number, postIds: readonly number[]): Promise<readonly StoredPost[]>;
  findByNonce(teamId: number, nonce: string): Promise<StoredPost | undefined>;
  /** The last changed first. */
  page(place: PostPlace): Promise<PostPage>;
}

const postRow = z
  .object({
    id: rowId,
    team_id: rowId,
    caption: z.string(),
    nonce: z.string(),
    nonce_body: z.string(),
    version: z.int(),
    edit_body: z.string().nullable(),
    created_by: rowId.nullable(),
    author_name: z.string().nullable(),
    created_at: rowTime,
    updated_at: rowTime,
    state: z.enum(deliveryStates),
    due_at: rowTime.nullable(),
    planned_date: z.string().nullable(),
    planned_time: z.string().nullable(),
    planned_when: z.enum(whenChoices).nullable(),
    cover: z.int().nullable(),
    batch_id: rowId.nullable(),
    batch_place: z.int().nullable(),
  })
  .transform((row): Omit<StoredPost, 'mediaIds'> => ({
    id: row.id,
    teamId: row.team_id,
    caption: row.caption,
    nonce: row.nonce,
    nonceBody: row.nonce_body,
    version: row.version,
    editBody: row.edit_body,
    createdBy: row.created_by === null ? null : { id: row.created_by, name: row.author_name ?? '' },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    state: row.state,
    dueAt: row.due_at,
    planned: {
      date: row.planned_date ?? '',
      time: row.planned_time ?? '',
      ...(row.planned_when === null ? {} : { when: row.planned_when }),
    },
    cover: row.cover,
    batch: row.batch_id === null ? null : { id: row.batch_id, place: row.batch_place ?? 0 },
  }));
const mediaRow = z.object({ post_id: rowId, media_id: rowId });

export function createPostStore(database: Database): PostStore {
  const db: Sql = database.knex;
  const findWhere = async (where: Record<string, string | number>): Promise<StoredPost | undefined> =>
    (await readPosts(db, where))[0];
  return {
    insert: insertPost,
    setMedia,
    edit: editPost,

    async delete({ teamId, id, version }, sql) {
      return (await sql('posts').where({ team_id: teamId, id, version }).delete()) === 1;
    },

    find: (teamId, postId) => findWhere({ 'posts.team_id': teamId, 'posts.id': postId }),
    findMany: (teamId, postIds) => readPosts(db, { 'posts.team_id': teamId }, postIds),
    findByNonce: (teamId, nonce) => findWhere({ 'posts.team_id': teamId, 'posts.nonce': nonce }),

    page: (place) => pageOfPosts(database, place),
  };
}

async function insertPost(post: NewPost, sql: Sql): Promise<number> {
  const ids: unknown[] = await sql('posts').insert({
    team_id: post.teamId,
    caption: post.caption,
    nonce: post.nonce,
    nonce_body: post.nonceBody,
    created_by: post.createdBy,
    created_at: post.now,
    updated_at: post.now,
    state: post.state,
    due_at: post.dueAt,
    cover: post.cover,
    batch_id: post.batch?.id ?? null,
    batch_place: post.batch?.place ?? null,
    ...plannedColumns(post.planned),
  });
  return rowId.parse(ids[0]);
}

async function setMedia(postId: number, mediaIds: readonly number[], sql: Sql): Promise<boolean> {
  await sql('post_media').where({ post_id: postId }).delete();
  const rows = mediaIds.map((mediaId, position) => ({ post_id: postId, media_id: mediaId, position }));
  if (rows.length === 0) return true;
  // Locked from here on: a removal waits for this transaction and then sees what needs the file.
  const kept: unknown[] = await sql('media')
    .whereIn('id', [...mediaIds])
    .whereNull('deleted_at')
    .forShare()
    .select('id');
  if (kept.length < new Set(mediaIds).size) return false;
  await sql('post_media').insert(rows);
  return true;
}

async function editPost(edit: PostEdit, sql: Sql): Promise<boolean> {
  const changed: unknown = await sql('posts')
    .where({ team_id: edit.teamId, id: edit.postId, version: edit.version })
    .update({
      caption: edit.caption,
      cover: edit.cover,
      ...plannedColumns(edit.planned),
      edit_body: edit.editBody,
      version: edit.version + 1,
      updated_at: edit.now,
    });
  return changed === 1;
}

function plannedColumns({ date, time, when }: PlannedTime) {
  return {
    planned_date: date === '' ? null : date,
    planned_time: time === '' ? null : time,
    planned_when: when ?? null,
  };
}

async function readPosts(
  sql: Sql,
  where: Record<string, string | number>,
  ids?: readonly number[],
): Promise<readonly StoredPost[]> {
  const query = sql('posts')
    .leftJoin('users', 'users.id', 'posts.created_by')
    .where(where)
    .select('posts.*', { author_name: 'users.name' });
  if (ids !== undefined) void query.whereIn('posts.id', ids);
  const rows: unknown[] = await query;
  const posts = rows.map((row) => postRow.parse(row));
  const media = await readMediaIds(
    sql,
    posts.map(({ id }) => id),
  );
  return posts.map((post) => ({ ...post, mediaIds: media.get(post.id) ?? [] }));
}

async function readMediaIds(sql: Sql, postIds: readonly number[]): Promise<ReadonlyMap<number, readonly number[]>> {
  if (postIds.length === 0) return new Map();
  const rows: unknown[] = await sql('post_media')
    .whereIn('post_id', postIds)
    .select('post_id', 'media_id')
    .orderBy(['post_id', 'position']);
  const byPost = new Map<number, number[]>();
  for (const row of rows) {
    const { post_id: postId, media_id: mediaId } = mediaRow.parse(row);
    byPost.set(postId, [...(byPost.get(postId) ?? []), mediaId]);
  }
  return byPost;
}
