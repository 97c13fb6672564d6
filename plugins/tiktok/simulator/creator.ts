import { pictureOf, type Account } from './accounts.ts';
import { admit, type Caller } from './api-access.ts';
import { isUnaudited, userCap } from './apps.ts';
import type { Call } from './call.ts';
import type { PrivacyLevel } from './publishes.ts';
import { ApiRefusal, success, type Reply } from './replies.ts';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;

/** POST /v2/post/publish/creator_info/query/: a body, if any, is ignored. */
export function answerCreatorInfo(world: World, call: Call): Reply {
  const caller = admit(world, call, { anyScope: ['video.publish'], limit: 'creator_info/query' });
  const block = postingBlock(world, caller);
  // Deliberately 200: TikTok reports caps here as a success of the call (content-posting-api-reference-query-creator-info).
  if (block !== undefined) throw new ApiRefusal(200, block, blockMessages[block]);
  const { account } = caller;
  const data = {
    creator_avatar_url: world.url() + world.images.address('avatar', pictureOf(account), 2),
    creator_username: account.username,
    creator_nickname: account.nickname,
    privacy_level_options: privacyOptions(caller),
    comment_disabled: account.comment_disabled,
    duet_disabled: account.private || account.duet_disabled,
    stitch_disabled: account.private || account.stitch_disabled,
    max_video_post_duration_sec: account.max_video_post_duration_sec,
  };
  return success(data, call.logId);
}

export function privacyOptions({ account, app }: Pick<Caller, 'account' | 'app'>): readonly PrivacyLevel[] {
  if (!account.private) return ['PUBLIC_TO_EVERYONE', 'MUTUAL_FOLLOW_FRIENDS', 'SELF_ONLY'];
  if (isUnaudited(app)) return ['MUTUAL_FOLLOW_FRIENDS', 'SELF_ONLY'];
  return ['FOLLOWER_OF_CREATOR', 'MUTUAL_FOLLOW_FRIENDS', 'SELF_ONLY'];
}

export type PostingBlock = keyof typeof blockMessages;

export const blockMessages = {
  spam_risk_user_banned_from_posting: 'The user is banned from making new posts.',
  spam_risk_too_many_posts: 'The daily post cap from the API is reached for this user.',
  reached_active_user_cap: 'The daily quota for active publishing users from your client is reached.',
} as const;

/** Why this creator cannot post now. Caps count the last 24 hours; the post cap is shared by all apps. */
export function postingBlock(
  world: World,
  { account, app }: Pick<Caller, 'account' | 'app'>,
): PostingBlock | undefined {
  if (account.banned) return 'spam_risk_user_banned_from_posting';
  const since = world.clock.now() - DAY_MS;
  if (account.daily_cap_reached || hasPosted(world, account, since)) return 'spam_risk_too_many_posts';
  if (account.active_user_cap_reached) return 'reached_active_user_cap';
  const users = world.publishes.usersSince(app.client_key, since);
  return !users.has(account.id) && users.size >= userCap(app) ? 'reached_active_user_cap' : undefined;
}

/** As many as the cap allows. */
function hasPosted(world: World, account: Account, since: number): boolean {
  const begun = world.publishes.ofAccount(account.id);
  if (begun.length < account.daily_post_cap) return false;
  return begun.filter((one) => (one.arrivedAt ?? 0) > since).length >= account.daily_post_cap;
}
