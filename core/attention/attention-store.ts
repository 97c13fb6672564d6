import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowCount, rowId, rowTime } from '../db/rows.ts';
import { type AskingState, askingStates, type AttentionKey, type AttentionPlace } from './attention.ts';

interface Asking extends AttentionKey {
  readonly postId: number;
}

interface PageOfAsking {
  readonly rows: readonly Asking[];
  /** Whether the list goes on in front of these rows, and behind them. */
  readonly hasBefore: boolean;
  readonly hasMore: boolean;
}

/** One page, read along the index over team, state and due time: no more rows than it shows, and one. */
export async function selectAsking(sql: Sql, { teamId, limit, turn }: AttentionPlace): Promise<PageOfAsking> {
  const isBack = turn?.to === 'back';
  const all = isBack ? [...askingStates].reverse() : [...askingStates];
  const states = turn === undefined ? all : all.slice(all.indexOf(turn.from.state));
  const found: Asking[] = [];
  for (const state of states) {
    if (found.length > limit) break;
    const from = turn?.from.state === state ? turn.from : undefined;
    found.push(...(await inState(sql, { teamId, state, from, isBack, limit: limit + 1 - found.length })));
  }
  const goesOn = found.length > limit;
  const kept = found.slice(0, limit);
  return {
    rows: isBack ? kept.reverse() : kept,
    hasBefore: isBack ? goesOn : turn !== undefined,
    hasMore: isBack || goesOn,
  };
}

interface Stretch {
  readonly teamId: number;
  readonly state: AskingState;
  readonly from: AttentionKey | undefined;
  readonly isBack: boolean;
  readonly limit: number;
}

async function inState(sql: Sql, { teamId, state, from, isBack, limit }: Stretch): Promise<readonly Asking[]> {
  const query = sql('deliveries').where({ team_id: teamId, state }).whereNotNull('due_at');
  const further = isBack ? '>' : '<';
  if (from !== undefined) {
    void query
      .where('due_at', `${further}=`, from.dueAt)
      .where((either) => void either.where('due_at', further, from.dueAt).orWhere('id', further, from.id));
  }
  const order = isBack ? 'asc' : 'desc';
  const rows: unknown = await query
    .orderBy([
      { column: 'due_at', order },
      { column: 'id', order },
    ])
    .limit(limit)
    .select('id', 'post_id', 'due_at');
  return z
    .array(z.object({ id: rowId, post_id: rowId, due_at: rowTime }))
    .parse(rows)
    .map(({ id, post_id: postId, due_at: dueAt }) => ({ id, postId, dueAt, state }));
}

/** How many deliveries of the team ask for somebody. */
export async function countAsking(sql: Sql, teamId: number): Promise<number> {
  const rows: unknown[] = await sql('deliveries')
    .where({ team_id: teamId })
    .whereIn('state', [...askingStates])
    .whereNotNull('due_at')
    .count({ n: '*' });
  return firstRow(z.object({ n: rowCount }), rows)?.n ?? 0;
}

/** Connected channels of the team by id whose access can be renewed only until a moment before the given one. */
export async function selectEndingAccess(
  sql: Sql,
  teamId: number,
  before: number,
): Promise<ReadonlyMap<number, number>> {
  const rows: unknown = await sql('channels as c')
    .join('credentials as k', 'k.id', 'c.credential_id')
    .where({ 'c.team_id': teamId, 'k.state': 'valid' })
    .where('k.refresh_expires_at', '<=', before)
    .whereNull('c.disconnected_at')
    .select('c.id', 'k.refresh_expires_at');
  const found = z.array(z.object({ id: rowId, refresh_expires_at: rowTime })).parse(rows);
  return new Map(found.map((row) => [row.id, row.refresh_expires_at]));
}
