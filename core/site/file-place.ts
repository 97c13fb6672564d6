import type { Route } from '../web/route.ts';

/** Where a file may stand, or why not. */
export type FilePlace = { readonly place: string } | { readonly fault: 'name' | 'prefix' | 'long' };

const longestPlace = 255;

/** No dot in front: hidden files, `.well-known` and the way up are none of a verification's. */
const segment = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/;
/** Addresses of the panel's own, with all that is or may come to be below them. */
const areas: ReadonlySet<string> = new Set([
  'account',
  'admin',
  'app',
  'assets',
  'help',
  'invitations',
  'language',
  'password',
  'team',
  'webhooks',
]);

/** @param prefix `''`, `videos` or `/videos/user/`: slashes at the ends do not count */
export function placeOf(prefix: string, name: string): FilePlace {
  if (!segment.test(name) || !name.includes('.')) return { fault: 'name' };
  const folders = prefix.replace(/^\/+|\/+$/g, '');
  if (folders !== '' && !folders.split('/').every((folder) => segment.test(folder))) return { fault: 'prefix' };
  const place = folders === '' ? `/${name}` : `/${folders}/${name}`;
  return place.length > longestPlace ? { fault: 'long' } : { place };
}

/** Tells which paths no page of the panel answers at: only there a file may be kept, and only there one is looked for. */
export function freePlaces(routes: readonly Pick<Route, 'path'>[]): (path: string) => boolean {
  const patterns = routes.map(({ path }) => path.split('/'));
  return (path) => {
    const parts = path.split('/');
    const [, first = '', ...rest] = parts;
    // First of all, since every page is asked for through here.
    if (areas.has(first.toLowerCase()) || path.length > longestPlace) return false;
    const isPlace = [first, ...rest].every((part) => segment.test(part)) && (parts.at(-1) ?? '').includes('.');
    return isPlace && !patterns.some((pattern) => answers(pattern, parts));
  };
}

function answers(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.length !== parts.length) return false;
  return pattern.every((one, index) => one.startsWith(':') || one.toLowerCase() === parts[index]?.toLowerCase());
}
