import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { rowTime } from '../db/rows.ts';
import type { TypedPost } from './post-form.ts';

/** What one person has typed over a scheduled post and not saved to it; never a declaration. */
export interface WorkingCopy {
  /** The version of the post that it was typed over. */
  readonly version: number;
  readonly form: CopiedForm;
  /** UTC milliseconds. */
  readonly updatedAt: number;
}

export type CopiedForm = Pick<
  TypedPost,
  'caption' | 'captions' | 'channelIds' | 'mediaIds' | 'cover' | 'options' | 'when' | 'date' | 'time'
>;

interface CopyPlace {
  readonly postId: number;
  readonly personId: number;
}

const byChannel = <Value extends z.ZodType>(value: Value) => z.array(z.tuple([z.int(), value]));
const copiedForm = z.object({
  caption: z.string(),
  captions: byChannel(z.string()),
  channelIds: z.array(z.int()),
  mediaIds: z.array(z.int()),
  cover: z.int().nullable(),
  options: byChannel(z.record(z.string(), z.string())),
  when: z.enum(['immediately', 'schedule', 'draft']),
  date: z.string(),
  time: z.string(),
});
const copyRow = z
  .object({ version: z.int(), form: z.string(), updated_at: rowTime })
  .transform(({ version, form, updated_at: updatedAt }): WorkingCopy => {
    const { captions, options, ...read } = copiedForm.parse(JSON.parse(form));
    return { version, form: { ...read, captions: new Map(captions), options: new Map(options) }, updatedAt };
  });

/** Replaces the copy that the person had. */
export async function saveWorkingCopy(sql: Sql, { postId, personId }: CopyPlace, copy: WorkingCopy): Promise<void> {
  const { caption, captions, channelIds, mediaIds, cover, options, when, date, time } = copy.form;
  const rest = { caption, channelIds, mediaIds, cover, when, date, time };
  const form = JSON.stringify({ ...rest, captions: [...captions], options: [...options] });
  await sql('working_copies')
    .insert({ post_id: postId, user_id: personId, version: copy.version, form, updated_at: copy.updatedAt })
    .onConflict(['post_id', 'user_id'])
    .merge(['version', 'form', 'updated_at']);
}

export async function findWorkingCopy(sql: Sql, { postId, personId }: CopyPlace): Promise<WorkingCopy | undefined> {
  const row: unknown = await sql('working_copies')
    .where({ post_id: postId, user_id: personId })
    .first('version', 'form', 'updated_at');
  return row === undefined ? undefined : copyRow.parse(row);
}

export async function removeWorkingCopy(sql: Sql, { postId, personId }: CopyPlace): Promise<void> {
  await sql('working_copies').where({ post_id: postId, user_id: personId }).delete();
}
