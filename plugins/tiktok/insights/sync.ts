import { z } from 'zod';
import type { ChannelView, JobResult, PluginHost, PluginJob } from '#plugin-api';
import type { TikTokClient } from '../api/client.ts';
import { workerTimeoutMs } from '../api/client.ts';
import type { Failure, UserInfo, VideoObject } from '../api/replies.ts';
import type { CallLimits } from '../api/transport.ts';
import { withToken } from '../creator.ts';
import type { ErrorBook } from '../errors.ts';
import type { InsightStore, Video } from './insight-store.ts';
import { linkLatePosts } from './late-links.ts';

export interface InsightParts {
  readonly host: Pick<PluginHost, 'channels' | 'clock' | 'jobs' | 'deliveries' | 'folder' | 't'>;
  readonly client: TikTokClient;
  readonly errors: ErrorBook;
  readonly store: InsightStore;
}

const sixHoursMs = 6 * 3_600_000;
/** TikTok's largest page: developers.tiktok.com/doc/tiktok-api-v2-video-list */
const videosAPage = 20;
const pagesAClaim = 10;
const videoFields = [
  'id',
  'create_time',
  'cover_image_url',
  'share_url',
  'video_description',
  'title',
  'duration',
  'like_count',
  'comment_count',
  'share_count',
  'view_count',
];
const payloadSchema = z.object({ passStartedAt: z.int(), cursor: z.int() }).nullable().catch(null);
const dayFormats = new Map<string, Intl.DateTimeFormat>();

export const syncKind = 'sync';

/** Reads the profile, then every page of the video list; a pass that is interrupted goes on at its cursor. */
export function syncJob(parts: InsightParts): PluginJob {
  return {
    kind: syncKind,
    everyMs: sixHoursMs,
    run: async ({ key, payload }, signal) => {
      const channel = await parts.host.channels.find(Number(key));
      if (!channel || channel.state === 'reconnect-needed') return { done: true };
      const limits = { timeoutMs: workerTimeoutMs, signal };
      const pass = payloadSchema.parse(payload);
      if (pass === null) return beginPass(parts, channel, limits);
      return continuePass(parts, { channel, pass, limits });
    },
  };
}

async function beginPass(parts: InsightParts, channel: ChannelView, limits: CallLimits): Promise<JobResult> {
  const passStartedAt = parts.host.clock.now();
  const account = await parts.host.channels.access(channel.id);
  const profile = await withToken(parts.errors, account, (token) =>
    parts.client.userInfo(token, profileFields(channel.scopes), limits),
  );
  if (!profile.ok) return stopped(parts, channel, profile);
  await keepProfile(parts, channel, profile.value);
  if (!channel.scopes.includes('video.list')) {
    await parts.store.saveOutcome(channel.id, { problem: null });
    return { done: true };
  }
  return continuePass(parts, { channel, pass: { passStartedAt, cursor: 0 }, limits });
}

async function continuePass(
  parts: InsightParts,
  at: { channel: ChannelView; pass: { passStartedAt: number; cursor: number }; limits: CallLimits },
): Promise<JobResult> {
  const { channel, pass, limits } = at;
  const account = await parts.host.channels.access(channel.id);
  let { cursor } = pass;
  for (let page = 0; page < pagesAClaim; page += 1) {
    const order = { fields: videoFields, cursor: cursor === 0 ? null : cursor, maxCount: videosAPage };
    const reply = await withToken(parts.errors, account, (token) => parts.client.videoList(token, order, limits));
    if (!reply.ok) return stopped(parts, channel, reply);
    const now = parts.host.clock.now();
    await parts.store.saveVideos(
      channel.id,
      reply.value.videos.map((video) => videoOf(video, now)),
    );
    if (!reply.value.has_more) {
      await parts.store.markMissing(channel.id, pass.passStartedAt, now);
      await parts.store.saveOutcome(channel.id, { problem: null, videosAt: now });
      await linkLatePosts(parts, channel);
      return { done: true };
    }
    cursor = reply.value.cursor;
  }
  return { again: { at: parts.host.clock.now(), payload: { passStartedAt: pass.passStartedAt, cursor } } };
}

/** People read why; what may pass by itself is thrown, so that the host tries again later. */
async function stopped(parts: InsightParts, channel: ChannelView, failure: Failure): Promise<JobResult> {
  await parts.store.saveOutcome(channel.id, { problem: parts.errors.explain(failure) });
  const { kind } = parts.errors.meaning(failure);
  if (kind === 'temporary' || kind === 'rate-limited' || failure.code === 'access_token_invalid') {
    throw parts.errors.remoteError(failure);
  }
  return { done: true };
}

/** developers.tiktok.com/doc/tiktok-api-scopes: which fields each scope opens. */
function profileFields(scopes: readonly string[]): readonly string[] {
  return [
    ...['open_id', 'display_name', 'avatar_url', 'avatar_url_100', 'avatar_large_url'],
    ...(scopes.includes('user.info.profile')
      ? ['username', 'bio_description', 'profile_deep_link', 'is_verified']
      : []),
    ...(scopes.includes('user.info.stats') ? ['follower_count', 'following_count', 'likes_count', 'video_count'] : []),
  ];
}

async function keepProfile(parts: InsightParts, channel: ChannelView, user: UserInfo): Promise<void> {
  const now = parts.host.clock.now();
  const profile = {
    channelId: channel.id,
    bio: user.bio_description ?? null,
    link: user.profile_deep_link ?? null,
    isVerified: user.is_verified ?? null,
    followers: user.follower_count ?? null,
    following: user.following_count ?? null,
    likes: user.likes_count ?? null,
    videos: user.video_count ?? null,
    profileAt: now,
    day: dayIn(channel.zone, now),
  };
  await parts.store.saveProfile(profile, now);
  await parts.host.channels.update(channel.id, {
    ...(user.display_name === undefined ? {} : { nickname: user.display_name }),
    ...(user.username === undefined ? {} : { username: user.username }),
  });
}

function videoOf(video: VideoObject, seenAt: number): Video {
  return {
    videoId: video.id,
    // Seconds here, milliseconds in the cursor: developers.tiktok.com/doc/tiktok-api-v2-video-object
    publishedAt: (video.create_time ?? 0) * 1000,
    caption: video.video_description ?? video.title ?? '',
    durationSeconds: video.duration ?? null,
    shareUrl: video.share_url ?? null,
    coverUrl: video.cover_image_url ?? null,
    views: video.view_count ?? null,
    likes: video.like_count ?? null,
    comments: video.comment_count ?? null,
    shares: video.share_count ?? null,
    seenAt,
    missingSince: null,
  };
}

/** The day of this moment in the zone, YYYY-MM-DD. */
function dayIn(zone: string, at: number): string {
  const format =
    dayFormats.get(zone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  dayFormats.set(zone, format);
  return format.format(at);
}
