import { RemoteError } from '#plugin-api';
import type { Explanation, RemoteErrorKind, Translate, WhoCanFix } from '#plugin-api';
import type { Failure, Place } from './api/replies.ts';

export interface Meaning {
  readonly kind: RemoteErrorKind;
  readonly who: WhoCanFix;
}

type Codes = Readonly<Record<string, Meaning>>;

function is(kind: RemoteErrorKind, who: WhoCanFix): Meaning {
  return { kind, who };
}

/** Answers that say nothing of TikTok's own; the same everywhere. */
const anywhere: Codes = {
  no_answer: is('temporary', 'network'),
  not_sent: is('temporary', 'network'),
  unreadable_answer: is('temporary', 'network'),
  server_unavailable: is('temporary', 'network'),
  gateway_404: is('temporary', 'network'),
  unsupported_path: is('misconfigured', 'admin'),
  stopped: is('temporary', 'software'),
};

/** developers.tiktok.com/doc/oauth-error-handling; keywords as TikTok's own page "Something went wrong" shows them. */
const authorize: Codes = {
  access_denied: is('refused', 'you'),
  non_sandbox_target: is('misconfigured', 'admin'),
  client_key: is('misconfigured', 'admin'),
  param_error: is('misconfigured', 'software'),
  scope: is('misconfigured', 'admin'),
  redirect_uri: is('misconfigured', 'admin'),
  code_challenge: is('misconfigured', 'admin'),
  code_challenge_method: is('misconfigured', 'admin'),
  unsupported_response_type: is('misconfigured', 'software'),
  invalid_request: is('misconfigured', 'admin'),
  server_error: is('temporary', 'network'),
  temporarily_unavailable: is('temporary', 'network'),
  state_mismatch: is('refused', 'you'),
  http_431: is('refused', 'you'),
  scope_not_granted: is('reconnect', 'you'),
  login_failed: is('refused', 'you'),
  unknown: is('refused', 'admin'),
};

/** developers.tiktok.com/doc/oauth-user-access-token-management, section on errors. */
const token: Codes = {
  invalid_client: is('misconfigured', 'admin'),
  invalid_grant: is('refused', 'you'),
  invalid_request: is('misconfigured', 'admin'),
  unsupported_grant_type: is('misconfigured', 'software'),
  unsupported_response_type: is('misconfigured', 'software'),
  unauthorized_client: is('misconfigured', 'admin'),
  invalid_scope: is('misconfigured', 'admin'),
  access_denied: is('misconfigured', 'admin'),
  server_error: is('temporary', 'network'),
  temporarily_unavailable: is('temporary', 'network'),
  rate_limit_exceeded: is('rate-limited', 'network'),
  unknown: is('temporary', 'network'),
};

/** Only a dead grant differs: nothing else may ever disconnect a profile. */
const refresh: Codes = { invalid_grant: is('reconnect', 'team') };

/** developers.tiktok.com/doc/tiktok-api-v2-error-handling and the error tables of the Content Posting API's pages. */
const api: Codes = {
  access_token_invalid: is('reconnect', 'team'),
  scope_not_authorized: is('reconnect', 'team'),
  scope_refused: is('misconfigured', 'admin'),
  scope_permission_missed: is('reconnect', 'team'),
  invalid_params: is('refused', 'software'),
  rate_limit_exceeded: is('rate-limited', 'network'),
  internal_error: is('temporary', 'network'),
  invalid_file_upload: is('refused', 'you'),
  privacy_level_option_mismatch: is('refused', 'you'),
  unaudited_client_can_only_post_to_private_accounts: is('misconfigured', 'admin'),
  reached_active_user_cap: is('rate-limited', 'admin'),
  spam_risk_too_many_posts: is('rate-limited', 'team'),
  spam_risk_user_banned_from_posting: is('refused', 'team'),
  spam_risk_too_many_pending_share: is('rate-limited', 'team'),
  url_ownership_unverified: is('misconfigured', 'admin'),
  app_version_check_failed: is('refused', 'team'),
  invalid_publish_id: is('outcome-unknown', 'team'),
  token_not_authorized_for_specified_publish_id: is('outcome-unknown', 'team'),
  publish_not_cancellable: is('refused', 'team'),
  app_not_approved: is('misconfigured', 'admin'),
  user_has_no_video_post_permission: is('refused', 'team'),
  unknown: is('temporary', 'network'),
};

const upload: Codes = {
  put_400: is('refused', 'software'),
  put_403: is('temporary', 'network'),
  put_404: is('temporary', 'network'),
  put_416: is('temporary', 'software'),
  put_5xx: is('temporary', 'network'),
  unknown: is('temporary', 'network'),
};

/** developers.tiktok.com/doc/content-posting-api-reference-get-video-status: why a publish ended as FAILED. */
const fail: Codes = {
  file_format_check_failed: is('refused', 'you'),
  duration_check_failed: is('refused', 'you'),
  frame_rate_check_failed: is('refused', 'you'),
  picture_size_check_failed: is('refused', 'you'),
  internal: is('refused', 'network'),
  video_pull_failed: is('refused', 'admin'),
  photo_pull_failed: is('refused', 'admin'),
  publish_cancelled: is('refused', 'you'),
  auth_removed: is('refused', 'team'),
  spam_risk_too_many_posts: is('refused', 'team'),
  spam_risk_user_banned_from_posting: is('refused', 'team'),
  spam_risk_text: is('refused', 'you'),
  spam_risk: is('refused', 'you'),
  unknown: is('refused', 'network'),
};

/** What we find ourselves. */
const own = {
  options_changed: is('refused', 'you'),
  options_unreadable: is('refused', 'you'),
  media_missing: is('refused', 'you'),
  media_changed: is('refused', 'you'),
  media_unfit: is('refused', 'you'),
  progress_unreadable: is('outcome-unknown', 'team'),
  upload_host_refused: is('misconfigured', 'admin'),
  upload_refused: is('refused', 'network'),
  upload_too_slow: is('refused', 'admin'),
  expired_unposted: is('refused', 'team'),
  outcome_unknown: is('outcome-unknown', 'team'),
  not_listed: is('outcome-unknown', 'team'),
  list_unclear: is('outcome-unknown', 'team'),
  list_not_allowed: is('outcome-unknown', 'team'),
  never_listed: is('outcome-unknown', 'team'),
  address_not_public: is('misconfigured', 'admin'),
  address_unverified: is('misconfigured', 'admin'),
  status_unknown: is('outcome-unknown', 'team'),
  status_unresolved: is('outcome-unknown', 'team'),
  account_switched: is('outcome-unknown', 'team'),
  sent_to_inbox: is('outcome-unknown', 'team'),
  quota_posts: is('rate-limited', 'network'),
  quota_users: is('rate-limited', 'admin'),
  room_calls: is('rate-limited', 'network'),
  room_posts: is('rate-limited', 'admin'),
  room_users: is('rate-limited', 'admin'),
} satisfies Codes;

export type OwnCode = keyof typeof own;

export const catalogue = { any: anywhere, authorize, token, refresh, api, upload, fail, own } as const;

/** Where a place's texts are looked up next. */
const fallback: Readonly<Record<Place, keyof typeof catalogue>> = {
  authorize: 'any',
  token: 'any',
  refresh: 'token',
  api: 'any',
  upload: 'any',
  fail: 'any',
  own: 'any',
};

/**
 * Other names of the same thing: two spellings of TikTok's own, the `error` values beside its keywords,
 * and codes of guides and other people's software that TikTok does not document.
 */
export const aliases: Readonly<Record<string, string>> = {
  invalid_param: 'invalid_params',
  unauthorized_client: 'client_key',
  invalid_client: 'client_key',
  invalid_scope: 'scope',
  invalid_redirect_uri: 'redirect_uri',
  '10003': 'client_key',
  insufficient_permissions: 'scope_not_authorized',
  access_token_expired: 'access_token_invalid',
  publish_id_not_found: 'invalid_publish_id',
  privacy_level_not_authorized: 'privacy_level_option_mismatch',
  'App not approved': 'app_not_approved',
  'Sandbox mode': 'app_not_approved',
};

/** A code's explanation and what it means for the host. One per plugin: texts come from its own locale. */
export class ErrorBook {
  readonly #t: Translate;

  constructor(t: Translate) {
    this.#t = t;
  }

  meaning(failure: Pick<Failure, 'place' | 'code'>): Meaning & { readonly code: string } {
    const found = find(failure.place, failure.code);
    return { ...found.meaning, code: found.code };
  }

  /** The catalogue's text; TikTok's own code and log id stay as small print. */
  explain(failure: Pick<Failure, 'place' | 'code' | 'detail' | 'logId'>): Explanation {
    const { place, code, meaning } = find(failure.place, failure.code);
    const key = `tiktok:errors.${place}.${code}`;
    const values = { code: failure.code, detail: failure.detail ?? this.#t('tiktok:noDetail') };
    return {
      sentence: this.#t(`${key}.sentence`, values).trim(),
      nextStep: this.#t(`${key}.next`, values),
      who: meaning.who,
      code: failure.code,
      place,
      ...(failure.logId === undefined ? {} : { logId: failure.logId }),
    };
  }

  /** Something found by ourselves. */
  own(code: OwnCode, parts: { readonly detail?: string; readonly logId?: string } = {}): Explanation {
    return this.explain({ place: 'own', code, ...parts });
  }

  /** @param at the earliest time of a repeat, where the failure names none */
  remoteError(failure: Failure, at?: number): RemoteError {
    const retryAt = failure.retryAt ?? at;
    return new RemoteError({
      kind: this.meaning(failure).kind,
      explanation: this.explain(failure),
      ...(retryAt === undefined ? {} : { retryAt }),
      ...(failure.status === null ? {} : { status: failure.status }),
      ...(failure.code === 'not_sent' ? { notSent: true } : {}),
    });
  }
}

interface Found {
  readonly place: keyof typeof catalogue;
  readonly code: string;
  readonly meaning: Meaning;
}

function find(place: Place, code: string): Found {
  const places: readonly (keyof typeof catalogue)[] = [place, fallback[place], 'any'];
  for (const name of [code, aliases[code]]) {
    for (const where of places) {
      const meaning = name === undefined ? undefined : at(catalogue[where], name);
      if (name !== undefined && meaning !== undefined) return { place: where, code: name, meaning };
    }
  }
  for (const where of places) {
    const meaning = at(catalogue[where], 'unknown');
    if (meaning !== undefined) return { place: where, code: 'unknown', meaning };
  }
  return { place: 'api', code: 'unknown', meaning: is('temporary', 'network') };
}

function at(codes: Codes, name: string): Meaning | undefined {
  return Object.hasOwn(codes, name) ? codes[name] : undefined;
}
