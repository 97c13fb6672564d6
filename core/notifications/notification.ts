import { z } from 'zod';
import type { TeamPermission } from '../auth/permissions.ts';

export const notificationKinds = [
  'delivery-failed',
  'delivery-needs-attention',
  'reconnect-needed',
  'access-ending',
  'post-sent-back',
  'posts-submitted',
  'posts-approved',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** Beyond this a number of unread ones says no more; counting stops there. */
export const mostUnread = 100;

/** Who is told: the members who may put it right. */
export const toldTo = {
  'delivery-failed': 'posts.edit',
  'delivery-needs-attention': 'posts.edit',
  'reconnect-needed': 'channels.manage',
  'access-ending': 'channels.manage',
  // Of them only its authors.
  'post-sent-back': 'posts.edit',
  'posts-submitted': 'posts.approve',
  // Of them only the one whose posts these are.
  'posts-approved': 'posts.edit',
} as const satisfies Record<NotificationKind, TeamPermission>;

const deliveryFacts = z.object({
  postId: z.number(),
  /** How the post is known; empty where nothing names it. */
  post: z.string(),
  channel: z.string(),
  plugin: z.string(),
  sentence: z.string(),
  who: z.enum(['you', 'team', 'admin', 'network', 'software']),
  nextStep: z.string(),
  /** Absent of what was told before there was an error book. */
  code: z.string().optional(),
  mayBePosted: z.boolean(),
});
export type DeliveryFacts = z.output<typeof deliveryFacts>;

const channelFacts = z.object({ channel: z.string(), plugin: z.string() });
const lostFacts = channelFacts.extend({
  /**
   * `app`: not the network ended the access, an admin took the app away that it came through. `refused`: the access is
   * good in our books and can be renewed, and the network refuses calls with it all the same.
   */
  because: z.enum(['network', 'app', 'refused']),
});
const endingFacts = channelFacts.extend({ /** UTC ms. */ endsAt: z.number() });

/** What somebody wants changed before it goes out. */
export const sentBackFacts = z.object({ postId: z.number(), post: z.string(), by: z.string(), comment: z.string() });

/** What one person did to posts, told as one thing; see `gatherNotification`. */
export const gatheredFacts = z.object({
  by: z.number(),
  byName: z.string(),
  /** Numbers of the posts, the last one last. */
  posts: z.array(z.number()).nonempty(),
  /** How the last one is known; empty where nothing names it. */
  post: z.string(),
});
export type GatheredKind = 'posts-submitted' | 'posts-approved';

/** What happened, by kind; read back as it was stored. */
export const whatHappened = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('delivery-failed'), facts: deliveryFacts }),
  z.object({ kind: z.literal('delivery-needs-attention'), facts: deliveryFacts }),
  z.object({ kind: z.literal('reconnect-needed'), facts: lostFacts }),
  z.object({ kind: z.literal('access-ending'), facts: endingFacts }),
  z.object({ kind: z.literal('post-sent-back'), facts: sentBackFacts }),
  z.object({ kind: z.literal('posts-submitted'), facts: gatheredFacts }),
  z.object({ kind: z.literal('posts-approved'), facts: gatheredFacts }),
]);
type WhatHappened = z.output<typeof whatHappened>;

/** Something a team must know, about one delivery or channel. */
export type NewNotification = WhatHappened & {
  readonly teamId: number;
  /** Number of the delivery, channel or post; of the person whose posts these are. */
  readonly subjectId: number;
};

/** One of them, as it was told to one person. Times are UTC ms. */
export type Notification = NewNotification & {
  readonly id: number;
  readonly at: number;
  readonly isRead: boolean;
};
