import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { placeholders, readRows } from '../db/read-rows.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { ofTeam } from './delivery-store.ts';
import { type DeliveryState, deliveryStates, type Hold, holds } from './delivery.ts';

/** A delivery as a list of posts shows it, and where it goes. */
export interface ListedDelivery {
  readonly id: number;
  readonly postId: number;
  readonly state: DeliveryState;
  readonly hold: Hold | null;
  readonly percent: number | null;
  readonly outcomeCode: string | null;
  /** When it was published, or else is due, UTC milliseconds. */
  readonly at: number | null;
  readonly channelId: number;
  /** Null where the team has no such channel. */
  readonly channel: {
    readonly id: number;
    readonly plugin: string;
    readonly nickname: string;
    readonly username: string | null;
    readonly avatar: string | null;
  } | null;
}

/** Of many rows a page, so the plain kinds: a transform or a union costs more than all the rest of a row. */
const listedRow = z.object({
  ...{ id: rowId, post_id: rowId, state: z.enum(deliveryStates), hold: z.enum(holds).nullable() },
  ...{ percent: z.int().nullable(), outcome_code: z.string().nullable(), at: rowTime.nullable() },
  ...{ channel_id: rowId, plugin: z.string().nullable(), nickname: z.string().nullable() },
  ...{ username: z.string().nullable(), avatar: z.string().nullable() },
});
const listedRows = z.array(listedRow);

function listedDelivery(row: z.output<typeof listedRow>): ListedDelivery {
  const { channel_id: channelId, plugin, nickname, username, avatar } = row;
  return {
    id: row.id,
    postId: row.post_id,
    state: row.state,
    hold: row.hold,
    percent: row.percent,
    outcomeCode: row.outcome_code,
    at: row.at,
    channelId,
    channel: plugin === null || nickname === null ? null : { id: channelId, plugin, nickname, username, avatar },
  };
}

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
    where ${ofTeam} = ? and d.post_id in (${placeholders(postIds)})`;
  const rows = listedRows.parse(await readRows(sql, text, [teamId, ...postIds]));
  return rows.map(listedDelivery).sort((one, other) => one.postId - other.postId || one.id - other.id);
}
