import type { Choice, FieldCheck, SettingsShape } from '#plugin-api';
import { isLoopbackHost, parseUrl } from './api/hosts.ts';

/** The path at which the host answers TikTok's callback. */
const callbackPath = '/app/tiktok/profile';

const scopes: readonly Choice[] = [
  {
    value: 'user.info.basic',
    why: 'Nickname and avatar of the profile. TikTok adds it to every login.',
    byDefault: true,
    always: true,
  },
  { value: 'user.info.profile', why: 'The @username, which links to posts need, and the bio.', byDefault: true },
  { value: 'user.info.stats', why: 'Followers, following, likes and number of videos.', byDefault: true },
  { value: 'video.list', why: 'The public videos of the profile with their views and likes.', byDefault: true },
  { value: 'video.publish', why: 'Publishing scheduled posts directly.', byDefault: true },
  { value: 'video.upload', why: 'Not used: posts are published directly.', byDefault: false },
];

export const settings = {
  sets: [
    {
      id: 'sandbox',
      label: 'Sandbox',
      help: 'For trying out. Only accounts listed as target users of the sandbox can connect.',
    },
    { id: 'live', label: 'Live', help: 'The reviewed app. It works once TikTok has approved it.' },
  ],
  modeEnvironment: 'TIKTOK_MODE',
  defaultSet: 'live',
  appKeyField: 'appId',
  fields: [
    {
      kind: 'text',
      id: 'appId',
      label: 'App ID',
      help: 'TikTok calls it client key.',
      environment: 'TIKTOK_CLIENT_KEY',
      required: true,
      check: checkKey('App ID'),
    },
    {
      kind: 'secret',
      id: 'appSecret',
      label: 'App Secret',
      help: 'TikTok calls it client secret.',
      environment: 'TIKTOK_CLIENT_SECRET',
      required: true,
      check: checkKey('App Secret'),
    },
    {
      kind: 'callback',
      id: 'callbackUrl',
      label: 'Callback URL',
      help: 'Register exactly this address at TikTok: Login Kit, Redirect URI. Empty means the address computed here.',
      environment: 'TIKTOK_REDIRECT_URI',
      check: checkCallback,
    },
    { kind: 'choices', id: 'scopes', label: 'Scopes', choices: scopes },
  ],
  addresses: [
    { id: 'api', environment: 'TIKTOK_API_URL', byDefault: 'https://open.tiktokapis.com' },
    { id: 'auth', environment: 'TIKTOK_AUTH_URL', byDefault: 'https://www.tiktok.com' },
  ],
} as const satisfies SettingsShape;

function checkKey(label: string): FieldCheck {
  return (typed) => {
    const value = typed.trim();
    if (/\s/u.test(value)) return { problem: `${label} has a space or line break inside. Copy it again from TikTok.` };
    if (!/^[\x21-\x7e]*$/u.test(value)) {
      return { problem: `${label} has a character that TikTok's keys never have. Copy it again from TikTok.` };
    }
    if (value.length > 200) return { problem: `${label} is longer than any key of TikTok. Copy only the key itself.` };
    return { value };
  };
}

/** TikTok's rules for a redirect URI: developers.tiktok.com/doc/login-kit-web, section on redirect URIs. */
function checkCallback(typed: string): ReturnType<FieldCheck> {
  const value = typed.trim();
  if (value === '') return { value };
  if (/\s/u.test(value)) return { problem: 'The Callback URL has a space inside. Remove it.' };
  const url = parseUrl(value);
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return { problem: 'Type the whole address, beginning with https://.' };
  }
  const problem = callbackProblem(value, url);
  return problem === undefined ? { value } : { problem };
}

function callbackProblem(value: string, url: URL): string | undefined {
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return 'TikTok takes only https addresses; http works on this machine alone (localhost, 127.0.0.1). Begin with https://.';
  }
  if (value.includes('#')) return 'TikTok refuses a Callback URL with a # part. Remove it.';
  if (value.includes('?')) return 'TikTok refuses a Callback URL with a query. Remove everything from the ? on.';
  if (url.username !== '' || url.password !== '') return 'A Callback URL holds no user name or password. Remove them.';
  if (value.length >= 512) return 'TikTok takes fewer than 512 characters. Use a shorter address.';
  if (url.pathname === `${callbackPath}/`) {
    return `With the slash at the end it is another address for TikTok than ${callbackPath}. Remove the slash here and at TikTok.`;
  }
  return undefined;
}
