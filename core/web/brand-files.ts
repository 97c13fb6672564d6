import { createHash } from 'node:crypto';
import { Router } from 'express';
import { accentStylesheet } from './accent.ts';
import type { Brand, LogoKind } from './brand.ts';

const aYear = 'public, max-age=31536000, immutable';
const logoFiles = { square: 'logo.png', wide: 'logo-wide.png' } as const satisfies Record<LogoKind, string>;

/** Addresses of the files that differ between installations, each named by what is in it. */
export function brandUrls(brand: Brand) {
  const logo = (kind: LogoKind) => {
    const hash = brand.logo(kind);
    return hash === undefined ? null : `/assets/${logoFiles[kind]}?v=${hash.slice(0, 12)}`;
  };
  return { accentUrl: `/assets/accent.css?v=${hashOf(brand.accent())}`, logo: logo('square'), wideLogo: logo('wide') };
}

/** To be mounted under /assets, before the files that are the same everywhere. */
export function brandFiles(brand: Brand): Router {
  const router = Router({ caseSensitive: true });
  router.get('/accent.css', async (req, res) => {
    await brand.freshen();
    // A page of another process may name a colour that this one has not seen yet: that answer is not kept.
    const isSeen = req.query['v'] === hashOf(brand.accent());
    res
      .set('Cache-Control', isSeen ? aYear : 'no-cache')
      .type('text/css')
      .send(accentStylesheet(brand.accent()));
  });
  for (const kind of ['square', 'wide'] as const) {
    router.get(`/${logoFiles[kind]}`, async (req, res, next) => {
      await brand.freshen();
      const png = await brand.readLogo(kind);
      if (png === undefined) {
        next();
        return;
      }
      const isSeen = req.query['v'] === brand.logo(kind)?.slice(0, 12);
      res
        .set('Cache-Control', isSeen ? aYear : 'no-cache')
        .type('png')
        .send(png);
    });
  }
  return router;
}

/** Of the colour that was asked for last: it is named on every page. */
let last = { text: '', hash: '' };

function hashOf(text: string): string {
  if (last.text !== text) last = { text, hash: createHash('sha256').update(text).digest('hex').slice(0, 12) };
  return last.hash;
}
