import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { rowId, rowTime } from '../db/rows.ts';
import { deliveryStates, holds } from './delivery.ts';
import type { PublishingWork } from './publishing-store.ts';

/** What of a delivery must be known to store what becomes of it: nothing that has to be read out of a text. */
export interface LedgerWork extends Pick<PublishingWork, 'id' | 'postId' | 'teamId' | 'plugin' | 'state' | 'hold'> {
  readonly view: {
    readonly caption: string;
    readonly media: readonly { readonly fileName: string }[];
    readonly channel: Pick<PublishingWork['view']['channel'], 'id' | 'nickname' | 'state'>;
  };
}

export interface ReadableWork extends LedgerWork {
  /** The open attempt. */
  readonly attempt: { readonly n: number; readonly pointOfNoReturnAt: number | null } | null;
}

/** Of a delivery whose rows cannot be read as a whole. @returns undefined when it is gone */
export async function loadReadableWork(sql: Sql, deliveryId: number): Promise<ReadableWork | undefined> {
  const rows: unknown = await sql('deliveries as d')
    .join('posts as p', 'p.id', 'd.post_id')
    .join('channels as c', 'c.id', 'd.channel_id')
    .leftJoin('attempts as a', (join) => {
      join.on('a.delivery_id', 'd.id').onVal('a.outcome', 'open');
    })
    .where('d.id', deliveryId)
    .select('d.id', 'd.post_id', 'd.team_id', 'd.plugin', 'd.state', 'd.hold')
    .select(sql.raw('coalesce(d.caption, p.caption) as caption'))
    .select('c.id as channel_id', 'c.nickname', 'a.n', 'a.point_of_no_return_at');
  return z.array(readableRow).parse(rows)[0];
}

const readableRow = z
  .object({
    id: rowId,
    post_id: rowId,
    team_id: rowId,
    plugin: z.string(),
    state: z.enum(deliveryStates),
    hold: z.enum(holds).nullable(),
    caption: z.string(),
    channel_id: rowId,
    nickname: z.string(),
    n: z.int().nullable(),
    point_of_no_return_at: rowTime.nullable(),
  })
  .transform(({ id, plugin, state, hold, caption, nickname, n, ...row }): ReadableWork => {
    const channel = { id: row.channel_id, nickname, state: 'connected' } as const;
    const place = { id, postId: row.post_id, teamId: row.team_id };
    const attempt = n === null ? null : { n, pointOfNoReturnAt: row.point_of_no_return_at };
    return { ...place, plugin, state, hold, view: { caption, media: [], channel }, attempt };
  });
