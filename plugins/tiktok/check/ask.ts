import { type AccountAccess, type Explanation, RemoteError } from '#plugin-api';
import type { TikTokClient } from '../api/client.ts';
import type { Failure, Reply } from '../api/replies.ts';
import { blocksPosting, withToken } from '../creator.ts';
import type { ErrorBook } from '../errors.ts';
import { pageWindow, withPlace } from '../places.ts';
import type { Timings } from '../timings.ts';
import type { CallAnswer } from './conclude.ts';

export interface AskParts {
  readonly client: TikTokClient;
  readonly errors: ErrorBook;
  readonly timings: Timings;
}

/** A call made for the check alone. */
export interface AskedCall {
  /** The scope that it needs. */
  readonly scope: string;
  /** TikTok's path. */
  readonly call: string;
  readonly answer: CallAnswer;
  /** Of what was not ok. */
  readonly explanation?: Explanation;
  /** TikTok's own words. */
  readonly detail?: string;
  readonly logId?: string;
}

/** A page gives up after five seconds: what is known by then is shown. */
const limits = { timeoutMs: 3_500 };

type Question = (parts: AskParts, account: AccountAccess) => Promise<Reply<unknown> | { readonly noRoom: true }>;

/**
 * The cheapest question for each scope: developers.tiktok.com/doc/tiktok-api-v2-get-user-info, tiktok-api-v2-video-list
 * and content-posting-api-reference-query-creator-info.
 */
const questions: readonly { readonly scope: string; readonly call: string; readonly ask: Question }[] = [
  { scope: 'user.info.basic', call: 'user/info', ask: asksUser('display_name') },
  { scope: 'user.info.profile', call: 'user/info', ask: asksUser('username') },
  { scope: 'user.info.stats', call: 'user/info', ask: asksUser('follower_count') },
  {
    scope: 'video.list',
    call: 'video/list',
    ask: ({ client, errors }, account) =>
      withToken(errors, account, (token) =>
        client.videoList(token, { fields: ['id'], cursor: null, maxCount: 1 }, limits),
      ),
  },
  { scope: 'video.publish', call: 'creator_info/query', ask: askCreator },
];

export const checkedScopes: readonly string[] = questions.map(({ scope }) => scope);

/** Asks everything at once, also for scopes that were not granted: what TikTok says to it is the news. */
export async function askEverything(parts: AskParts, account: AccountAccess): Promise<readonly AskedCall[]> {
  return Promise.all(
    questions.map(async ({ scope, call, ask }) => {
      try {
        return { scope, call, ...answerOf(parts.errors, await ask(parts, account)) };
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        return { scope, call, ...withoutCall(error) };
      }
    }),
  );
}

function asksUser(field: string): Question {
  return ({ client, errors }, account) =>
    withToken(errors, account, (token) => client.userInfo(token, [field], limits));
}

async function askCreator(
  { client, errors, timings }: AskParts,
  account: AccountAccess,
): Promise<Reply<unknown> | { readonly noRoom: true }> {
  const reply = await withPlace({ client, errors }, account, {
    name: 'creator_info/query',
    windows: [pageWindow(timings)],
    call: (token) => client.creatorInfo(token, limits),
  });
  return 'ok' in reply ? reply : { noRoom: true };
}

type Told = Omit<AskedCall, 'scope' | 'call'>;

function answerOf(errors: ErrorBook, reply: Reply<unknown> | { readonly noRoom: true }): Told {
  if ('noRoom' in reply) {
    return { answer: { is: 'later', code: 'room_calls' }, explanation: errors.own('room_calls') };
  }
  if (reply.ok)
    return { answer: { is: 'ok', code: 'ok' }, ...(reply.logId === undefined ? {} : { logId: reply.logId }) };
  const { code, detail, logId } = reply;
  return {
    answer: { is: meaningOf(errors, reply), code },
    explanation: errors.explain(reply),
    ...(detail === undefined ? {} : { detail }),
    ...(logId === undefined ? {} : { logId }),
  };
}

/** No call was made, since there is no access to make it with. */
function withoutCall({ kind, explanation }: RemoteError): Told {
  return { answer: { is: kind === 'reconnect' ? 'dead' : 'later', code: explanation.code }, explanation };
}

function meaningOf(errors: ErrorBook, failure: Failure): CallAnswer['is'] {
  const { code, kind } = errors.meaning(failure);
  if (code === 'scope_not_authorized' || code === 'scope_permission_missed') return 'no-scope';
  if (code === 'app_not_approved') return 'not-approved';
  if (code === 'access_token_invalid') return 'dead';
  if (blocksPosting(failure.code)) return 'blocked';
  // A code that nobody knows is no reason to wait: it is shown.
  const isAnswered = failure.status !== null && failure.status < 500 && failure.isNameless !== true;
  if (kind === 'temporary' && code !== 'unknown') return 'later';
  return kind === 'rate-limited' || !isAnswered ? 'later' : 'refused';
}
