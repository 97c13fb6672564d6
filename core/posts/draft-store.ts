import { z } from 'zod';
import type { Json } from '#plugin-api';
import type { Sql } from '../db/database.ts';
import { rowId } from '../db/rows.ts';

/** Who wrote the version of a post that stands; null where nobody noted it. */
export interface Reviser {
  readonly id: number;
  readonly name: string;
}

interface DraftDelivery {
  readonly id: number;
  readonly caption: string | null;
  readonly options: Json;
  readonly now: number;
}

/** A draft's delivery while it is being written: no line in its timeline, for nothing of it is due. */
export async function rewriteDraftDelivery(sql: Sql, { id, caption, options, now }: DraftDelivery): Promise<void> {
  await sql('deliveries')
    .where({ id, state: 'draft' })
    .update({ caption, options: JSON.stringify(options), updated_at: now });
}

/** To be noted in the transaction that wrote the version. */
export async function noteReviser(
  sql: Sql,
  { postId, version, personId }: { readonly postId: number; readonly version: number; readonly personId: number },
): Promise<void> {
  await sql('posts').where({ id: postId, version }).update({ revised_by: personId, revised_version: version });
}

const reviserRow = z.object({ id: rowId, name: z.string() });

export async function findReviser(sql: Sql, postId: number): Promise<Reviser | null> {
  const row: unknown = await sql('posts')
    .join('users', 'users.id', 'posts.revised_by')
    .where('posts.id', postId)
    .whereRaw('posts.revised_version = posts.version')
    .first({ id: 'users.id', name: 'users.name' });
  return row === undefined ? null : reviserRow.parse(row);
}
