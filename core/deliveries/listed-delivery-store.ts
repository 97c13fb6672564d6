import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { placeholders, readRows } from '../db/read-rows.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { deliveryStates, holds } from './delivery.ts';

/** A delivery as a list of posts shows it, and where it goes. `at`, UTC ms: when it was published, or else is due. */
export type ListedDelivery = z.output<typeof listedRow>;

const listedRow = z
  .object({
    id: rowId,
    post_id: rowId,
    state: z.enum(deliveryStates),
    hold: z.enum(holds).nullable(),
    percent: z.int().nullable(),
    outcome_code: z.string().nullable(),
    at: rowTime.nullable(),
    channel_id: rowId,
    plugin: z.string().nullable(),
    nickname: z.string().nullable(),
    username: z.string().nullable(),
    avatar: z.string().nullable(),
  })
  .transform((row) => ({
    id: row.id,
    postId: row.post_id,
    state: row.state,
    hold: row.hold,
    percent: row.percent,
    outcomeCode: row.outcome_code,
    at: row.at,
    channelId: row.channel_id,
    channel: channelOf(row),
  }));

interface ChannelColumns {
  readonly channel_id: number;
  readonly plugin: string | null;
  readonly nickname: string | null;
  readonly username: string | null;
  readonly avatar: string | null;
}

/** Null where the team has no such channel. */
function channelOf({ channel_id: id, plugin, nickname, username, avatar }: ChannelColumns) {
  return plugin === null || nickname === null ? null : { id, plugin, nickname, username, avatar };
}

const listedRows = z.array(listedRow);

const columns = `d.id, d.post_id, d.state, d.hold, d.percent, d.outcome_code, coalesce(d.published_at, d.due_at) as at,
  d.channel_id, c.plugin, c.nickname, c.username, c.avatar`;

/** Those of one post in a row, the first one made first; of channels that are disconnected, too. */
export async function selectListedDeliveries(
  sql: Sql,
  teamId: number,
  postIds: readonly number[],
): Promise<readonly ListedDelivery[]> {
  if (postIds.length === 0) return [];
  const text = `select ${columns} from deliveries as d
    left join channels as c on c.id = d.channel_id and c.team_id = d.team_id
    where d.team_id = ? and d.post_id in (${placeholders(postIds)})`;
  const rows = listedRows.parse(await readRows(sql, text, [teamId, ...postIds]));
  return rows.sort((one, other) => one.postId - other.postId || one.id - other.id);
}
