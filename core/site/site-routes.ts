import type { Translate } from '#plugin-api';
import type { Language } from '../language/languages.ts';
import type { Route } from '../web/route.ts';

/** What the home page tells of a network: what the installation asks it for, and why. */
export interface HomeNetwork {
  readonly name: string;
  readonly icon: string;
  readonly asks: readonly { readonly scope: string; readonly why: string }[];
}

/** Asked by the machines that watch the installation. */
interface Health {
  /** Whether requests can be answered now; the reason is for the log, not for the answer. */
  isReady(): Promise<boolean>;
}

interface SiteParts {
  /** The networks teams may connect now. */
  readonly networks: (t: Translate) => Promise<readonly HomeNetwork[]>;
  readonly health: Health;
  /** The installation's own words; empty where it has none. */
  readonly homeWords: (language: Language) => { readonly title: string; readonly text: string };
  readonly adminPath: string;
}

/** What anyone may see, and what operators ask. */
export function siteRoutes({ networks, health, homeWords, adminPath }: SiteParts): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/',
      permission: 'public',
      handle: async ({ page, t, language }) => {
        const words = homeWords(language);
        await page('site/home', {
          ...{ title: words.title || t('site:home.pageTitle'), frame: 'plain', words, networks: await networks(t) },
        });
      },
    },
    { method: 'get', path: '/admin', permission: 'admin', handle: ({ redirect }) => redirect(adminPath) },
    {
      method: 'get',
      path: '/robots.txt',
      permission: 'public',
      handle: ({ res }) => void res.type('text/plain').send('User-agent: *\nAllow: /$\nAllow: /assets/\nDisallow: /\n'),
    },
    { method: 'get', path: '/healthz', permission: 'public', handle: ({ res }) => void res.json({ status: 'ok' }) },
    {
      method: 'get',
      path: '/readyz',
      permission: 'public',
      handle: async ({ res }) => {
        const isReady = await health.isReady();
        res.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not ready' });
      },
    },
  ];
}
