import { z } from 'zod';
import type { Table } from './profile-store.ts';
import type { Course, ViewsAt } from './usual.ts';

/** What other videos of a channel are asked for. */
export interface Cohorts {
  readonly channelId: number;
  /** Moments in UTC milliseconds; at least one. For each: the newest videos that were published until then. */
  readonly until: readonly number[];
}

/** So many videos of a channel are looked through where several moments are asked for. */
const mostBetween = 1_000;

/** All SQL of what is usual for a channel: how its videos came to their views. */
export class UsualStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Of each channel the videos that are asked for, newest first, by channel: two statements, however many channels and
   * moments they are.
   * @param limit at most so many videos of each channel for each moment
   * @param mostAgeDays leaves out what is later in a video's life
   */
  async courses(
    asked: readonly Cohorts[],
    { limit, mostAgeDays }: { readonly limit: number; readonly mostAgeDays: number },
  ): Promise<ReadonlyMap<number, readonly Course[]>> {
    const [first, ...others] = asked.flatMap((cohorts) => this.#stretches(cohorts, limit));
    const rows: unknown[] = first === undefined ? [] : await first.unionAll(others);
    const videos = rows.map((row) => videoRow.parse(row));
    const found = asked.flatMap((cohorts) => inCohorts(cohorts, videos, limit));
    const channelIds = asked.map(({ channelId }) => channelId);
    const views = await this.#views(channelIds, { videoIds: found.map(({ videoId }) => videoId), mostAgeDays });
    const byChannel = new Map<number, Course[]>(channelIds.map((channelId) => [channelId, []]));
    for (const { channelId, ...video } of found) {
      byChannel.get(channelId)?.push({ ...video, views: views.get(video.videoId) ?? [] });
    }
    return byChannel;
  }

  /** What was published between the moments, and before them; in brackets, since SQLite takes no limit within a union. */
  #stretches({ channelId, until }: Cohorts, limit: number) {
    const [oldest, newest] = [Math.min(...until), Math.max(...until)];
    const videos = () =>
      this.#table('videos')
        .where({ channel_id: channelId })
        .orderBy('published_at', 'desc')
        .orderBy('video_id', 'desc')
        .select('channel_id', 'video_id', 'published_at', 'first_seen_at', 'missing_since');
    const before = videos().where('published_at', '<=', oldest).limit(limit);
    const between = videos()
      .where('published_at', '<=', newest)
      .where('published_at', '>', oldest)
      .limit(until.length > 2 ? mostBetween : limit);
    const stretches = newest === oldest ? [before] : [between, before];
    return stretches.map((stretch) => this.#table('videos').from(stretch.as('newest')).select('*'));
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

/** Those of the channel that belong to one of the moments at least. */
function inCohorts<Video extends { readonly channelId: number; readonly publishedAt: number }>(
  { channelId, until }: Cohorts,
  videos: readonly Video[],
  limit: number,
): readonly Video[] {
  const own = videos
    .filter((video) => video.channelId === channelId)
    .sort((one, other) => other.publishedAt - one.publishedAt);
  const meant = new Set(
    until.flatMap((moment) => own.filter(({ publishedAt }) => publishedAt <= moment).slice(0, limit)),
  );
  return own.filter((video) => meant.has(video));
}
