import type { TikTokClient } from './api/client.ts';
import type { Reply, UserInfo } from './api/replies.ts';
import type { CallLimits } from './api/transport.ts';

const basicFields = ['open_id', 'union_id', 'display_name', 'avatar_url', 'avatar_url_100', 'avatar_large_url'];

/**
 * The facts of `user/info` that the granted scopes allow (developers.tiktok.com/doc/tiktok-api-v2-get-user-info).
 * A token may list a scope and TikTok refuse its fields all the same: then the basic ones are asked for alone.
 */
export async function readProfile(
  client: TikTokClient,
  access: { readonly token: string; readonly scopes: readonly string[] },
  limits: CallLimits,
): Promise<Reply<UserInfo>> {
  const fields = access.scopes.includes('user.info.profile') ? [...basicFields, 'username'] : basicFields;
  const reply = await client.userInfo(access.token, fields, limits);
  if (reply.ok || fields === basicFields || !isAboutScopes(reply.code)) return reply;
  return client.userInfo(access.token, basicFields, limits);
}

function isAboutScopes(code: string): boolean {
  return code === 'scope_not_authorized' || code === 'scope_permission_missed';
}

/** The picture's own bytes: TikTok's links expire. */
export async function copyAvatar(
  client: TikTokClient,
  user: UserInfo,
  limits: CallLimits,
): Promise<Uint8Array | undefined> {
  const address = user.avatar_large_url ?? user.avatar_url ?? user.avatar_url_100;
  return address === undefined ? undefined : client.picture(address, limits);
}
