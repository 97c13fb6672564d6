import { z } from 'zod';

/** Where a call belongs; the same code can mean different things in different places. */
export type Place = 'authorize' | 'token' | 'refresh' | 'api' | 'upload' | 'fail' | 'own';

/**
 * A call that did not do what it was asked. It is a value and holds no token, no address and no raw body.
 * Codes are TikTok's, or ours where TikTok gave none: `no_answer`, `not_sent`, `unreadable_answer`,
 * `server_unavailable`, `gateway_404`, `unsupported_path`, `stopped`, `put_<status>`.
 */
export interface Failure {
  readonly ok: false;
  readonly place: Place;
  readonly call: string;
  readonly code: string;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** TikTok's own words, shortened and without anything secret. */
  readonly detail?: string;
  readonly logId?: string;
  /** Of `not_sent`: when it is worth sending (UTC ms). */
  readonly retryAt?: number;
  /** The answer named no code of TikTok's: something in between may have given it. */
  readonly isNameless?: true;
}

export interface Success<T> {
  readonly ok: true;
  readonly value: T;
  readonly logId?: string;
}

export type Reply<T> = Success<T> | Failure;

/** A number list, a scalar, strings: ids as text, however TikTok wrote them. */
function idsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list
    .filter((id) => typeof id === 'string' || typeof id === 'number')
    .map(String)
    .filter((id) => /^[1-9]\d*$/u.test(id));
}

const count = z.preprocess((value) => (typeof value === 'string' ? Number(value) : value), z.number());
const text = z.union([z.string(), z.number()]).transform(String);

/** developers.tiktok.com/doc/oauth-user-access-token-management; `scope` is what was granted. */
export const tokenReply = z.object({
  open_id: z.string().min(1),
  scope: z.string().default(''),
  access_token: z.string().min(1),
  expires_in: count,
  refresh_token: z.string().min(1),
  refresh_expires_in: count,
});
export type TokenReply = z.infer<typeof tokenReply>;

export const clientTokenReply = z.object({ access_token: z.string().min(1), expires_in: count });

/** developers.tiktok.com/doc/tiktok-api-v2-get-user-info: only the fields asked for come back. */
export const userInfoReply = z.object({
  user: z
    .object({
      open_id: z.string(),
      union_id: z.string(),
      avatar_url: z.string(),
      avatar_url_100: z.string(),
      avatar_large_url: z.string(),
      display_name: z.string(),
      bio_description: z.string(),
      profile_deep_link: z.string(),
      is_verified: z.boolean(),
      username: z.string(),
      follower_count: count,
      following_count: count,
      likes_count: count,
      video_count: count,
    })
    .partial(),
});
export type UserInfo = z.infer<typeof userInfoReply>['user'];

/** developers.tiktok.com/doc/tiktok-api-v2-video-object; `create_time` is in seconds. */
const videoObject = z.object({
  id: text,
  create_time: count.optional(),
  cover_image_url: z.string().optional(),
  share_url: z.string().optional(),
  video_description: z.string().optional(),
  title: z.string().optional(),
  duration: count.optional(),
  height: count.optional(),
  width: count.optional(),
  embed_link: z.string().optional(),
  like_count: count.optional(),
  comment_count: count.optional(),
  share_count: count.optional(),
  view_count: count.optional(),
});
export type VideoObject = z.infer<typeof videoObject>;

/**
 * `cursor` is in milliseconds, other than the videos' `create_time`. zod writes a function for it: a sync reads thousands
 * of them, and spends as long on checking a page otherwise as on parsing it.
 */
export const videoListReply = z.compile(
  z.object({
    videos: z.array(videoObject).default([]),
    cursor: count.default(0),
    has_more: z.boolean().default(false),
  }),
);
export type VideoList = z.infer<typeof videoListReply>;

export const videoQueryReply = z.compile(z.object({ videos: z.array(videoObject).default([]) }));

/** developers.tiktok.com/doc/content-posting-api-reference-query-creator-info */
export const creatorInfoReply = z
  .object({
    creator_avatar_url: z.string().optional(),
    creator_username: z.string().default(''),
    creator_nickname: z.string().default(''),
    privacy_level_options: z.array(z.string()),
    comment_disabled: z.boolean().default(false),
    duet_disabled: z.boolean().default(false),
    stitch_disabled: z.boolean().default(false),
    max_video_post_duration_sec: count.optional(),
  })
  .transform((info) => ({
    username: info.creator_username,
    nickname: info.creator_nickname,
    privacyOptions: info.privacy_level_options,
    commentDisabled: info.comment_disabled,
    duetDisabled: info.duet_disabled,
    stitchDisabled: info.stitch_disabled,
    maxDurationSeconds: info.max_video_post_duration_sec ?? null,
  }));
export type CreatorInfo = z.infer<typeof creatorInfoReply>;

export const videoInitReply = z
  .object({ publish_id: z.string().min(1).max(120), upload_url: z.string().min(1) })
  .transform((data) => ({ publishId: data.publish_id, uploadUrl: data.upload_url }));
export type VideoInit = z.infer<typeof videoInitReply>;

/** developers.tiktok.com/doc/content-posting-api-reference-photo-post: no upload address, the photos are fetched. */
export const contentInitReply = z
  .object({ publish_id: z.string().min(1).max(120) })
  .transform((data) => ({ publishId: data.publish_id }));
export type ContentInit = z.infer<typeof contentInitReply>;

/**
 * developers.tiktok.com/doc/content-posting-api-reference-get-video-status. `publicaly_available_post_id` is spelled
 * so by TikTok and comes as a list of numbers; `status` stays open: what is unknown counts as still processing.
 */
export const statusReply = z
  .object({
    status: z.string(),
    fail_reason: z.string().optional(),
    publicaly_available_post_id: z.unknown().optional(),
    uploaded_bytes: count.optional(),
  })
  .transform((data) => ({
    status: data.status,
    failReason: data.fail_reason ?? '',
    postIds: idsOf(data.publicaly_available_post_id),
    uploadedBytes: data.uploaded_bytes ?? null,
  }));
export type PublishStatus = z.infer<typeof statusReply>;

/** What a PUT came to: TikTok's status, and its `Content-Range` where it told how far the upload is. */
export interface PutReply {
  readonly status: number;
  /** The number after the dash of `bytes 0-N/total`. */
  readonly reported: number | null;
}
