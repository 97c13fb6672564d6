import type { Table } from './advice.ts';

/** developers.tiktok.com/doc/tiktok-api-v2-error-handling, /doc/content-posting-api-reference-direct-post */
export const api: Table = {
  access_token_invalid: {
    retry: 'renew',
    you: ['reconnect', 'sameAccount', 'leaveAllOn'],
    admin: ['oneInstallation'],
    phrases: ['access token is invalid or not found'],
  },
  scope_not_authorized: {
    retry: 'held',
    you: ['reconnect', 'leaveAllOn'],
    admin: ['enableScopes', 'directPost', 'reviewState'],
    phrases: ['did not authorize the scope required'],
  },
  scope_refused: {
    retry: 'never',
    you: ['tellAdmin'],
    admin: ['manageApps', 'directPost', 'enableScopes', 'reviewState'],
  },
  scope_permission_missed: { retry: 'held', you: ['reconnect', 'leaveAllOn'], admin: ['enableScopes'] },
  invalid_params: { retry: 'never', you: ['shorten', 'retry', 'tellAdmin'], admin: ['reportSoftware'] },
  rate_limit_exceeded: { retry: 'minute', you: ['nothing'], admin: [] },
  internal_error: { retry: 'backoff', you: ['nothing'], admin: ['reportLogId'] },
  invalid_file_upload: { retry: 'never', you: ['exportVideo', 'newPost'], admin: [] },
  privacy_level_option_mismatch: { retry: 'never', you: ['otherPrivacy'], admin: [] },
  unaudited_client_can_only_post_to_private_accounts: {
    retry: 'never',
    you: ['privateTest', 'notPublicCure'],
    admin: ['manageApps', 'applyAudit'],
    phrases: ['review our integration guidelines'],
  },
  reached_active_user_cap: { retry: 'hourly', you: ['tomorrow'], admin: ['applyAudit', 'largerCap'] },
  spam_risk_too_many_posts: { retry: 'hourly', you: ['waitDay', 'spread'], admin: ['postsPerDay'] },
  spam_risk_user_banned_from_posting: { retry: 'never', you: ['ownerInApp', 'retryLater'], admin: [] },
  spam_risk_too_many_pending_share: { retry: 'minute', you: ['clearDrafts'], admin: [] },
  url_ownership_unverified: {
    retry: 'never',
    you: ['tellAdmin', 'retry'],
    admin: ['manageApps', 'urlProperties', 'dns', 'confirmAddress'],
    phrases: ['URL ownership', 'domain not verified'],
  },
  app_version_check_failed: { retry: 'never', you: ['updateApp', 'retry'], admin: [] },
  invalid_publish_id: { retry: 'person', you: ['lookAtProfile', 'sayWhether', 'checkAgain'], admin: [] },
  token_not_authorized_for_specified_publish_id: {
    retry: 'person',
    you: ['reconnect', 'sameAccount', 'lookAtProfile', 'sayWhether'],
    admin: [],
  },
  publish_not_cancellable: { retry: 'done', you: ['deleteInApp'], admin: [] },
  app_not_approved: { retry: 'never', you: ['tellAdmin'], admin: ['manageApps', 'reviewState', 'keyOfMode'] },
  user_has_no_video_post_permission: { retry: 'never', you: ['ownerInApp', 'retryLater'], admin: [] },
  unknown: { retry: 'backoff', you: ['retryLater', 'tellAdmin'], admin: ['reportLogId'] },
};

/** developers.tiktok.com/doc/content-posting-api-media-transfer-guide */
export const upload: Table = {
  put_400: { retry: 'never', you: ['retry', 'tellAdmin'], admin: ['reportSoftware'] },
  put_403: { retry: 'resume', you: ['nothing'], admin: ['reachTikTok'] },
  put_404: { retry: 'resume', you: ['nothing'], admin: [] },
  put_416: { retry: 'resume', you: ['nothing'], admin: [] },
  put_5xx: { retry: 'resume', you: ['nothing'], admin: [] },
  unknown: { retry: 'resume', you: ['nothing'], admin: ['reachTikTok'] },
};

/** developers.tiktok.com/doc/content-posting-api-reference-get-video-status */
export const fail: Table = {
  file_format_check_failed: { retry: 'never', you: ['exportVideo', 'newPost'], admin: [] },
  duration_check_failed: { retry: 'never', you: ['trim', 'newPost'], admin: [] },
  frame_rate_check_failed: { retry: 'never', you: ['frames', 'newPost'], admin: [] },
  picture_size_check_failed: { retry: 'never', you: ['resize', 'newPost'], admin: [] },
  internal: { retry: 'once', you: ['retry'], admin: ['reportLogId'] },
  video_pull_failed: { retry: 'never', you: ['retry'], admin: ['reachableMedia'] },
  photo_pull_failed: { retry: 'once', you: ['retry'], admin: ['publicAddress', 'reachableMedia'] },
  publish_cancelled: { retry: 'done', you: ['retry'], admin: [] },
  auth_removed: { retry: 'never', you: ['reconnect', 'retry'], admin: [] },
  spam_risk_too_many_posts: { retry: 'never', you: ['waitDay', 'retry', 'spread'], admin: ['postsPerDay'] },
  spam_risk_user_banned_from_posting: { retry: 'never', you: ['ownerInApp'], admin: [] },
  spam_risk_text: { retry: 'never', you: ['rewrite', 'newPost'], admin: [] },
  spam_risk: { retry: 'never', you: ['changeContent', 'spread'], admin: [] },
  unknown: { retry: 'never', you: ['retryLater', 'tellAdmin'], admin: ['reportLogId'] },
};
