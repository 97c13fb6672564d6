/** What people like, say and pass on; null where TikTok did not tell. */
export interface VideoCounts {
  readonly views: number | null;
  readonly likes: number | null;
  readonly comments: number | null;
  readonly shares: number | null;
}

/** A video as TikTok tells it. Times are UTC milliseconds. */
export interface SeenVideo extends VideoCounts {
  /** Digits, 19 of them today: never a number, which would round them. */
  readonly videoId: string;
  readonly publishedAt: number;
  readonly caption: string;
  /** 0 of photos. */
  readonly durationSeconds: number | null;
  readonly shareUrl: string | null;
  readonly coverUrl: string | null;
}

/** A video as it is kept. */
export interface Video extends SeenVideo {
  /** When its row was written last. */
  readonly seenAt: number;
  /** When TikTok told its cover's address. */
  readonly coverAt: number;
  /** null = before this was noted. */
  readonly firstSeenAt: number | null;
  /** Since when TikTok no longer lists it: removed, or no longer public. */
  readonly missingSince: number | null;
  /** Parts per million; see `engagementOf`. */
  readonly engagement: number | null;
  /** The post of ours that it is. */
  readonly postId: number | null;
}

/** More is no number on MariaDB (INTEGER). */
const most = 2_147_483_647;

/**
 * Engagement rate: likes, comments and shares of views, in parts per million. Null where one of them is unknown, where
 * nobody has seen it (a rate of nothing is no rate), and where views lag thousands of times behind the rest.
 */
export function engagementOf({ views, likes, comments, shares }: VideoCounts): number | null {
  if (views === null || likes === null || comments === null || shares === null || views === 0) return null;
  const rate = Math.round(((likes + comments + shares) / views) * 1_000_000);
  return rate > most ? null : rate;
}
