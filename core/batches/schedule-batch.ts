import { ConflictError, InputError } from '../errors.ts';
import { agreedWords } from '../posts/agreed-words.ts';
import type { Member } from '../posts/post-service.ts';
import type { BatchParts } from './batch-parts.ts';
import { hashOf, isOpen, readRows } from './batch-rows.ts';
import type { Batch, BatchRow, RowRef } from './batch.ts';
import { channelsOf } from './check-batch.ts';
import { readyRow, type ReadyRow } from './row-draft.ts';

export interface ScheduleOrder {
  readonly rows: readonly RowRef[];
  /** The press's own number. */
  readonly nonce: string;
  /** The texts that stood above the button, by plugin. */
  readonly shown: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Scheduled {
  readonly scheduled: number;
  /** Something is missing or does not fit; the table says what. */
  readonly refused: number;
  /** Somebody else has changed them since the page was drawn. */
  readonly changed: number;
}

type Outcome = keyof Scheduled;

/**
 * Row by row, each in a transaction of its own and by the rules of every other post: what fits is scheduled, what does
 * not stays a draft. Each network is asked once for each channel.
 */
export async function scheduleRows(
  parts: BatchParts,
  member: Member,
  { batch, order }: { readonly batch: Batch; readonly order: ScheduleOrder },
): Promise<Scheduled> {
  const posts = parts.posts.forMany();
  const ids = order.rows.map(({ postId }) => postId);
  const rows = (await readRows(parts, batch.teamId, ids)).filter(({ post }) => post.batch?.id === batch.id);
  const channels = await channelsOf(parts, batch.teamId, rows);
  const count = { scheduled: 0, refused: 0, changed: 0 };
  for (const row of rows) {
    const version = order.rows.find(({ postId }) => postId === row.post.id)?.version ?? '';
    const ready = readyRow(parts, { row, options: batch.options, channels, zone: member.zone });
    const outcome = await scheduleRow({ ...parts, posts }, member, { row, ready, version, order });
    if (outcome !== undefined) count[outcome] += 1;
  }
  return count;
}

interface Scheduling {
  readonly row: BatchRow;
  readonly ready: ReadyRow;
  readonly version: string;
  readonly order: ScheduleOrder;
}

/** @returns undefined for a row that has gone out or was cancelled since */
async function scheduleRow(
  { posts, texts }: Pick<BatchParts, 'posts' | 'texts'>,
  member: Member,
  { row, ready, version, order }: Scheduling,
): Promise<Outcome | undefined> {
  const { post } = row;
  const bodyHash = hashOf('schedule', order.nonce, post.id);
  // Pressed twice: it is on its way already.
  if (!isOpen(row)) return post.state === 'scheduled' ? 'scheduled' : undefined;
  if (ready.timeProblem !== null) return 'refused';
  // Agreed to is only what stood on the page.
  const declarations = new Map(
    [...ready.draft.declarations].flatMap(([plugin, text]): (readonly [string, string])[] => {
      const words = agreedWords(texts, order.shown.get(plugin) ?? new Set(), text);
      return words === undefined ? [] : [[plugin, words]];
    }),
  );
  try {
    await posts.revise(member, { postId: post.id, version, bodyHash, draft: { ...ready.draft, declarations } });
    return 'scheduled';
  } catch (error) {
    if (error instanceof InputError) return 'refused';
    if (error instanceof ConflictError) return 'changed';
    throw error;
  }
}
