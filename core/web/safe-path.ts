// Any origin does: only whether the path leaves it matters.
const here = 'http://here.invalid';

/**
 * Reads an address to go on to after signing in. Whatever a browser might take for another site is refused:
 * `//evil`, `/\evil`, `/..//evil`, control characters, other schemes.
 * @returns path and query of this installation, or undefined
 */
export function safePath(path: string | undefined): string | undefined {
  if (path === undefined || path.length > 1_000 || !path.startsWith('/')) return undefined;
  // eslint-disable-next-line no-control-regex -- browsers drop tabs and newlines inside addresses
  if (/[\\\u0000-\u0020\u007f-\u00a0\u2028\u2029]/.test(path)) return undefined;
  if (!URL.canParse(path, here)) return undefined;
  const url = new URL(path, here);
  if (url.origin !== here || url.pathname.startsWith('//')) return undefined;
  return `${url.pathname}${url.search}`;
}
