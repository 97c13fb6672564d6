import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';
import type { PlannedTime } from '../posts/post.ts';
import type { Slot } from './slot.ts';

/** The weekly slots of a team's channel. */
export interface ChannelSlots {
  readonly channelId: number;
  /** The team's zone. */
  readonly zone: string;
  readonly slots: readonly Slot[];
}

/** One statement. Channels without slots come with none, those that are not the team's not at all. */
export async function selectChannelSlots(
  sql: Sql,
  teamId: number,
  channelIds: readonly number[],
): Promise<readonly ChannelSlots[]> {
  if (channelIds.length === 0) return [];
  const rows: unknown = await sql('channels as c')
    .join('teams as t', 't.id', 'c.team_id')
    .leftJoin('posting_slots as s', 's.channel_id', 'c.id')
    .where('c.team_id', teamId)
    .whereIn('c.id', [...channelIds])
    .orderBy(['c.id', 's.weekday', 's.wall_time'])
    .select('c.id', 't.zone', 's.weekday', 's.wall_time');
  const found = new Map<number, { readonly zone: string; readonly slots: Slot[] }>();
  for (const { id, zone, weekday, wall_time: time } of z.array(slotRow).parse(rows)) {
    const channel = found.get(id) ?? { zone, slots: [] };
    found.set(id, channel);
    if (weekday !== null && time !== null) channel.slots.push({ weekday, time });
  }
  return [...found].map(([channelId, channel]) => ({ channelId, ...channel }));
}

export async function replaceSlots(sql: Sql, channelId: number, slots: readonly Slot[]): Promise<void> {
  await sql('posting_slots').where({ channel_id: channelId }).delete();
  if (slots.length === 0) return;
  await sql('posting_slots').insert(
    slots.map(({ weekday, time }) => ({ channel_id: channelId, weekday, wall_time: time })),
  );
}

interface Span {
  readonly channelIds: readonly number[];
  /** UTC milliseconds. */
  readonly from: number;
  /** What is still ahead of these does not count. */
  readonly exceptPostIds: readonly number[];
}

/** When something goes out, or went out, at these channels. */
export async function selectDueTimes(
  sql: Sql,
  { channelIds, from, exceptPostIds }: Span,
): Promise<readonly { readonly channelId: number; readonly at: number }[]> {
  const rows: unknown = await sql('deliveries')
    .whereIn('channel_id', [...channelIds])
    .whereIn('state', ['scheduled', 'publishing', 'processing', 'published'])
    .where('due_at', '>=', from)
    .where((held) => void held.whereNot('state', 'scheduled').orWhereNotIn('post_id', [...exceptPostIds]))
    .select('channel_id', 'due_at');
  return z
    .array(z.object({ channel_id: rowId, due_at: rowTime }))
    .parse(rows)
    .map((row) => ({ channelId: row.channel_id, at: row.due_at }));
}

/** What drafts of these channels are planned for, as typed. @param fromDate e.g. `2026-12-10` */
export async function selectPlannedDrafts(
  sql: Sql,
  {
    channelIds,
    exceptPostIds,
    fromDate,
  }: {
    readonly channelIds: readonly number[];
    readonly exceptPostIds: readonly number[];
    readonly fromDate: string;
  },
): Promise<readonly { readonly channelId: number; readonly planned: PlannedTime }[]> {
  const rows: unknown = await sql('deliveries as d')
    .join('posts as p', 'p.id', 'd.post_id')
    .whereIn('d.channel_id', [...channelIds])
    .whereNotIn('d.post_id', [...exceptPostIds])
    .where('d.state', 'draft')
    .where('p.planned_date', '>=', fromDate)
    .whereNotNull('p.planned_time')
    .select('d.channel_id', 'p.planned_date', 'p.planned_time');
  return z
    .array(z.object({ channel_id: rowId, planned_date: z.string(), planned_time: z.string() }))
    .parse(rows)
    .map((row) => ({ channelId: row.channel_id, planned: { date: row.planned_date, time: row.planned_time } }));
}

const slotRow = z.object({
  id: rowId,
  zone: z.string(),
  weekday: z.int().nullable(),
  wall_time: z.string().nullable(),
});
