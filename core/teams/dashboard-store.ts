import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowCount, rowId, rowJson, rowTime } from '../db/rows.ts';
import { deliveryStates } from '../deliveries/delivery.ts';

const state = z.enum(deliveryStates);

const troubleRow = z
  .object({
    post_id: rowId,
    caption: z.string(),
    nickname: z.string(),
    state,
    outcome: rowJson(
      z.object({ sentence: z.string(), nextStep: z.string(), mayBePosted: z.boolean().catch(false) }),
    ).nullable(),
  })
  .transform(({ post_id: postId, ...row }) => ({ postId, ...row }));

const dueRow = z
  .object({
    post_id: rowId,
    channel_id: rowId,
    remote_id: z.string().nullable(),
    caption: z.string(),
    state,
    percent: z.int().nullable(),
    due_at: rowTime,
  })
  .transform(({ post_id: postId, channel_id: channelId, remote_id: remoteId, due_at: at, ...row }) => {
    return { postId, channelId, remoteId, at, ...row };
  });

const publishedRow = z
  .object({
    post_id: rowId,
    channel_id: rowId,
    remote_id: z.string().nullable(),
    caption: z.string(),
    nickname: z.string(),
    published_at: rowTime,
  })
  .transform(({ post_id: postId, channel_id: channelId, remote_id: remoteId, published_at: at, ...row }) => {
    return { postId, channelId, remoteId, at, ...row };
  });

const waitingRow = z
  .object({ post_id: rowId, caption: z.string(), due_at: rowTime })
  .transform(({ post_id: postId, caption, due_at: at }) => ({ postId, caption, at }));

const coverRow = z.object({ post_id: rowId, media_id: rowId });

export type Trouble = z.output<typeof troubleRow>;
export type WaitingPost = z.output<typeof waitingRow>;
export type DueDelivery = z.output<typeof dueRow>;
export type PublishedDelivery = z.output<typeof publishedRow>;

/** What the dashboard reads, over the rooms whose tables these are; it changes nothing. */
export class DashboardStore {
  readonly #knex: Sql;

  constructor(knex: Sql) {
    this.#knex = knex;
  }

  /** Deliveries that need a person, the worst and latest first. */
  async troubles(teamId: number, limit: number): Promise<readonly Trouble[]> {
    const rows: unknown = await this.#deliveries(teamId)
      .join('channels', 'channels.id', 'deliveries.channel_id')
      .whereIn('deliveries.state', ['needs-attention', 'failed'])
      .orderBy([
        { column: 'deliveries.state', order: 'desc' },
        { column: 'deliveries.updated_at', order: 'desc' },
        { column: 'deliveries.id', order: 'desc' },
      ])
      .limit(limit)
      .select('post_id', 'posts.caption', 'nickname', 'deliveries.state', 'outcome');
    return z.array(troubleRow).parse(rows);
  }

  /** Posts that wait for approval, what is due first first, and how many there are. */
  async waiting(
    teamId: number,
    limit: number,
  ): Promise<{ readonly first: readonly WaitingPost[]; readonly total: number }> {
    const waiting = this.#deliveries(teamId).where({
      'deliveries.needs_approval': true,
      'deliveries.state': 'scheduled',
    });
    const rows: unknown = await waiting
      .clone()
      .groupBy('post_id', 'posts.caption')
      .orderBy([{ column: 'due_at' }, { column: 'post_id' }])
      .limit(limit)
      .select('post_id', 'posts.caption')
      .min({ due_at: 'deliveries.due_at' });
    const counted: unknown[] = await waiting.clone().countDistinct({ n: 'post_id' });
    const total = firstRow(z.object({ n: rowCount }), counted)?.n ?? 0;
    return { first: z.array(waitingRow).parse(rows), total };
  }

  /** Deliveries due in the span (UTC ms, the end not included), by due time, at most a thousand. */
  async due(teamId: number, { from, to }: { from: number; to: number }): Promise<readonly DueDelivery[]> {
    const rows: unknown = await this.#deliveries(teamId)
      .whereNot('deliveries.state', 'cancelled')
      .where('deliveries.due_at', '>=', from)
      .where('deliveries.due_at', '<', to)
      .orderBy(['deliveries.due_at', 'deliveries.id'])
      .limit(1_000)
      .select(
        'post_id',
        'channel_id',
        'remote_id',
        'posts.caption',
        'deliveries.state',
        'percent',
        'deliveries.due_at',
      );
    return z.array(dueRow).parse(rows);
  }

  /** Newest first. */
  async published(teamId: number, limit: number): Promise<readonly PublishedDelivery[]> {
    const rows: unknown = await this.#deliveries(teamId)
      .join('channels', 'channels.id', 'deliveries.channel_id')
      .where('deliveries.state', 'published')
      .whereNotNull('published_at')
      .orderBy([
        { column: 'deliveries.due_at', order: 'desc' },
        { column: 'deliveries.id', order: 'desc' },
      ])
      .limit(limit)
      .select('post_id', 'channel_id', 'remote_id', 'posts.caption', 'nickname', 'published_at');
    return z.array(publishedRow).parse(rows);
  }

  /** The media whose poster shows each post; posts without one are left out. */
  async covers(postIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const rows: unknown = await this.#knex('post_media')
      .join('media', 'media.id', 'post_media.media_id')
      .whereIn('post_id', [...postIds])
      .where({ position: 0 })
      .whereNotNull('poster_name')
      .select('post_id', 'media_id');
    return new Map(
      z
        .array(coverRow)
        .parse(rows)
        .map((row) => [row.post_id, row.media_id]),
    );
  }

  async hasPost(teamId: number): Promise<boolean> {
    return (await this.#knex('posts').where({ team_id: teamId }).first('id')) !== undefined;
  }

  async hasMedia(teamId: number): Promise<boolean> {
    return (await this.#knex('media').where({ team_id: teamId }).first('id')) !== undefined;
  }

  #deliveries(teamId: number) {
    return this.#knex('deliveries').join('posts', 'posts.id', 'deliveries.post_id').where('deliveries.team_id', teamId);
  }
}
