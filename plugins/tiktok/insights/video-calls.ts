import type { AccountAccess, CallWindow } from '#plugin-api';
import type { Failure, VideoObject } from '../api/replies.ts';
import type { CallLimits } from '../api/transport.ts';
import { withToken } from '../creator.ts';
import type { InsightParts } from './parts.ts';
import type { Span } from './video-store.ts';
import type { SeenVideo } from './video.ts';

/** TikTok's largest page: developers.tiktok.com/doc/tiktok-api-v2-video-list; as many ids can be asked for at once. */
export const videosAPage = 20;

/**
 * 600 calls a minute: developers.tiktok.com/doc/tiktok-api-v2-rate-limit. Whether a profile has them or all of an app is
 * not said, so all profiles of an app share them, and some are left for what people ask for themselves.
 */
const [callsAMinute, callsOfPages, windowMs] = [540, 580, 65_000];

/** What is asked of each video. */
export const fields = [
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

/** A call that cannot be made now; `at`: the earliest moment (UTC ms) for the next try. */
export interface NoPlace {
  readonly at: number;
}

type Counted = 'user/info' | 'video/list' | 'video/query';

/** @param places calls that are about to be made */
export function takePlaces(account: AccountAccess, name: Counted, places: number): Promise<NoPlace | undefined> {
  return take(account, { ...windowOf(name), limit: callsAMinute, places });
}

/** For one call that a person waits for: a page may have what jobs leave. */
export function takePagePlace(account: AccountAccess, name: Counted): Promise<NoPlace | undefined> {
  return take(account, { ...windowOf(name), limit: callsOfPages });
}

function windowOf(name: Counted) {
  return { name, per: 'app', withinMs: windowMs } as const;
}

async function take(account: AccountAccess, window: CallWindow): Promise<NoPlace | undefined> {
  const answer = await account.take(window);
  return answer.taken ? undefined : { at: answer.at };
}

/** Pages of the list, one after the other. */
export interface Pages {
  readonly videos: readonly SeenVideo[];
  /** Where the next page begins, UTC ms. */
  readonly cursor: number | null;
  readonly hasMore: boolean;
  /** Why it ended early; what came before is good. */
  readonly failure?: Failure;
}

interface PageOrder {
  /** null = from the newest. */
  readonly cursor: number | null;
  readonly most: number;
  /** Whether enough has come. */
  readonly isEnough?: (oldest: SeenVideo) => boolean;
  readonly limits: CallLimits;
}

/** Places for `most` calls must be taken. */
export async function readPages(parts: InsightParts, account: AccountAccess, order: PageOrder): Promise<Pages> {
  let pages: Pages = { videos: [], cursor: order.cursor, hasMore: true };
  for (let page = 0; page < order.most && pages.hasMore; page += 1) {
    const wanted = { fields, cursor: pages.cursor, maxCount: videosAPage };
    const reply = await withToken(parts.errors, account, (token) =>
      parts.client.videoList(token, wanted, order.limits),
    );
    if (!reply.ok) return { ...pages, failure: reply };
    const { videos, cursor, has_more: hasMore } = reply.value;
    // A list that stands still would be read for ever.
    const goesOn = hasMore && (pages.cursor === null || cursor < pages.cursor);
    const seen = videos.map(seenVideoOf);
    pages = { videos: [...pages.videos, ...seen], cursor, hasMore: goesOn };
    const oldest = seen.at(-1);
    if (oldest !== undefined && order.isEnough?.(oldest)) break;
  }
  return pages;
}

/**
 * The time that these pages tell all of, in TikTok's whole seconds: what shares its second with a border may be on
 * either side of it.
 */
export function spanOf(cursor: number | null, pages: Pages): Span {
  const until = cursor === null ? Number.MAX_SAFE_INTEGER : wholeSecond(cursor);
  if (!pages.hasMore && pages.failure === undefined) return { from: 0, until };
  return { from: pages.cursor === null ? until : wholeSecond(pages.cursor) + 1000, until };
}

function wholeSecond(at: number): number {
  return Math.floor(at / 1000) * 1000;
}

/** Those of them that are still public; at most 20 ids. A place must be taken. */
export async function askFor(
  parts: InsightParts,
  account: AccountAccess,
  { ids, limits }: { readonly ids: readonly string[]; readonly limits: CallLimits },
): Promise<readonly SeenVideo[] | Failure> {
  const reply = await withToken(parts.errors, account, (token) =>
    parts.client.videoQuery(token, { fields, ids }, limits),
  );
  return reply.ok ? reply.value.map(seenVideoOf) : reply;
}

function seenVideoOf(video: VideoObject): SeenVideo {
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
  };
}
