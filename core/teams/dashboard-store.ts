import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import { firstRow, rowCount, rowId, rowJson, rowTime } from '../db/rows.ts';
import { askingStates } from '../attention/attention.ts';
import { deliveryStates } from '../deliveries/delivery.ts';

const state = z.enum(deliveryStates);

const troubleRow = z.object({
  post_id: rowId,
  caption: z.string(),
  nickname: z.string(),
  state,
  outcome: rowJson(
    z.object({ sentence: z.string(), nextStep: z.string(), mayBePosted: z.boolean().catch(false) }),
  ).nullable(),
});

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

type TroubleRow = z.output<typeof troubleRow>;

/** A post of which deliveries need a person. */
export interface TroubledPost {
  readonly postId: number;
  readonly caption: string;
  /** To how many it goes, or went. */
  readonly channels: number;
  /** Those that need a person, the worst and latest first. */
  readonly deliveries: readonly Pick<TroubleRow, 'nickname' | 'state' | 'outcome'>[];
}

export type WaitingPost = z.output<typeof waitingRow>;
export type DueDelivery = z.output<typeof dueRow>;
export type PublishedDelivery = z.output<typeof publishedRow>;

/** What the dashboard reads, over the rooms whose tables these are; it changes nothing. */
export class DashboardStore {
  readonly #knex: Sql;

  constructor(knex: Sql) {
    this.#knex = knex;
  }

  /** Posts with deliveries that need a person, the worst and latest first, and how many posts there are; two statements. */
  async troubles(
    teamId: number,
    limit: number,
  ): Promise<{ readonly first: readonly TroubledPost[]; readonly total: number }> {
    const asking = this.#knex('deliveries').where({ team_id: teamId }).whereIn('state', askingStates);
    const first = asking
      .clone()
      .groupBy('post_id')
      .orderBy([...['worst', 'latest'].map(fromHighest), 'post_id'])
      .limit(limit)
      .select('post_id')
      .max({ worst: 'state', latest: 'updated_at' });
    const rows: unknown = await this.#deliveries(teamId)
      .join(first.as('first'), 'first.post_id', 'deliveries.post_id')
      .join('channels', 'channels.id', 'deliveries.channel_id')
      .whereNot('deliveries.state', 'cancelled')
      .orderBy([...['worst', 'latest'].map(fromHighest), 'deliveries.post_id'])
      .orderBy(['deliveries.state', 'deliveries.updated_at', 'deliveries.id'].map(fromHighest))
      .select('deliveries.post_id', 'posts.caption', 'nickname', 'deliveries.state', 'outcome');
    const counted: unknown[] = await asking.clone().countDistinct({ n: 'post_id' });
    const total = firstRow(z.object({ n: rowCount }), counted)?.n ?? 0;
    return { first: troubledPosts(z.array(troubleRow).parse(rows)), total };
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

function fromHighest(column: string): { readonly column: string; readonly order: 'desc' } {
  return { column, order: 'desc' };
}

function troubledPosts(rows: readonly TroubleRow[]): readonly TroubledPost[] {
  const posts = new Map<number, TroubleRow[]>();
  for (const row of rows) posts.set(row.post_id, [...(posts.get(row.post_id) ?? []), row]);
  return [...posts].map(([postId, all]) => ({
    postId,
    caption: all[0]?.caption ?? '',
    channels: all.length,
    deliveries: all.filter((row) => askingStates.some((asking) => asking === row.state)),
  }));
}
