import type { DeliveryState, Due } from '../deliveries/delivery.ts';
import type { Media } from '../media/media.ts';

/** Who composes, in which team and in which zone the team's times are meant. */
export interface Member {
  readonly id: number;
  readonly name: string;
  readonly teamId: number;
  readonly zone: string;
}

export const whenChoices = ['immediately', 'schedule', 'draft'] as const;
export type When = (typeof whenChoices)[number];

/** Date and time as typed, each empty or unfinished as it may be; of a draft, so nothing is due at it. */
export interface PlannedTime {
  /** E.g. `2026-11-21`. */
  readonly date: string;
  /** E.g. `09:30`, as the clocks of the team show it. */
  readonly time: string;
  /** What was chosen under When to post; undefined where nobody chose, e.g. in a table of many posts. */
  readonly when?: When;
}

/** Where a post stands in the table that it was made in. */
export interface BatchPlace {
  readonly id: number;
  /** From 0, from top to bottom; the same for two that came at once. */
  readonly place: number;
}

/** What a member composed, as typed; the service reads and checks every part again. */
export interface PostDraft {
  readonly caption: string;
  /** Of channels that do not take the post's. */
  readonly captions: ReadonlyMap<number, string>;
  /** Of a video the milliseconds into it, of photos the place of one of them, from 0; null = nobody chose. */
  readonly cover: number | null;
  readonly channelIds: readonly number[];
  readonly mediaIds: readonly number[];
  /** Each channel's typed option fields, without prefix. */
  readonly typedOptions: ReadonlyMap<number, Readonly<Record<string, string>>>;
  /** null = a draft: nothing is due and nothing agreed to. */
  readonly due: Due | null;
  /** Kept, unchecked, while nothing is due. */
  readonly planned: PlannedTime;
  /** The declarations that stood above the button when it was pressed, by plugin. */
  readonly declarations: ReadonlyMap<string, string>;
  /** The table that a new post belongs to; it stays there. */
  readonly batch?: BatchPlace;
}

/** The form's own number and the SHA-256 of everything it carried but that and the CSRF token. */
export interface FormIdentity {
  readonly nonce: string;
  readonly bodyHash: string;
}

/** An edit of the version that the form was drawn with. */
export interface PostRevision {
  readonly postId: number;
  readonly version: string;
  readonly draft: PostDraft;
  readonly bodyHash: string;
}

/** Times are UTC milliseconds. */
export interface Post {
  readonly id: number;
  readonly teamId: number;
  readonly caption: string;
  /** Deleted ones too, with `deletedAt`. */
  readonly media: readonly Media[];
  /** As in a draft. */
  readonly cover: number | null;
  readonly version: number;
  readonly createdBy: { readonly id: number; readonly name: string } | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The worst of its deliveries' states. */
  readonly state: DeliveryState;
  readonly dueAt: number | null;
  /** Both empty unless it is a draft. */
  readonly planned: PlannedTime;
  readonly batch: BatchPlace | null;
}
