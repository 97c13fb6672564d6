import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowId } from '../db/rows.ts';
import { captionKinds, type SavedCaption } from './saved-caption.ts';

const captionRow = z.object({ id: rowId, kind: z.enum(captionKinds), name: z.string(), text: z.string() });

/** By kind and name. */
export async function selectSavedCaptions(sql: Sql, teamId: number): Promise<readonly SavedCaption[]> {
  const rows: unknown = await sql('saved_captions')
    .where({ team_id: teamId })
    .orderBy(['kind', 'name', 'id'])
    .select('id', 'kind', 'name', 'text');
  return z.array(captionRow).parse(rows);
}

export async function selectSavedCaption(
  sql: Sql,
  { teamId, id }: { readonly teamId: number; readonly id: number },
): Promise<SavedCaption | undefined> {
  const rows: unknown[] = await sql('saved_captions')
    .where({ team_id: teamId, id })
    .select('id', 'kind', 'name', 'text');
  return firstRow(captionRow, rows);
}

type Words = Omit<SavedCaption, 'id'>;

export async function insertSavedCaption(
  sql: Sql,
  caption: Words & { readonly teamId: number; readonly createdBy: number; readonly now: number },
): Promise<number> {
  const { teamId, createdBy, now, kind, name, text } = caption;
  const row = { team_id: teamId, kind, name, text, created_by: createdBy, created_at: now, updated_at: now };
  const ids: unknown = await sql('saved_captions').insert(row);
  return z.tuple([rowId]).parse(ids)[0];
}

/** @returns false when it is gone */
export async function updateSavedCaption(
  sql: Sql,
  { teamId, id }: { readonly teamId: number; readonly id: number },
  { now, ...words }: Words & { readonly now: number },
): Promise<boolean> {
  const changed: unknown = await sql('saved_captions')
    .where({ team_id: teamId, id })
    .update({ ...words, updated_at: now });
  return changed === 1;
}

/** @returns false when it is gone */
export async function deleteSavedCaption(
  sql: Sql,
  { teamId, id }: { readonly teamId: number; readonly id: number },
): Promise<boolean> {
  return (await sql('saved_captions').where({ team_id: teamId, id }).delete()) === 1;
}

interface Span {
  readonly teamId: number;
  readonly channelIds: readonly number[];
  /** UTC milliseconds, both included. */
  readonly from: number;
  readonly to: number;
}

/** A text that goes, or went, out. */
export interface PostedText {
  readonly postId: number;
  readonly channelId: number;
  /** UTC milliseconds: when it is due. */
  readonly at: number;
  readonly text: string;
}

/** Enough for a table of hundreds of rows that all say something said before. */
const mostPosted = 2_000;

const postedRow = z.object({ post_id: rowId, channel_id: rowId, due_at: z.int(), caption: z.string() });

/** What goes, or went, out with one of these texts at these channels. The database may take small differences for none. */
export async function selectPostsWithText(
  sql: Sql,
  { teamId, channelIds, from, to }: Span,
  texts: readonly string[],
): Promise<readonly PostedText[]> {
  if (channelIds.length === 0 || texts.length === 0) return [];
  const rows: unknown = await sql('deliveries as d')
    .join('posts as p', 'p.id', 'd.post_id')
    .where('d.team_id', teamId)
    .whereIn('d.channel_id', [...channelIds])
    .whereIn('d.state', ['scheduled', 'publishing', 'processing', 'published', 'needs-attention'])
    .whereBetween('d.due_at', [from, to])
    .where((either) => {
      void either.whereIn('d.caption', [...texts]);
      void either.orWhere((shared) => void shared.whereNull('d.caption').whereIn('p.caption', [...texts]));
    })
    .orderBy(['d.due_at', 'd.id'])
    .limit(mostPosted)
    .select('d.post_id', 'd.channel_id', 'd.due_at', sql.raw('coalesce(d.caption, p.caption) as caption'));
  return z
    .array(postedRow)
    .parse(rows)
    .map((row) => ({ postId: row.post_id, channelId: row.channel_id, at: row.due_at, text: row.caption }));
}
