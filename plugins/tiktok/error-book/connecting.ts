import type { Table } from './advice.ts';

/** developers.tiktok.com/doc/login-kit-web, /doc/add-a-sandbox, /doc/oauth-error-handling */
export const authorize: Table = {
  access_denied: { retry: 'login', you: ['connectAgain', 'pressContinue'], admin: [] },
  non_sandbox_target: {
    retry: 'login',
    headings: 'account',
    you: ['whoIsLoggedIn', 'switchAccount', 'comeBack'],
    admin: ['sandboxSettings', 'targetUsers', 'waitHour', 'switchLive'],
    phrases: ['not a target user', 'sandbox target'],
  },
  client_key: {
    retry: 'login',
    you: ['tellAdmin'],
    admin: ['manageApps', 'compareKey', 'keyOfMode', 'addLoginKit', 'enableScopes', 'reviewState'],
    phrases: ['Client info is illegal or malformed', 'Invalid client_id'],
  },
  param_error: { retry: 'login', you: ['connectAgain', 'tellAdmin'], admin: ['reportSoftware'] },
  scope: { retry: 'login', you: ['tellAdmin'], admin: ['manageApps', 'directPost', 'enableScopes', 'applyChanges'] },
  redirect_uri: {
    retry: 'login',
    you: ['tellAdmin'],
    admin: ['manageApps', 'registerUri', 'ownList', 'uriRules', 'applyChanges'],
    phrases: ['Invalid redirect_uri', 'redirect uri mismatch'],
  },
  code_challenge: { retry: 'login', you: ['tellAdmin'], admin: ['manageApps', 'platformWeb', 'reportSoftware'] },
  code_challenge_method: { retry: 'login', you: ['tellAdmin'], admin: ['manageApps', 'platformWeb', 'reportSoftware'] },
  unsupported_response_type: { retry: 'login', you: ['connectAgain', 'tellAdmin'], admin: ['reportSoftware'] },
  invalid_request: {
    retry: 'login',
    you: ['connectAgain', 'tellAdmin'],
    admin: ['manageApps', 'compareKey', 'registerUri'],
    phrases: ['The request parameters are malformed'],
  },
  server_error: { retry: 'login', you: ['waitMinutes'], admin: [] },
  temporarily_unavailable: { retry: 'login', you: ['waitMinutes'], admin: [] },
  state_mismatch: { retry: 'login', you: ['connectAgain', 'oneWindow'], admin: [] },
  http_431: {
    retry: 'login',
    you: ['privateWindow', 'comeBack'],
    admin: [],
    phrases: ['HTTP ERROR 431', 'Request Header Fields Too Large'],
  },
  scope_not_granted: {
    retry: 'held',
    you: ['reconnect', 'sameAccount', 'leaveAllOn'],
    admin: [],
    phrases: ['scope was not granted', 'permission was not granted'],
  },
  login_failed: {
    retry: 'login',
    you: ['waitMinutes', 'connectAgain', 'tellAdmin'],
    admin: ['readLog', 'reachTikTok'],
  },
  unknown: { retry: 'login', you: ['connectAgain', 'tellAdmin'], admin: ['reviewState', 'reportLogId'] },
};

/** developers.tiktok.com/doc/oauth-error-handling */
export const token: Table = {
  invalid_client: {
    retry: 'never',
    you: ['tellAdmin'],
    admin: ['manageApps', 'reenterBoth', 'testConnection'],
    phrases: [
      'Client key or secret is incorrect',
      'Invalid client_id/client_secret',
      'Client secret is missed in request',
    ],
  },
  invalid_grant: {
    retry: 'login',
    you: ['connectAgain', 'oneWindow'],
    admin: ['compareKey', 'registerUri'],
    phrases: ['Authorization code is expired'],
  },
  invalid_request: {
    retry: 'never',
    you: ['connectAgain', 'tellAdmin'],
    admin: ['registerUri', 'ownList', 'platformWeb', 'reportSoftware'],
    phrases: ['Redirect_uri is not matched', 'Code verifier or code challenge is invalid'],
  },
  unsupported_grant_type: { retry: 'never', you: ['tellAdmin'], admin: ['reportSoftware'] },
  unsupported_response_type: { retry: 'never', you: ['tellAdmin'], admin: ['reportSoftware'] },
  unauthorized_client: {
    retry: 'never',
    you: ['tellAdmin'],
    admin: ['manageApps', 'addLoginKit', 'reviewState', 'compareKey'],
  },
  invalid_scope: { retry: 'never', you: ['tellAdmin'], admin: ['manageApps', 'enableScopes', 'applyChanges'] },
  access_denied: { retry: 'never', you: ['connectAgain', 'tellAdmin'], admin: ['manageApps', 'reviewState'] },
  server_error: { retry: 'background', you: ['waitMinutes'], admin: ['reportLogId'] },
  temporarily_unavailable: { retry: 'background', you: ['waitMinutes'], admin: [] },
  rate_limit_exceeded: { retry: 'background', you: ['waitMinutes'], admin: [] },
  unknown: { retry: 'background', you: ['waitMinutes', 'tellAdmin'], admin: ['testConnection', 'reportLogId'] },
};

/** developers.tiktok.com/doc/oauth-refresh-a-user-access-token */
export const refresh: Table = {
  invalid_grant: {
    retry: 'held',
    you: ['reconnect', 'sameAccount', 'leaveAllOn'],
    admin: ['oneInstallation'],
    phrases: ['Refresh token is invalid or expired'],
  },
};
