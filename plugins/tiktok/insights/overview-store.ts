import { z } from 'zod';
import type { VideoMetric } from '#plugin-api';
import type { Table } from './profile-store.ts';
import type { Video, VideoCounts } from './video.ts';

/** Of a profile on one day. */
export interface DayCounters {
  readonly followers: number | null;
  readonly likes: number | null;
  readonly videos: number | null;
}

/** Videos of a stretch of time, and the sums of what is known of them. */
export interface VideoTotals {
  readonly videos: number;
  readonly views: number | null;
  readonly likes: number | null;
  readonly comments: number | null;
  readonly shares: number | null;
}

export type OverviewVideo = Pick<
  Video,
  'videoId' | 'publishedAt' | 'caption' | 'engagement' | 'seenAt' | 'missingSince' | keyof VideoCounts
> & { readonly channelId: number };

type LatestVideo = Pick<OverviewVideo, 'channelId' | 'videoId' | 'publishedAt' | 'caption'>;

const counters = ['views', 'likes', 'comments', 'shares'] as const;

/** All SQL over many channels at once. */
export class OverviewStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Each profile's newest snapshot of these days, both included (YYYY-MM-DD), by channel; two statements. */
  async newestCounters(
    channelIds: readonly number[],
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<ReadonlyMap<number, DayCounters>> {
    const newest: unknown[] = await this.#table('snapshots')
      .whereIn('channel_id', channelIds)
      .whereBetween('day', [from, to])
      .groupBy('channel_id')
      .select('channel_id')
      .max({ day: 'day' });
    const days = new Map(newest.map((row) => dayRow.parse(row)).map((row) => [row.channel_id, row.day]));
    if (days.size === 0) return new Map();
    const rows: unknown[] = await this.#table('snapshots')
      .whereIn('channel_id', [...days.keys()])
      .whereIn('day', [...new Set(days.values())])
      .select('channel_id', 'day', 'followers', 'likes', 'videos');
    const found = rows.map((row) => snapshotRow.parse(row));
    return byChannel(found.filter((row) => days.get(row.channel_id) === row.day));
  }

  /** What was published since then and is public, by channel; those without are left out. @param since UTC ms */
  async totalsSince(channelIds: readonly number[], since: number): Promise<ReadonlyMap<number, VideoTotals>> {
    const sums = this.#publicSince(channelIds, since).groupBy('channel_id').select('channel_id').count({ videos: '*' });
    for (const name of counters) void sums.sum({ [name]: name });
    const rows: unknown[] = await sums;
    return byChannel(rows.map((row) => totalsRow.parse(row)));
  }

  /** Best first; the newer first of equals. */
  async best(
    channelIds: readonly number[],
    { since, by, limit }: { readonly since: number; readonly by: VideoMetric; readonly limit: number },
  ): Promise<readonly OverviewVideo[]> {
    const rows: unknown[] = await this.#publicSince(channelIds, since)
      .whereNotNull(by)
      .orderBy(by, 'desc')
      .orderBy('published_at', 'desc')
      .orderBy('video_id', 'desc')
      .limit(limit)
      .select(...columns);
    return rows.map((row) => videoRow.parse(row));
  }

  /** Of each channel what is public, the newest first; one statement, in brackets, since SQLite takes no limit within a union. */
  async latest(channelIds: readonly number[], limit: number): Promise<readonly LatestVideo[]> {
    const [first, ...others] = channelIds.map((channelId) => {
      const newest = this.#publicSince([channelId], 0).orderBy('published_at', 'desc').orderBy('video_id', 'desc');
      return this.#table('videos')
        .from(
          newest
            .limit(limit)
            .select(...latestColumns)
            .as('newest'),
        )
        .select('*');
    });
    const rows: unknown[] = first === undefined ? [] : await first.unionAll(others);
    const found = rows.map((row) => latestRow.parse(row));
    return found.sort((one, other) => other.publishedAt - one.publishedAt);
  }

  /** In no order. */
  async find(channelIds: readonly number[], videoIds: readonly string[]): Promise<readonly OverviewVideo[]> {
    const rows: unknown[] = await this.#table('videos')
      .whereIn('channel_id', channelIds)
      .whereIn('video_id', videoIds)
      .select(...columns);
    return rows.map((row) => videoRow.parse(row));
  }

  #publicSince(channelIds: readonly number[], since: number) {
    return this.#table('videos')
      .whereIn('channel_id', channelIds)
      .where('published_at', '>=', since)
      .whereNull('missing_since');
  }
}

const counter = z.int().nullable();
/** MariaDB answers sums as decimal text. */
const sum = z.coerce.number().pipe(z.int()).nullable();
const dayRow = z.object({ channel_id: z.int(), day: z.string() });
const snapshotRow = dayRow.extend({ followers: counter, likes: counter, videos: counter });
const totalsRow = z.object({
  channel_id: z.int(),
  videos: z.coerce.number(),
  ...{ views: sum, likes: sum, comments: sum, shares: sum },
});
const columns = [
  'channel_id',
  'video_id',
  'published_at',
  'caption',
  ...counters,
  'engagement',
  'seen_at',
  'missing_since',
];
const videoRow = z
  .object({
    channel_id: z.int(),
    video_id: z.string(),
    published_at: z.int(),
    caption: z.string(),
    ...{ views: counter, likes: counter, comments: counter, shares: counter, engagement: counter },
    seen_at: z.int(),
    missing_since: counter,
  })
  .transform(({ channel_id, video_id, published_at, seen_at, missing_since, ...row }): OverviewVideo => {
    const ids = { channelId: channel_id, videoId: video_id };
    return { ...row, ...ids, publishedAt: published_at, seenAt: seen_at, missingSince: missing_since };
  });

const latestColumns = ['channel_id', 'video_id', 'published_at', 'caption'];
const latestRow = z
  .object({ channel_id: z.int(), video_id: z.string(), published_at: z.int(), caption: z.string() })
  .transform(({ channel_id: channelId, video_id: videoId, published_at: publishedAt, caption }): LatestVideo => {
    return { channelId, videoId, publishedAt, caption };
  });

function byChannel<Row extends { channel_id: number }>(
  rows: readonly Row[],
): ReadonlyMap<number, Omit<Row, 'channel_id'>> {
  return new Map(rows.map(({ channel_id, ...row }) => [channel_id, row]));
}
