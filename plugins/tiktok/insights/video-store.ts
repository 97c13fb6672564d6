import { z } from 'zod';
import type { Table } from './profile-store.ts';
import { engagementOf, type SeenVideo, type Video } from './video.ts';

/** A place in the list by date: the next page begins beside this video. */
export interface VideoKey {
  readonly publishedAt: number;
  readonly videoId: string;
}

/** Published at or after `from` and before `until`, UTC milliseconds. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What a pass writes of a video. */
export type VideoChange = SeenVideo & Pick<Video, 'firstSeenAt' | 'postId'>;

/** More than anybody publishes in a month. */
const mostSince = 1000;

/** All SQL of the plugin's videos, but for the lists that people sort and search. */
export class VideoStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** One statement, however many they are. They are public: whatever was missing is back. */
  async save(channelId: number, videos: readonly VideoChange[], seenAt: number): Promise<void> {
    if (videos.length === 0) return;
    await this.#table('videos')
      .insert(videos.map((video) => columnsOf(channelId, video, seenAt)))
      .onConflict(['channel_id', 'video_id'])
      .merge();
  }

  async find(channelId: number, videoId: string): Promise<Video | undefined> {
    const [video] = await this.findMany(channelId, [videoId]);
    return video;
  }

  /** In no order. */
  async findMany(channelId: number, videoIds: readonly string[]): Promise<readonly Video[]> {
    const rows: unknown[] = await this.#table('videos').where({ channel_id: channelId }).whereIn('video_id', videoIds);
    return videoRows.parse(rows);
  }

  /** Those that were public when last looked, newest first. */
  async publicWithin(channelId: number, { from, until }: Span, limit: number): Promise<readonly VideoKey[]> {
    const rows: unknown[] = await this.#table('videos')
      .where({ channel_id: channelId })
      .where('published_at', '>=', from)
      .where('published_at', '<', until)
      .whereNull('missing_since')
      .orderBy('published_at', 'desc')
      .limit(limit)
      .select('video_id', 'published_at');
    return keyRows.parse(rows);
  }

  /** These videos are posts of ours. */
  async savePosts(channelId: number, posts: ReadonlyMap<string, { readonly postId: number }>): Promise<void> {
    for (const [videoId, { postId }] of posts) {
      await this.#table('videos').where({ channel_id: channelId, video_id: videoId }).update({ post_id: postId });
    }
  }

  /** TikTok told other addresses of these covers. */
  async saveCovers(channelId: number, covers: ReadonlyMap<string, string>, at: number): Promise<void> {
    for (const [videoId, url] of covers) {
      await this.#table('videos')
        .where({ channel_id: channelId, video_id: videoId })
        .update({ cover_url: url, cover_at: at });
    }
  }

  /** No longer public since `at`. */
  async markMissing(channelId: number, videoIds: readonly string[], at: number): Promise<void> {
    if (videoIds.length === 0) return;
    await this.#table('videos')
      .where({ channel_id: channelId })
      .whereIn('video_id', videoIds)
      .update({ missing_since: at });
  }

  /** All that were published before: what TikTok's list ended before. */
  async markMissingBefore(channelId: number, before: number, at: number): Promise<void> {
    await this.#table('videos')
      .where({ channel_id: channelId })
      .where('published_at', '<', before)
      .whereNull('missing_since')
      .update({ missing_since: at });
  }

  async countPublic(channelId: number): Promise<number> {
    const rows: unknown = await this.#table('videos')
      .where({ channel_id: channelId })
      .whereNull('missing_since')
      .count({ n: '*' });
    return z.tuple([z.object({ n: z.coerce.number() })]).parse(rows)[0].n;
  }

  /** Videos that are public now and were published since, newest first. */
  async publicSince(channelId: number, since: number): Promise<readonly Video[]> {
    const rows: unknown[] = await this.#table('videos')
      .where({ channel_id: channelId })
      .where('published_at', '>=', since)
      .whereNull('missing_since')
      .orderBy('published_at', 'desc')
      .limit(mostSince);
    return videoRows.parse(rows);
  }
}

const counter = z.int().nullable();
const keyRows = z.compile(
  z.array(
    z
      .object({ video_id: z.string(), published_at: z.int() })
      .transform((row): VideoKey => ({ videoId: row.video_id, publishedAt: row.published_at })),
  ),
);

/** Whole rows. zod writes a function for them: a sync reads all that it knows of two hundred videos at once. */
const videoRows = z.compile(
  z.array(
    z
      .object({
        video_id: z.string(),
        published_at: z.int(),
        caption: z.string(),
        duration_seconds: counter,
        share_url: z.string().nullable(),
        cover_url: z.string().nullable(),
        cover_at: counter,
        views: counter,
        likes: counter,
        comments: counter,
        shares: counter,
        engagement: counter,
        seen_at: z.int(),
        first_seen_at: counter,
        missing_since: counter,
        post_id: counter,
      })
      .transform((row): Video => ({
        videoId: row.video_id,
        publishedAt: row.published_at,
        caption: row.caption,
        durationSeconds: row.duration_seconds,
        shareUrl: row.share_url,
        coverUrl: row.cover_url,
        coverAt: row.cover_at ?? row.seen_at,
        views: row.views,
        likes: row.likes,
        comments: row.comments,
        shares: row.shares,
        engagement: row.engagement,
        seenAt: row.seen_at,
        firstSeenAt: row.first_seen_at,
        missingSince: row.missing_since,
        postId: row.post_id,
      })),
  ),
);

function columnsOf(channelId: number, video: VideoChange, seenAt: number): Record<string, string | number | null> {
  return {
    channel_id: channelId,
    video_id: video.videoId,
    published_at: video.publishedAt,
    caption: video.caption,
    duration_seconds: video.durationSeconds,
    share_url: video.shareUrl,
    cover_url: video.coverUrl,
    cover_at: seenAt,
    views: video.views,
    likes: video.likes,
    comments: video.comments,
    shares: video.shares,
    engagement: engagementOf(video),
    seen_at: seenAt,
    first_seen_at: video.firstSeenAt,
    missing_since: null,
    post_id: video.postId,
  };
}
