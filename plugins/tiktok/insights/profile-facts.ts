import type { Failure, UserInfo } from '../api/replies.ts';
import { withToken } from '../creator.ts';
import type { Visit } from './keep-videos.ts';
import type { InsightParts } from './parts.ts';
import type { ProfileFacts } from './profile-store.ts';
import { dayIn } from './slots.ts';

/** Reads the profile and stores it with the day's snapshot. @returns why it could not be read, else nothing */
export async function keepProfile(parts: InsightParts, visit: Visit): Promise<Failure | undefined> {
  const { channel, account, limits } = visit;
  const reply = await withToken(parts.errors, account, (token) =>
    parts.client.userInfo(token, profileFields(channel.scopes), limits),
  );
  if (!reply.ok) return reply;
  const user = reply.value;
  const now = parts.host.clock.now();
  await parts.profiles.save(factsOf(channel.id, user), { day: dayIn(channel.zone, now), at: now });
  await parts.host.channels.update(channel.id, {
    ...(user.display_name === undefined ? {} : { nickname: user.display_name }),
    ...(user.username === undefined ? {} : { username: user.username }),
  });
  return undefined;
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

function factsOf(channelId: number, user: UserInfo): ProfileFacts {
  return {
    channelId,
    bio: user.bio_description ?? null,
    link: user.profile_deep_link ?? null,
    isVerified: user.is_verified ?? null,
    followers: user.follower_count ?? null,
    following: user.following_count ?? null,
    likes: user.likes_count ?? null,
    videos: user.video_count ?? null,
  };
}
