import type { Choice, FieldCheck, SettingsShape, Text, TextKey } from '#plugin-api';
import { liveNotes, sandboxNotes } from './app-notes.ts';
import { isLoopbackHost, parseUrl } from './api/hosts.ts';
import { checkCap } from './caps.ts';
import { photoAddressField } from './photo-address.ts';

/** The path at which the host answers TikTok's callback. */
const callbackPath = '/app/tiktok/profile';

const scopes: readonly Choice[] = [
  {
    value: 'user.info.basic',
    why: 'tiktok:settings.scopes.user_info_basic',
    byDefault: true,
    always: true,
  },
  { value: 'user.info.profile', why: 'tiktok:settings.scopes.user_info_profile', byDefault: true },
  { value: 'user.info.stats', why: 'tiktok:settings.scopes.user_info_stats', byDefault: true },
  { value: 'video.list', why: 'tiktok:settings.scopes.video_list', byDefault: true },
  { value: 'video.publish', why: 'tiktok:settings.scopes.video_publish', byDefault: true },
  { value: 'video.upload', why: 'tiktok:settings.scopes.video_upload', byDefault: false },
];

export const settings = {
  sets: [
    {
      id: 'sandbox',
      label: 'tiktok:settings.sets.sandbox.label',
      help: 'tiktok:settings.sets.sandbox.help',
      notes: sandboxNotes,
    },
    {
      id: 'live',
      label: 'tiktok:settings.sets.live.label',
      help: 'tiktok:settings.sets.live.help',
      notes: liveNotes,
    },
  ],
  modeEnvironment: 'TIKTOK_MODE',
  defaultSet: 'live',
  appKeyField: 'appId',
  fields: [
    {
      kind: 'text',
      id: 'appId',
      label: 'tiktok:settings.appId.label',
      help: 'tiktok:settings.appId.help',
      environment: 'TIKTOK_CLIENT_KEY',
      required: true,
      check: checkKey,
      warn: warnOfOtherSet,
    },
    {
      kind: 'secret',
      id: 'appSecret',
      label: 'tiktok:settings.appSecret.label',
      help: 'tiktok:settings.appSecret.help',
      environment: 'TIKTOK_CLIENT_SECRET',
      required: true,
      check: checkKey,
    },
    {
      kind: 'callback',
      id: 'callbackUrl',
      label: 'tiktok:settings.callbackUrl.label',
      help: 'tiktok:settings.callbackUrl.help',
      environment: 'TIKTOK_REDIRECT_URI',
      check: checkCallback,
    },
    { kind: 'choices', id: 'scopes', label: 'tiktok:settings.scopes.label', choices: scopes },
    {
      kind: 'text',
      id: 'postsPerDay',
      label: 'tiktok:settings.postsPerDay.label',
      help: 'tiktok:settings.postsPerDay.help',
      environment: 'TIKTOK_POSTS_PER_DAY',
      check: checkCap,
    },
    {
      kind: 'text',
      id: 'profilesPerDay',
      label: 'tiktok:settings.profilesPerDay.label',
      help: 'tiktok:settings.profilesPerDay.help',
      environment: 'TIKTOK_PROFILES_PER_DAY',
      check: checkCap,
    },
    {
      kind: 'confirmation',
      id: photoAddressField,
      label: 'tiktok:settings.photoAddress.label',
      help: 'tiktok:settings.photoAddress.help',
    },
  ],
  addresses: [
    { id: 'api', environment: 'TIKTOK_API_URL', byDefault: 'https://open.tiktokapis.com' },
    { id: 'auth', environment: 'TIKTOK_AUTH_URL', byDefault: 'https://www.tiktok.com' },
  ],
} as const satisfies SettingsShape;

function checkKey(typed: string): ReturnType<FieldCheck> {
  const value = typed.trim();
  if (/\s/u.test(value)) return { problem: { key: 'tiktok:settings.problem.key.space' } };
  if (!/^[\x21-\x7e]*$/u.test(value)) return { problem: { key: 'tiktok:settings.problem.key.character' } };
  if (value.length > 200) return { problem: { key: 'tiktok:settings.problem.key.length' } };
  return { value };
}

/**
 * Seen in the field, documented nowhere: keys of live apps begin with `aw`, those of sandboxes with `sb`. Good for a
 * warning, never for a refusal.
 */
function warnOfOtherSet(value: string, setId: string): Text | undefined {
  if (setId === 'live' && value.startsWith('sb')) return { key: 'tiktok-sets:warn.sandboxKey' };
  if (setId === 'sandbox' && value.startsWith('aw')) return { key: 'tiktok-sets:warn.liveKey' };
  return undefined;
}

/** TikTok's rules for a redirect URI: developers.tiktok.com/doc/login-kit-web, section on redirect URIs. */
function checkCallback(typed: string): ReturnType<FieldCheck> {
  const value = typed.trim();
  if (value === '') return { value };
  if (/\s/u.test(value)) return { problem: { key: 'tiktok:settings.problem.callback.space' } };
  const url = parseUrl(value);
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return { problem: { key: 'tiktok:settings.problem.callback.absolute' } };
  }
  const key = callbackProblem(value, url);
  return key === undefined ? { value } : { problem: { key, values: { path: callbackPath } } };
}

function callbackProblem(value: string, url: URL): TextKey | undefined {
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) return 'tiktok:settings.problem.callback.https';
  if (value.includes('#')) return 'tiktok:settings.problem.callback.fragment';
  if (value.includes('?')) return 'tiktok:settings.problem.callback.query';
  if (url.username !== '' || url.password !== '') return 'tiktok:settings.problem.callback.userinfo';
  if (value.length >= 512) return 'tiktok:settings.problem.callback.length';
  if (url.pathname === `${callbackPath}/`) return 'tiktok:settings.problem.callback.slash';
  return undefined;
}
