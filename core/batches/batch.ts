import type { Delivery } from '../deliveries/delivery.ts';
import type { Post } from '../posts/post-service.ts';

/** What a person chose once for all posts of a batch. */
export interface BatchOptions {
  /** Channels that a new row begins with. */
  readonly channelIds: readonly number[];
  /** Each channel's option fields as typed, by channel id. */
  readonly typed: ReadonlyMap<number, Readonly<Record<string, string>>>;
}

/** Many posts that are planned in one table. Times are UTC milliseconds. */
export interface Batch {
  readonly id: number;
  readonly teamId: number;
  readonly createdBy: { readonly id: number; readonly name: string } | null;
  readonly createdAt: number;
  /** Name of the file that it was imported from; null where files were uploaded into it. */
  readonly source: string | null;
  /** Null until every row of an imported file has its draft. */
  readonly filledAt: number | null;
  readonly options: BatchOptions;
}

/** One post of a batch. */
export interface BatchRow {
  readonly post: Post;
  readonly deliveries: readonly Delivery[];
}

/** A row and the version of it that stood on the page. */
export interface RowRef {
  readonly postId: number;
  readonly version: string;
}

/** Only what is named changes. */
export interface RowChange {
  readonly caption?: string;
  readonly planned?: { readonly date: string; readonly time: string };
  readonly channelIds?: readonly number[];
}

/** Rows that one page shows, and that one press acts on. */
export const rowsOnAPage = 500;
