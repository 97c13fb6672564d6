import type { AccountAccess, CallWindow } from '#plugin-api';
import type { TikTokClient } from './api/client.ts';
import type { Reply } from './api/replies.ts';
import type { ErrorBook } from './errors.ts';
import type { NoRoom } from './situation.ts';
import type { Timings } from './timings.ts';

/**
 * Calls in a minute for one profile: developers.tiktok.com/doc/tiktok-api-v2-rate-limit allows 6, 30 and 20. A worker asks
 * for less, because what another process has just sent may arrive later than ours, and leaves some looks to pages.
 */
const callsAMinute = { 'video/init': 5, 'content/init': 5, 'status/fetch': 24, 'creator_info/query': 16 } as const;
const looksOfPages = 20;

export function windowOf(timings: Timings, name: keyof typeof callsAMinute): CallWindow {
  return { name, per: 'account', limit: callsAMinute[name], withinMs: timings.callWindow };
}

/** The same window as the workers' looks: a page may have what they leave. */
export function pageWindow(timings: Timings): CallWindow {
  return { ...windowOf(timings, 'creator_info/query'), limit: looksOfPages };
}

interface Callers {
  readonly client: Pick<TikTokClient, 'heldBack'>;
  readonly errors: ErrorBook;
}

interface CountedCall<T> {
  readonly name: string;
  /** A place in each is taken right before the call. */
  readonly windows: readonly CallWindow[];
  readonly call: (token: string) => Promise<Reply<T>>;
}

/** As `withToken`, for calls that TikTok counts: made only while TikTok answers at all and there is room for them. */
export async function withPlace<T>(
  { client, errors }: Callers,
  account: AccountAccess,
  { name, windows, call }: CountedCall<T>,
): Promise<Reply<T> | NoRoom> {
  const heldBack = client.heldBack(name);
  if (heldBack !== undefined) return heldBack;
  const token = await account.accessToken();
  const full = await takePlaces(account, windows);
  if (full !== undefined) return full;
  const reply = await call(token);
  if (reply.ok || errors.meaning(reply).code !== 'access_token_invalid') return reply;
  const next = await account.replace(token);
  return (await takePlaces(account, windows)) ?? call(next);
}

async function takePlaces(account: AccountAccess, windows: readonly CallWindow[]): Promise<NoRoom | undefined> {
  for (const window of windows) {
    const answer = await account.take(window);
    if (!answer.taken) return { call: 'no-room', at: answer.at, because: becauseOf(window.name) };
  }
  return undefined;
}

function becauseOf(name: string): NoRoom['because'] {
  return name === 'posts' || name === 'users' ? name : 'calls';
}
