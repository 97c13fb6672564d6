import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import express, { Router } from 'express';

/** Public files: served under /assets/, named on pages with a hash of what is in them. */
export interface Assets {
  /** `css/type.css` → `/assets/css/type.css?v=1a2b3c4d5e`. */
  url(file: string): string;
  readonly router: Router;
}

export interface AssetSources {
  /** Folders by the first part of the path; the empty name is the folder for everything else. */
  readonly folders: ReadonlyMap<string, string>;
  /** Files made at the start, by path: `accent.css`, `icons.svg`. */
  readonly made: ReadonlyMap<string, { readonly type: string; readonly text: string }>;
  /** Hashes are kept; off in development, so that an edit shows at once. */
  readonly cache: boolean;
}

const aYearSeconds = 31_536_000;

export function createAssets(sources: AssetSources): Assets {
  const hashes = new Map<string, string>();
  const hashOf = (file: string): string => {
    const known = hashes.get(file);
    if (known !== undefined) return known;
    const hash = createHash('sha256').update(readAsset(sources, file)).digest('hex').slice(0, 12);
    if (sources.cache) hashes.set(file, hash);
    return hash;
  };
  return { url: (file) => `/assets/${file}?v=${hashOf(file)}`, router: assetRouter(sources) };
}

/** @throws Error for a file that is not there: a page that names it is broken, and a test draws every page */
function readAsset({ folders, made }: AssetSources, file: string): string | Buffer {
  const text = made.get(file)?.text;
  if (text !== undefined) return text;
  const [first = '', ...rest] = file.split('/');
  const own = folders.get(first);
  if (own !== undefined) return readFileSync(path.join(own, ...rest));
  return readFileSync(path.join(folders.get('') ?? '', file));
}

function assetRouter({ folders, made }: AssetSources): Router {
  const router = Router({ caseSensitive: true });
  router.use((req, res, next) => {
    // An address with a hash never changes its content; one without (fonts named in a stylesheet) may.
    const isNamedByHash = req.query['v'] !== undefined;
    res.set('Cache-Control', isNamedByHash ? `public, max-age=${aYearSeconds}, immutable` : 'public, max-age=86400');
    next();
  });
  for (const [file, { type, text }] of made) router.get(`/${file}`, (_req, res) => void res.type(type).send(text));
  const options = { index: false, redirect: false, cacheControl: false, dotfiles: 'ignore' } as const;
  for (const [name, folder] of folders) router.use(`/${name}`, express.static(folder, options));
  return router;
}
