import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { rowId } from '../db/rows.ts';
import { refreshPostSummary } from '../deliveries/post-summary-store.ts';
import { newNonce } from '../posts/post-form.ts';

interface Separation {
  readonly teamId: number;
  readonly postId: number;
  /** UTC ms. */
  readonly now: number;
}

/**
 * A post with the text, the files and the planned time of another one, which takes over its drafts and what people have
 * typed over it and not saved. @returns its id; undefined when there is no draft any more
 */
export async function insertPostOfDrafts(sql: Sql, { teamId, postId, now }: Separation): Promise<number | undefined> {
  // Locked: whoever comes at the same time finds no drafts.
  const rows: unknown[] = await sql('posts').where({ team_id: teamId, id: postId }).forUpdate().select('*');
  const drafts = () => sql('deliveries').where({ team_id: teamId, post_id: postId, state: 'draft' });
  const ids = z.array(z.object({ id: rowId })).parse(await drafts().forUpdate().select('id'));
  if (rows.length === 0 || ids.length === 0) return undefined;
  const row = z.record(z.string(), z.unknown()).parse(rows[0]);
  const copied = Object.fromEntries(Object.entries(row).filter(([column]) => column !== 'id'));
  const own = { nonce: newNonce(), edit_body: null, created_at: now, updated_at: now, due_at: null, state: 'draft' };
  const made: unknown[] = await sql('posts').insert({ ...copied, ...own });
  const apart = rowId.parse(made[0]);
  const files = sql('post_media')
    .where({ post_id: postId })
    .select(sql.raw('?', [apart]), 'media_id', 'position');
  await sql(sql.raw('?? (??, ??, ??)', ['post_media', 'post_id', 'media_id', 'position'])).insert(files);
  await drafts().update({ post_id: apart });
  await sql('working_copies').where({ post_id: postId }).update({ post_id: apart });
  await refreshPostSummary(sql, postId, apart);
  return apart;
}
