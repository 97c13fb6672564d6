import type { Table } from './advice.ts';

/** What is found without TikTok's word, or in place of it. */
export const own: Table = {
  options_changed: { retry: 'never', you: ['fitOptions'], admin: [] },
  options_unreadable: { retry: 'never', you: ['chooseOptions'], admin: ['reportSoftware'] },
  media_missing: { retry: 'never', you: ['uploadAgain'], admin: ['readLog'] },
  media_changed: { retry: 'never', you: ['uploadAgain'], admin: ['readLog'] },
  media_unfit: { retry: 'never', you: ['exportVideo', 'trim', 'newPost'], admin: [] },
  progress_unreadable: { retry: 'person', you: ['lookAtProfile', 'sayWhether', 'checkAgain'], admin: ['readLog'] },
  upload_host_refused: { retry: 'never', you: ['tellAdmin'], admin: ['apiAddress', 'reachTikTok'] },
  upload_refused: { retry: 'never', you: ['retryLater', 'tellAdmin'], admin: ['reachTikTok'] },
  upload_too_slow: { retry: 'never', you: ['smaller'], admin: ['fastLine'] },
  expired_unposted: { retry: 'done', you: ['retry'], admin: [] },
  outcome_unknown: { retry: 'person', you: ['lookAtProfile', 'sayWhether', 'giveLink', 'checkAgain'], admin: [] },
  not_listed: { retry: 'person', you: ['lookAtProfile', 'sayWhether', 'giveLink', 'checkAgain'], admin: [] },
  list_unclear: { retry: 'person', you: ['lookAtProfile', 'giveLink'], admin: [] },
  list_not_allowed: { retry: 'person', you: ['lookAtProfile', 'sayWhether', 'reconnect', 'leaveAllOn'], admin: [] },
  never_listed: { retry: 'person', you: ['lookAtProfile', 'sayWhether'], admin: [] },
  address_not_public: {
    retry: 'never',
    you: ['tellAdmin'],
    admin: ['publicAddress', 'urlProperties', 'confirmAddress'],
  },
  address_unverified: {
    retry: 'never',
    you: ['tellAdmin', 'retry'],
    admin: ['manageApps', 'urlProperties', 'dns', 'confirmAddress'],
  },
  status_unknown: { retry: 'person', you: ['lookAtProfile', 'sayWhether', 'checkAgain'], admin: [] },
  status_unresolved: { retry: 'person', you: ['lookAtProfile', 'sayWhether', 'checkAgain'], admin: ['reportLogId'] },
  account_switched: { retry: 'person', you: ['reconnect', 'sameAccount', 'lookAtProfile', 'sayWhether'], admin: [] },
  sent_to_inbox: { retry: 'person', you: ['finishInInbox', 'sayWhether'], admin: ['directPost'] },
  quota_posts: { retry: 'hourly', you: ['nothing', 'spread'], admin: ['postsPerDay'] },
  quota_users: { retry: 'hourly', you: ['nothing'], admin: ['applyAudit', 'largerCap'] },
  room_calls: { retry: 'room', you: ['nothing'], admin: [] },
  room_posts: { retry: 'room', you: ['nothing', 'spread'], admin: ['postsPerDay'] },
  room_users: { retry: 'room', you: ['nothing'], admin: ['applyAudit'] },
};

/** Answers that say nothing of TikTok's own. */
export const any: Table = {
  no_answer: { retry: 'backoff', you: ['nothing'], admin: ['reachTikTok'] },
  not_sent: { retry: 'backoff', you: ['nothing'], admin: ['reachTikTok'] },
  unreadable_answer: { retry: 'backoff', you: ['nothing'], admin: ['reachTikTok'] },
  server_unavailable: { retry: 'backoff', you: ['nothing'], admin: ['reportLogId'] },
  gateway_404: { retry: 'backoff', you: ['nothing'], admin: ['apiAddress', 'reachTikTok'] },
  unsupported_path: {
    retry: 'never',
    you: ['tellAdmin'],
    admin: ['apiAddress', 'reportSoftware'],
    phrases: ['Unsupported path(Janus)', 'Unsupported path'],
  },
  stopped: { retry: 'backoff', you: ['nothing'], admin: [] },
};
