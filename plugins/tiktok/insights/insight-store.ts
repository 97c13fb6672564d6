import { z } from 'zod';
import type { Explanation, PluginHost } from '#plugin-api';

/** The four counters of a profile; null where TikTok did not tell. */
export interface Counters {
  readonly followers: number | null;
  readonly following: number | null;
  readonly likes: number | null;
  readonly videos: number | null;
}

export interface Profile extends Counters {
  readonly channelId: number;
  readonly bio: string | null;
  readonly link: string | null;
  readonly isVerified: boolean | null;
  readonly profileAt: number | null;
  readonly videosAt: number | null;
  readonly problem: Explanation | null;
}

export interface Video {
  readonly videoId: string;
  readonly publishedAt: number;
  readonly caption: string;
  readonly durationSeconds: number | null;
  readonly shareUrl: string | null;
  readonly coverUrl: string | null;
  readonly views: number | null;
  readonly likes: number | null;
  readonly comments: number | null;
  readonly shares: number | null;
  readonly seenAt: number;
  readonly missingSince: number | null;
}

/** A place in the list: the next page begins beside this video. */
export interface VideoKey {
  readonly publishedAt: number;
  readonly videoId: string;
}

const explanation = z.object({
  sentence: z.string(),
  who: z.enum(['you', 'team', 'admin', 'network', 'software']),
  nextStep: z.string(),
  code: z.string(),
  logId: z.string().optional(),
});
const counter = z.int().nullable();
const profileRow = z.object({
  channel_id: z.int(),
  bio: z.string().nullable(),
  link: z.string().nullable(),
  is_verified: z.union([z.boolean(), z.number()]).transform(Boolean).nullable(),
  followers: counter,
  following: counter,
  likes: counter,
  videos: counter,
  profile_at: counter,
  videos_at: counter,
  problem: z.string().nullable(),
});
const videoRow = z
  .object({
    video_id: z.string(),
    published_at: z.int(),
    caption: z.string(),
    duration_seconds: counter,
    share_url: z.string().nullable(),
    cover_url: z.string().nullable(),
    views: counter,
    likes: counter,
    comments: counter,
    shares: counter,
    seen_at: z.int(),
    missing_since: counter,
  })
  .transform((row): Video => ({
    videoId: row.video_id,
    publishedAt: row.published_at,
    caption: row.caption,
    durationSeconds: row.duration_seconds,
    shareUrl: row.share_url,
    coverUrl: row.cover_url,
    views: row.views,
    likes: row.likes,
    comments: row.comments,
    shares: row.shares,
    seenAt: row.seen_at,
    missingSince: row.missing_since,
  }));
const keyRow = z.object({ video_id: z.string() });

/** More than anybody publishes in a month. */
const mostSince = 1000;

/** All SQL of the plugin's own tables. */
export class InsightStore {
  readonly #table: PluginHost['table'];

  constructor(host: Pick<PluginHost, 'table'>) {
    this.#table = (name) => host.table(name);
  }

  async profile(channelId: number): Promise<Profile | undefined> {
    const [profile] = await this.profiles([channelId]);
    return profile;
  }

  async profiles(channelIds: readonly number[]): Promise<readonly Profile[]> {
    const rows: unknown[] = await this.#table('profiles').whereIn('channel_id', channelIds);
    return rows.map((row) => profileOf(profileRow.parse(row)));
  }

  /** Stores what is known now and, with counters, the day's snapshot. `day` is YYYY-MM-DD in the team's zone. */
  async saveProfile(profile: Omit<Profile, 'videosAt' | 'problem'> & { day: string }, at: number): Promise<void> {
    const { followers, following, likes, videos } = profile;
    const counters = { followers, following, likes, videos };
    const facts = { bio: profile.bio, link: profile.link, is_verified: profile.isVerified, profile_at: at };
    await this.#table('profiles')
      .insert({ channel_id: profile.channelId, ...facts, ...counters })
      .onConflict('channel_id')
      .merge();
    if (followers === null && following === null && likes === null && videos === null) return;
    await this.#table('snapshots')
      .insert({ channel_id: profile.channelId, day: profile.day, ...counters, at })
      .onConflict(['channel_id', 'day'])
      .merge();
  }

  async snapshots(channelId: number): Promise<readonly (Counters & { readonly day: string })[]> {
    const schema = z.object({
      day: z.string(),
      followers: counter,
      following: counter,
      likes: counter,
      videos: counter,
    });
    const rows: unknown[] = await this.#table('snapshots').where({ channel_id: channelId }).orderBy('day');
    return rows.map((row) => schema.parse(row));
  }

  /** Remembers how the last sync ended; null clears the problem. */
  async saveOutcome(channelId: number, outcome: { problem: Explanation | null; videosAt?: number }): Promise<void> {
    const videosAt = outcome.videosAt === undefined ? {} : { videos_at: outcome.videosAt };
    const problem = outcome.problem === null ? null : JSON.stringify(outcome.problem);
    await this.#table('profiles')
      .insert({ channel_id: channelId, problem, ...videosAt })
      .onConflict('channel_id')
      .merge();
  }

  /** One statement for a page of the list. */
  async saveVideos(channelId: number, videos: readonly Video[]): Promise<void> {
    if (videos.length === 0) return;
    await this.#table('videos')
      .insert(videos.map((video) => columnsOf(channelId, video)))
      .onConflict(['channel_id', 'video_id'])
      .merge();
  }

  /** After a complete pass: what it did not meet is no longer public. */
  async markMissing(channelId: number, notSeenSince: number, at: number): Promise<void> {
    await this.#table('videos')
      .where({ channel_id: channelId })
      .where('seen_at', '<', notSeenSince)
      .whereNull('missing_since')
      .update({ missing_since: at });
  }

  /** Videos that are public now and were published since, newest first. */
  async publicSince(channelId: number, since: number): Promise<readonly Video[]> {
    const rows: unknown[] = await this.#table('videos')
      .where({ channel_id: channelId })
      .where('published_at', '>=', since)
      .whereNull('missing_since')
      .orderBy('published_at', 'desc')
      .limit(mostSince);
    return rows.map((row) => videoRow.parse(row));
  }

  async video(channelId: number, videoId: string): Promise<Video | undefined> {
    const rows: unknown[] = await this.#table('videos').where({ channel_id: channelId, video_id: videoId }).limit(1);
    return rows.length === 0 ? undefined : videoRow.parse(rows[0]);
  }

  async newestCovers(channelIds: readonly number[], each: number): Promise<ReadonlyMap<number, readonly string[]>> {
    const covers = new Map<number, readonly string[]>();
    for (const id of channelIds) {
      const page = await this.page(id, { limit: each });
      covers.set(
        id,
        page.map((video) => video.videoId),
      );
    }
    return covers;
  }

  /** Newest first; `older` begins after that key, `newer` ends before it. */
  async page(
    channelId: number,
    { limit, older, newer }: { limit: number; older?: VideoKey; newer?: VideoKey },
  ): Promise<readonly Video[]> {
    // Ids first, from the covering index alone: MariaDB would read half the table for whole rows.
    const ids = this.#table('videos').select('video_id').where({ channel_id: channelId }).limit(limit);
    if (older) {
      void ids.where('published_at', '<=', older.publishedAt);
      void ids.whereNot(
        (same) => void same.where('published_at', older.publishedAt).where('video_id', '>=', older.videoId),
      );
    }
    if (newer) {
      void ids.where('published_at', '>=', newer.publishedAt);
      void ids.whereNot(
        (same) => void same.where('published_at', newer.publishedAt).where('video_id', '<=', newer.videoId),
      );
    }
    const direction = newer ? 'asc' : 'desc';
    const keys: unknown[] = await ids.orderBy('published_at', direction).orderBy('video_id', direction);
    const wanted = keys.map((row) => keyRow.parse(row).video_id);
    const rows: unknown[] = await this.#table('videos')
      .where({ channel_id: channelId })
      .whereIn('video_id', wanted)
      .orderBy('published_at', 'desc')
      .orderBy('video_id', 'desc');
    return rows.map((row) => videoRow.parse(row));
  }
}

function profileOf(row: z.output<typeof profileRow>): Profile {
  const { channel_id, is_verified, profile_at, videos_at, problem, ...rest } = row;
  return {
    ...rest,
    channelId: channel_id,
    isVerified: is_verified,
    profileAt: profile_at,
    videosAt: videos_at,
    problem: problem === null ? null : explanationOf(problem),
  };
}

function explanationOf(text: string): Explanation {
  const { logId, ...rest } = explanation.parse(JSON.parse(text));
  return logId === undefined ? rest : { ...rest, logId };
}

function columnsOf(channelId: number, video: Video): Record<string, string | number | null> {
  return {
    channel_id: channelId,
    video_id: video.videoId,
    published_at: video.publishedAt,
    caption: video.caption,
    duration_seconds: video.durationSeconds,
    share_url: video.shareUrl,
    cover_url: video.coverUrl,
    views: video.views,
    likes: video.likes,
    comments: video.comments,
    shares: video.shares,
    seen_at: video.seenAt,
    missing_since: video.missingSince,
  };
}
