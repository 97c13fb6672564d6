import { RemoteError } from '#plugin-api';
import type { Explanation, FailedLogin } from '#plugin-api';
import { presentable } from './api/read-answer.ts';
import { catalogue } from './errors.ts';
import type { ErrorBook } from './errors.ts';

/**
 * A login that did not end well, told from the callback's query or from what the strategy ended with.
 * TikTok's keyword (`error_type`) says more than `error`: access_denied with non_sandbox_target is no cancelled login.
 */
export function explainLogin(errors: ErrorBook, failure: FailedLogin): Explanation {
  const fromStrategy = remoteErrorIn(failure.error);
  if (fromStrategy !== undefined) return fromStrategy.explanation;
  return errors.explain({ place: 'authorize', ...fromQuery(failure) });
}

function fromQuery({ query, error }: FailedLogin): { code: string; detail?: string; logId?: string } {
  const detail = presentable(query['error_description'] ?? '');
  const logId = presentable(query['logid'] ?? query['log_id'] ?? '');
  return {
    code: keyword(query) ?? (error === undefined ? 'state_mismatch' : 'login_failed'),
    ...(detail === '' ? {} : { detail }),
    ...(logId === '' ? {} : { logId }),
  };
}

/** @returns undefined without any word of TikTok: then the callback answers no login of ours */
function keyword(query: Readonly<Record<string, string>>): string | undefined {
  const words = [query['error_type'], query['error'], query['errCode'], query['error_code']];
  const given = words.filter((word) => word !== undefined && word !== '').map((word) => presentable(word ?? ''));
  // A keyword inside the description counts too: where it surfaces is documented nowhere.
  const description = query['error_description'] ?? '';
  if (description.includes('non_sandbox_target')) return 'non_sandbox_target';
  return given.find((word) => Object.hasOwn(catalogue.authorize, word)) ?? given[0];
}

/** passport-oauth2 wraps what the token call ended with. */
function remoteErrorIn(error: unknown): RemoteError | undefined {
  if (error instanceof RemoteError) return error;
  if (typeof error !== 'object' || error === null || !('oauthError' in error)) return undefined;
  return error.oauthError instanceof RemoteError ? error.oauthError : undefined;
}
