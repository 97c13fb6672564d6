import type { AccountAccess } from '#plugin-api';
import { pageTimeoutMs } from './api/client.ts';
import type { TikTokClient } from './api/client.ts';
import type { CreatorInfo, Reply } from './api/replies.ts';
import type { ErrorBook } from './errors.ts';
import { pageWindow, withPlace } from './places.ts';
import type { Timings } from './timings.ts';

export interface CreatorParts {
  readonly client: TikTokClient;
  readonly errors: ErrorBook;
  readonly timings: Timings;
}

/** Asks for a page what the profile may post now. No room for the call is a failure like TikTok's own. */
export async function askCreator(parts: CreatorParts, account: AccountAccess): Promise<Reply<CreatorInfo>> {
  const limits = { timeoutMs: pageTimeoutMs };
  const name = 'creator_info/query';
  const reply = await withPlace(parts, account, {
    name,
    windows: [pageWindow(parts.timings)],
    call: (token) => parts.client.creatorInfo(token, limits),
  });
  if ('ok' in reply) return reply;
  return { ok: false, place: 'own', call: name, code: 'room_calls', status: null };
}

/** Makes a call with the account's token; a token that TikTok no longer takes is replaced once, and the same call made once more. */
export async function withToken<T>(
  errors: ErrorBook,
  account: AccountAccess,
  call: (token: string) => Promise<Reply<T>>,
): Promise<Reply<T>> {
  const token = await account.accessToken();
  const reply = await call(token);
  if (reply.ok || errors.meaning(reply).code !== 'access_token_invalid') return reply;
  return call(await account.replace(token));
}

/** Codes of `creator_info` that mean: this profile can post nothing now (docs: content-posting-api-reference-query-creator-info). */
export function blocksPosting(code: string): boolean {
  return [
    'spam_risk_too_many_posts',
    'spam_risk_user_banned_from_posting',
    'reached_active_user_cap',
    'user_has_no_video_post_permission',
  ].includes(code);
}
