import type { Failure, Reply, UserInfo } from '../api/replies.ts';
import { withToken } from '../creator.ts';
import { copyAvatar } from '../profile-reader.ts';
import type { Visit } from './keep-videos.ts';
import type { InsightParts } from './parts.ts';
import type { ProfileFacts } from './profile-store.ts';
import { dayIn } from './slots.ts';
import { type NoPlace, takePlaces } from './video-calls.ts';

const stats = 'user.info.stats';
const basicFields = ['open_id', 'display_name', 'avatar_url', 'avatar_url_100', 'avatar_large_url'];
/** developers.tiktok.com/doc/tiktok-api-scopes: which fields each scope opens. */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  'user.info.profile': ['username', 'bio_description', 'profile_deep_link', 'is_verified'],
  [stats]: ['follower_count', 'following_count', 'likes_count', 'video_count'],
};

/** Reads the profile and stores it with the day's snapshot. @returns why it could not be read, else nothing */
export async function keepProfile(parts: InsightParts, visit: Visit): Promise<Failure | NoPlace | undefined> {
  const { channel } = visit;
  const told = await readUser(parts, visit);
  if (!('user' in told)) return told;
  const { user, refused } = told;
  const now = parts.host.clock.now();
  const day = dayIn(channel.zone, now);
  await parts.profiles.save(factsOf(channel.id, user), { day, at: now });
  await parts.profiles.saveState(channel.id, { refused });
  if (!channel.scopes.includes(stats)) await parts.missed.save(channel.id, { day, reason: 'scope' });
  if (refused.includes(stats)) await parts.missed.save(channel.id, { day, reason: 'refused' });
  const avatar = await newAvatar(parts, visit, user);
  await parts.host.channels.update(channel.id, {
    ...(user.display_name === undefined ? {} : { nickname: user.display_name }),
    ...(user.username === undefined ? {} : { username: user.username }),
    ...(avatar === undefined ? {} : { avatar }),
  });
  return undefined;
}

interface ToldUser {
  readonly user: UserInfo;
  /** Permissions that were granted, and whose fields TikTok does not tell. */
  readonly refused: readonly string[];
}

/**
 * All that the granted permissions open. Where TikTok refuses one of them (it was taken back there, or the app is not
 * approved for it) they are asked for one by one, so that nothing else is missing.
 */
async function readUser(parts: InsightParts, visit: Visit): Promise<ToldUser | Failure | NoPlace> {
  const granted = Object.keys(fieldsOf).filter((scope) => visit.channel.scopes.includes(scope));
  const all = await askUser(parts, visit, [...basicFields, ...granted.flatMap((scope) => fieldsOf[scope] ?? [])]);
  if (!('ok' in all)) return all;
  if (all.ok) return { user: all.value, refused: [] };
  if (granted.length === 0 || !isOfScopes(parts, all)) return all;
  const basic = await askUser(parts, visit, basicFields);
  if (!('ok' in basic) || !basic.ok) return basic;
  let told: ToldUser = { user: basic.value, refused: [] };
  for (const scope of granted) {
    const more = await askUser(parts, visit, ['open_id', ...(fieldsOf[scope] ?? [])]);
    if (!('ok' in more)) return more;
    if (more.ok) told = { ...told, user: { ...told.user, ...more.value } };
    else if (isOfScopes(parts, more)) told = { ...told, refused: [...told.refused, scope] };
    else return more;
  }
  return told;
}

async function askUser(
  parts: InsightParts,
  { account, limits }: Visit,
  fields: readonly string[],
): Promise<Reply<UserInfo> | NoPlace> {
  const full = await takePlaces(account, 'user/info', 1);
  if (full !== undefined) return full;
  return withToken(parts.errors, account, (token) => parts.client.userInfo(token, fields, limits));
}

/** Other codes say the same under other names: the book knows them. */
function isOfScopes({ errors }: InsightParts, failure: Failure): boolean {
  const { code } = errors.meaning(failure);
  return ['scope_not_authorized', 'scope_permission_missed', 'app_not_approved'].includes(code);
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
