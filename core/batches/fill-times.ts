import { InputError, type FieldProblem } from '../errors.ts';
import type { Member } from '../posts/post-service.ts';
import { readWallTime } from '../time/zones.ts';
import type { BatchParts } from './batch-parts.ts';
import { draftOf, hashOf, isOpen, readRows } from './batch-rows.ts';
import type { Batch, BatchRow, RowRef } from './batch.ts';
import { slotTimes } from './slot-times.ts';
import { timesOf, type TimePattern } from './time-pattern.ts';

export interface TimeOrder {
  /** From top to bottom. */
  readonly rows: readonly RowRef[];
  readonly by: { readonly kind: 'pattern'; readonly pattern: TimePattern } | { readonly kind: 'slots' };
}

export interface Filled {
  readonly postIds: readonly number[];
  /** When the last of them is planned for, UTC milliseconds; null where none is. */
  readonly endsAt: number | null;
  /** Rows that have no time now because their channels have no free slot. */
  readonly without: number;
}

/** A pattern has at most so many times a day. */
const mostTimes = 24;

/** Each row takes the next time; rows that are scheduled already keep theirs. @throws InputError at from or times */
export async function fillTimes(
  parts: BatchParts,
  member: Member,
  { batch, order }: { readonly batch: Batch; readonly order: TimeOrder },
): Promise<Filled> {
  const rows = await openRowsOf(parts, batch, order.rows);
  const times = await timesFor(parts, { member, order, rows });
  const filled: number[] = [];
  let endsAt: number | null = null;
  for (const [n, row] of rows.entries()) {
    const time = times[n];
    if (time === undefined) continue;
    const [date = '', clock = ''] = time.wall.split('T');
    const version = order.rows.find(({ postId }) => postId === row.post.id)?.version ?? '';
    await parts.posts.revise(member, {
      ...{ postId: row.post.id, version, bodyHash: hashOf('time', row.post.id, version, time.wall) },
      draft: { ...draftOf(row, parts), planned: { date, time: clock } },
    });
    filled.push(row.post.id);
    endsAt = Math.max(endsAt ?? 0, time.at);
  }
  return { postIds: filled, endsAt, without: rows.length - filled.length };
}

async function openRowsOf(parts: BatchParts, batch: Batch, refs: readonly RowRef[]): Promise<readonly BatchRow[]> {
  const ids = refs.map(({ postId }) => postId);
  const rows = await readRows(parts, batch.teamId, ids);
  return rows.filter((row) => row.post.batch?.id === batch.id && isOpen(row));
}

interface Asked {
  readonly member: Member;
  readonly order: TimeOrder;
  readonly rows: readonly BatchRow[];
}

function timesFor(parts: BatchParts, { member, order, rows }: Asked) {
  const { by } = order;
  if (by.kind === 'slots') return slotTimes(parts, { teamId: member.teamId, rows });
  const problems = problemsOf(parts, by.pattern);
  if (problems.length > 0) throw new InputError(problems);
  const place = { zone: member.zone, notBefore: parts.clock.now(), count: rows.length };
  return Promise.resolve(timesOf(by.pattern, place));
}

/** What is wrong with a pattern, at its fields. */
export function problemsOf({ t }: Pick<BatchParts, 't'>, { from, times }: TimePattern): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (readWallTime(from, '00:00') === undefined) problems.push({ field: 'from', message: t('batches:times.noDay') });
  const isTime = (time: string): boolean => readWallTime('2026-01-01', time) !== undefined;
  if (times.length === 0) problems.push({ field: 'times', message: t('batches:times.none') });
  else if (times.length > mostTimes || !times.every(isTime))
    problems.push({ field: 'times', message: t('batches:times.noTime') });
  return problems;
}
