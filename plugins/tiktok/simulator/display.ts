import { z } from 'zod';
import { pictureOf, unionId, type Account } from './accounts.ts';
import {
  admit,
  invalidParams,
  isRefused,
  readJson,
  scopeNotAuthorized,
  scopeRefused,
  type Caller,
} from './api-access.ts';
import type { Call } from './call.ts';
import { ApiRefusal, success, type Reply } from './replies.ts';
import { statsOf, type Video } from './videos.ts';
import type { World } from './world.ts';

/** user/info fields and the scope that opens each (tiktok-api-v2-get-user-info). */
const userFields: Readonly<
  Record<string, { readonly scope: string; readonly value: (world: World, caller: Caller) => unknown }>
> = {
  open_id: { scope: 'user.info.basic', value: (_, { session }) => session.openId },
  union_id: { scope: 'user.info.basic', value: (_, { account }) => unionId(account) },
  avatar_url: { scope: 'user.info.basic', value: (world, { account }) => avatar(world, account, 'avatar') },
  avatar_url_100: { scope: 'user.info.basic', value: (world, { account }) => avatar(world, account, 'avatar-100') },
  avatar_large_url: { scope: 'user.info.basic', value: (world, { account }) => avatar(world, account, 'avatar-large') },
  display_name: { scope: 'user.info.basic', value: (_, { account }) => account.nickname },
  bio_description: { scope: 'user.info.profile', value: (_, { account }) => account.bio_description },
  profile_deep_link: {
    scope: 'user.info.profile',
    value: (_, { account }) => `https://www.tiktok.com/@${account.username}`,
  },
  is_verified: { scope: 'user.info.profile', value: (_, { account }) => account.is_verified },
  username: { scope: 'user.info.profile', value: (_, { account }) => account.username },
  follower_count: { scope: 'user.info.stats', value: (_, { account }) => account.follower_count },
  following_count: { scope: 'user.info.stats', value: (_, { account }) => account.following_count },
  likes_count: { scope: 'user.info.stats', value: (_, { account }) => account.likes_count },
  video_count: { scope: 'user.info.stats', value: (world, { account }) => world.videos.count(account) },
};

const videoFields: Readonly<Record<string, (world: World, caller: Caller, video: Video) => unknown>> = {
  id: (_, __, video) => video.id,
  create_time: (_, __, video) => Math.floor(video.createdAt / 1000),
  cover_image_url: (world, _, video) => world.url() + world.images.address('cover', video.id, 6),
  share_url: (_, caller, video) =>
    `https://www.tiktok.com/@${caller.account.username}/video/${video.id}?utm_campaign=tt4d_open_api&utm_source=${caller.app.client_key}`,
  video_description: (_, __, video) => video.caption.slice(0, 150),
  title: (_, __, video) => video.caption.slice(0, 150),
  duration: (_, __, video) => Math.floor(video.seconds),
  height: (_, __, video) => video.height,
  width: (_, __, video) => video.width,
  embed_html: (_, __, video) =>
    `<blockquote class="tiktok-embed" data-video-id="${video.id}"><section></section></blockquote>`,
  embed_link: (_, __, video) => `https://www.tiktok.com/player/v1/${video.id}`,
  like_count: (world, _, video) => statsOf(video, world.clock.now()).likes,
  comment_count: (world, _, video) => statsOf(video, world.clock.now()).comments,
  share_count: (world, _, video) => statsOf(video, world.clock.now()).shares,
  view_count: (world, _, video) => statsOf(video, world.clock.now()).views,
  is_aigc: (_, __, video) => video.isAigc,
};

/** GET /v2/user/info/ */
export function answerUserInfo(world: World, call: Call): Reply {
  const caller = admit(world, call, { limit: 'user/info' });
  const names = readFields(world, call, userFields);
  const user: Record<string, unknown> = {};
  for (const name of names) {
    const field = userFields[name];
    if (field === undefined) continue;
    if (!mayRead(caller.session.scopes, field.scope)) throw missingScope(world);
    if (isRefused(caller.app, field.scope)) throw scopeRefused(world);
    user[name] = field.value(world, caller);
  }
  return success({ user }, call.logId);
}

/** POST /v2/video/list/: newest first, public only; `cursor` is in milliseconds while `create_time` is in seconds. */
export function answerVideoList(world: World, call: Call): Reply {
  const caller = admit(world, call, { anyScope: ['video.list'], limit: 'video/list' });
  const names = readFields(world, call, videoFields);
  const body = readJson(world, call, listShape);
  const page = world.videos.page(caller.account, body.cursor === 0 ? undefined : body.cursor, body.max_count);
  const videos = page.videos.map((video) => pick(world, caller, { video, names }));
  return success({ videos, cursor: page.cursor, has_more: page.hasMore }, call.logId);
}

/** POST /v2/video/query/: ids of other people's videos are simply missing from the answer. */
export function answerVideoQuery(world: World, call: Call): Reply {
  const caller = admit(world, call, { anyScope: ['video.list'], limit: 'video/query' });
  const names = readFields(world, call, videoFields);
  const body = readJson(world, call, queryShape);
  const found = world.videos.query(caller.account, body.filters.video_ids);
  return success({ videos: found.map((video) => pick(world, caller, { video, names })) }, call.logId);
}

const listShape = z.object({
  cursor: z.number().int().min(0).optional(),
  max_count: z.number().int().min(1).max(20).default(10),
});
const queryShape = z.object({ filters: z.object({ video_ids: z.array(z.string()).min(1).max(20) }) });

function readFields(world: World, call: Call, known: object): readonly string[] {
  const names = (call.query.get('fields') ?? '').split(',').filter((name) => name !== '');
  if (names.length === 0) throw invalidParams(world, 'Fields is required. Please provide the fields you need.');
  const unknown = names.filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0) throw new ApiRefusal(400, 'invalid_params', `Invalid field(s): ${unknown.join(', ')}`);
  return names;
}

function pick(world: World, caller: Caller, { video, names }: { video: Video; names: readonly string[] }): unknown {
  return Object.fromEntries(names.map((name) => [name, videoFields[name]?.(world, caller, video)]));
}

/** A token with the profile scope alone reads the basic fields all the same (seen with several implementers). */
function mayRead(granted: readonly string[], scope: string): boolean {
  if (granted.includes(scope)) return true;
  return scope === 'user.info.basic' && granted.includes('user.info.profile');
}

function missingScope(world: World): ApiRefusal {
  if (world.switches.values.missing_scope === '401') return scopeNotAuthorized();
  return new ApiRefusal(400, 'scope_permission_missed', 'Additional scopes are required for the requested fields.');
}

function avatar(world: World, account: Account, kind: 'avatar' | 'avatar-100' | 'avatar-large'): string {
  return world.url() + world.images.address(kind, pictureOf(account), 24);
}
