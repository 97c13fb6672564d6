import type { Route } from './route.ts';

/** Tells whether a page of this installation answers at a path: what is not there is not linked. */
export function knownPages(routes: readonly Pick<Route, 'method' | 'path'>[]): (href: string) => boolean {
  const patterns = routes.filter(({ method }) => method === 'get').map(({ path }) => path.split('/'));
  return (href) => {
    const parts = href.split(/[?#]/u, 1).join('').split('/');
    return patterns.some(
      (pattern) =>
        pattern.length === parts.length &&
        pattern.every((part, index) => part.startsWith(':') || part === parts[index]),
    );
  };
}
