import { z } from 'zod';
import { rowId, rowTime } from '../db/rows.ts';
import { type DeliveryState, deliveryStates, type Hold, holds } from '../deliveries/delivery.ts';
import type { PlannedTime } from './post.ts';

/** A post as the list shows it. */
export interface ListedPost {
  readonly id: number;
  /** Its beginning: more than any title needs. */
  readonly caption: string;
  readonly updatedAt: number;
  readonly state: DeliveryState;
  readonly planned: PlannedTime;
  readonly batchId: number | null;
  /** The first of its files, also of one deleted since; null without one. */
  readonly file: { readonly id: number; readonly fileName: string; readonly hasPoster: boolean } | null;
  /** The first one made first; of channels that are disconnected, too. */
  readonly deliveries: readonly ListedDelivery[];
}

/** A delivery as a list of posts shows it, and where it goes. */
export interface ListedDelivery {
  readonly id: number;
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

const captionLetters = 600;

/** What `postsOfRows` reads, of `listedTables`. */
export const listedColumns = `p.id, p.updated_at, substr(p.caption, 1, ${captionLetters}) as caption, p.state,
  p.planned_date, p.planned_time, p.batch_id, m.id as media_id, m.file_name, m.poster_name is not null as has_poster,
  d.id as delivery_id, d.state as delivery_state, d.hold, d.percent, d.outcome_code,
  coalesce(d.published_at, d.due_at) as at, d.channel_id, c.plugin, c.nickname, c.username, c.avatar`;
/**
 * To be joined to posts `p`: a row for each delivery, and one for a post without. The file or the channel of another
 * team can be nobody's. The plus keeps databases from an index over teams: SQLite, which has counted nothing, would read
 * every delivery of the team for each post.
 */
export const listedTables = `left join post_media as pm on pm.post_id = p.id and pm.position = 0
  left join media as m on m.id = pm.media_id and m.team_id = p.team_id
  left join deliveries as d on d.post_id = p.id and +d.team_id = p.team_id
  left join channels as c on c.id = d.channel_id and c.team_id = d.team_id`;

/** zod writes a function for it, which takes a tenth of its usual time for fifty rows. */
const listedRows = z.compile(
  z.array(
    z.object({
      ...{ id: rowId, updated_at: rowTime, caption: z.string(), state: z.enum(deliveryStates) },
      ...{ planned_date: z.string().nullable(), planned_time: z.string().nullable(), batch_id: rowId.nullable() },
      ...{ media_id: rowId.nullable(), file_name: z.string().nullable(), has_poster: z.int() },
      ...{ delivery_id: rowId.nullable(), delivery_state: z.enum(deliveryStates).nullable() },
      ...{ hold: z.enum(holds).nullable(), percent: z.int().nullable(), outcome_code: z.string().nullable() },
      ...{ at: rowTime.nullable(), channel_id: rowId.nullable(), plugin: z.string().nullable() },
      ...{ nickname: z.string().nullable(), username: z.string().nullable(), avatar: z.string().nullable() },
    }),
  ),
);
type ListedRow = z.output<typeof listedRows>[number];

interface MutablePost extends ListedPost {
  readonly deliveries: ListedDelivery[];
}

/** Each post once, in the order in which they come. @param rows as the database has answered them */
export function postsOfRows(rows: readonly unknown[]): readonly ListedPost[] {
  const posts = new Map<number, MutablePost>();
  for (const row of listedRows.parse(rows)) {
    const post = posts.get(row.id) ?? listedPost(row);
    posts.set(row.id, post);
    const delivery = listedDelivery(row);
    if (delivery !== undefined) post.deliveries.push(delivery);
  }
  for (const { deliveries } of posts.values()) deliveries.sort((one, other) => one.id - other.id);
  return [...posts.values()];
}

function listedPost(row: ListedRow): MutablePost {
  const { media_id: fileId, file_name: fileName } = row;
  return {
    id: row.id,
    caption: row.caption,
    updatedAt: row.updated_at,
    state: row.state,
    planned: { date: row.planned_date ?? '', time: row.planned_time ?? '' },
    batchId: row.batch_id,
    file: fileId === null || fileName === null ? null : { id: fileId, fileName, hasPoster: row.has_poster === 1 },
    deliveries: [],
  };
}

/** Undefined for a post that goes nowhere yet. */
function listedDelivery(row: ListedRow): ListedDelivery | undefined {
  const { delivery_id: id, delivery_state: state, channel_id: channelId } = row;
  if (id === null || state === null || channelId === null) return undefined;
  const { hold, percent, outcome_code: outcomeCode, at, plugin, nickname, username, avatar } = row;
  const channel = plugin === null || nickname === null ? null : { id: channelId, plugin, nickname, username, avatar };
  return { id, state, hold, percent, outcomeCode, at, channelId, channel };
}
