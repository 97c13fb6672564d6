import type { Failure, UserInfo } from '../api/replies.ts';
import { withToken } from '../creator.ts';
import { copyAvatar } from '../profile-reader.ts';
import type { Visit } from './keep-videos.ts';
import type { InsightParts } from './parts.ts';
import type { ProfileFacts } from './profile-store.ts';
import { dayIn } from './slots.ts';
import { type NoPlace, takePlaces } from './video-calls.ts';

/** Reads the profile and stores it with the day's snapshot. @returns why it could not be read, else nothing */
export async function keepProfile(parts: InsightParts, visit: Visit): Promise<Failure | NoPlace | undefined> {
  const { channel, account, limits } = visit;
  const full = await takePlaces(account, 'user/info', 1);
  if (full !== undefined) return full;
  const reply = await withToken(parts.errors, account, (token) =>
    parts.client.userInfo(token, profileFields(channel.scopes), limits),
  );
  if (!reply.ok) return reply;
  const user = reply.value;
  const now = parts.host.clock.now();
  const day = dayIn(channel.zone, now);
  await parts.profiles.save(factsOf(channel.id, user), { day, at: now });
  if (!channel.scopes.includes('user.info.stats')) await parts.missed.save(channel.id, { day, reason: 'scope' });
  const avatar = await newAvatar(parts, visit, user);
  await parts.host.channels.update(channel.id, {
    ...(user.display_name === undefined ? {} : { nickname: user.display_name }),
    ...(user.username === undefined ? {} : { username: user.username }),
    ...(avatar === undefined ? {} : { avatar }),
  });
  return undefined;
}

/**
 * The picture, where it is another one than the copied one. TikTok's address is signed anew each time: its path tells.
 * One that cannot be fetched now is tried again with the next look.
 */
async function newAvatar(
  parts: InsightParts,
  { channel, limits }: Visit,
  user: UserInfo,
): Promise<Uint8Array | undefined> {
  const address = user.avatar_large_url ?? user.avatar_url ?? user.avatar_url_100;
  if (address === undefined || !URL.canParse(address)) return undefined;
  const avatarPath = new URL(address).pathname;
  if ((await parts.profiles.find(channel.id))?.avatarPath === avatarPath) return undefined;
  const avatar = await copyAvatar(parts.client, user, limits);
  if (avatar !== undefined) await parts.profiles.saveState(channel.id, { avatarPath });
  return avatar;
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
