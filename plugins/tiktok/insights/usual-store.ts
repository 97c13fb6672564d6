import { z } from 'zod';
import type { Table } from './profile-store.ts';
import type { Course, ViewsAt } from './usual.ts';

/** All SQL of what is usual for a channel: how its newest videos came to their views. */
export class UsualStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Of each channel's newest videos, newest first, by channel: two statements, however many channels they are.
   * @param limit at most so many videos of each
   * @param mostAgeDays leaves out what is later in a video's life
   */
  async courses(
    channelIds: readonly number[],
    { limit, mostAgeDays }: { readonly limit: number; readonly mostAgeDays: number },
  ): Promise<ReadonlyMap<number, readonly Course[]>> {
    const [first, ...others] = channelIds.map((channelId) => this.#newest(channelId, limit));
    const videos: unknown[] = first === undefined ? [] : await first.unionAll(others);
    const found = videos.map((row) => videoRow.parse(row));
    const views = await this.#views(channelIds, { videoIds: found.map(({ videoId }) => videoId), mostAgeDays });
    const byChannel = new Map<number, Course[]>(channelIds.map((channelId) => [channelId, []]));
    for (const { channelId, ...video } of found) {
      byChannel.get(channelId)?.push({ ...video, views: views.get(video.videoId) ?? [] });
    }
    return byChannel;
  }

  /** In brackets, since SQLite takes no limit within a union. */
  #newest(channelId: number, limit: number) {
    const videos = this.#table('videos')
      .where({ channel_id: channelId })
      .orderBy('published_at', 'desc')
      .orderBy('video_id', 'desc')
      .limit(limit)
      .select('channel_id', 'video_id', 'published_at', 'first_seen_at', 'missing_since');
    return this.#table('videos').from(videos.as('newest')).select('*');
  }

  async #views(
    channelIds: readonly number[],
    { videoIds, mostAgeDays }: { readonly videoIds: readonly string[]; readonly mostAgeDays: number },
  ): Promise<ReadonlyMap<string, readonly ViewsAt[]>> {
    if (videoIds.length === 0) return new Map();
    const rows: unknown = await this.#table('video_numbers')
      .whereIn('channel_id', channelIds)
      .whereIn('video_id', videoIds)
      .where('age_days', '<=', mostAgeDays)
      .whereNotNull('views')
      .orderBy('at')
      .select('video_id', 'at', 'views');
    const byVideo = new Map<string, ViewsAt[]>(videoIds.map((videoId) => [videoId, []]));
    for (const { video_id, at, views } of viewsRows.parse(rows)) byVideo.get(video_id)?.push({ at, views });
    return byVideo;
  }
}

const viewsRows = z.array(z.object({ video_id: z.string(), at: z.int(), views: z.int() }));
const videoRow = z
  .object({
    channel_id: z.int(),
    video_id: z.string(),
    published_at: z.int(),
    first_seen_at: z.int().nullable(),
    missing_since: z.int().nullable(),
  })
  .transform((row) => ({
    channelId: row.channel_id,
    videoId: row.video_id,
    publishedAt: row.published_at,
    firstSeenAt: row.first_seen_at,
    missingSince: row.missing_since,
  }));
