import type { ChannelView } from './channels.ts';

/**
 * How channels do beside each other: for the team's pages, the cards of its channels among them. All channels asked for belong to one team. Each question takes
 * a number of statements that grows neither with the channels nor with their videos.
 */
export interface ChannelOverviews {
  /** @param days how far back: changes since then, and what was published since then */
  load(
    channels: readonly ChannelView[],
    period: { readonly days: number },
  ): Promise<ReadonlyMap<number, ChannelOverview>>;
  /** What did best of all that was published in the period and is public, best first; what is not known is left out. */
  best(channels: readonly ChannelView[], order: BestOrder): Promise<readonly ChannelVideo[]>;
  /** Those of these videos or other posts that are known, in no order. @param remoteIds as `published` told them */
  find(channels: readonly ChannelView[], remoteIds: readonly string[]): Promise<readonly ChannelVideo[]>;
  /** What each published last and is public, newest first, by channel; of whom nothing is known is left out. */
  latest(channels: readonly ChannelView[], limit: number): Promise<ReadonlyMap<number, readonly VideoCover[]>>;
}

export type VideoMetric = 'views' | 'likes' | 'comments' | 'shares' | 'engagement';

export interface BestOrder {
  readonly days: number;
  readonly by: VideoMetric;
  readonly limit: number;
}

/** A number as it stands and how much it changed over the period; null where that is not known, never 0 for it. */
export interface CountedNumber {
  readonly value: number | null;
  readonly change: number | null;
}

export interface ChannelOverview {
  readonly followers: CountedNumber;
  /** Of all its videos. */
  readonly likes: CountedNumber;
  readonly videos: CountedNumber;
  /** Null while it is not known what was published. */
  readonly published: PublishedInPeriod | null;
  /** When the oldest of these numbers was read, UTC ms; null = none was. */
  readonly readAt: number | null;
  /** What keeps numbers away, each with the way to get them back. */
  readonly notes: readonly string[];
}

/** What was published in the period and is public, and the sums of these. */
export interface PublishedInPeriod extends VideoSums {
  readonly videos: number;
}

/** Null where it is known of none. */
interface VideoSums {
  readonly views: number | null;
  readonly likes: number | null;
  readonly comments: number | null;
  readonly shares: number | null;
}

/** What a video is known by. */
export interface VideoCover {
  readonly caption: string;
  /** Addresses of ours: its picture, and the page with its numbers. */
  readonly cover: string;
  readonly href: string;
}

export interface ChannelVideo extends VideoCover, VideoSums {
  readonly channelId: number;
  readonly remoteId: string;
  /** UTC ms. */
  readonly publishedAt: number;
  /** Likes, comments and shares of views, in parts per million. */
  readonly engagement: number | null;
  /** Its views beside what the channel's videos had at this age, e.g. 1.4; null = there is too little to compare with. */
  readonly timesUsual: number | 'too-early' | null;
}
