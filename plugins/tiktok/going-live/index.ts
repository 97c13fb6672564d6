import type { GoingLivePart, PluginHost } from '#plugin-api';
import { refusals } from './refusals.ts';
import { explanations } from './review-texts.ts';
import { scenes } from './scenes.ts';
import { goingLiveSteps, iconRule } from './steps.ts';

/** developers.tiktok.com/doc/app-review-guidelines: what TikTok asks of the demo videos. */
const filmRules = ['files', 'domain', 'all', 'sandbox', 'consent', 'end', 'english'] as const;

/** TikTok's way from a sandbox to an app that is reviewed and audited. */
export function createGoingLive({ t, urls }: Pick<PluginHost, 't' | 'urls'>): GoingLivePart {
  return {
    sets: { reviewed: 'live', trial: 'sandbox' },
    icon: iconRule,
    steps: goingLiveSteps(t, urls),
    explanations: (facts) => explanations(t, facts),
    scenes: (facts) => scenes(t, facts),
    filmRules: filmRules.map((rule) => t(`tiktok-going-live:film.${rule}`)),
    refusals: refusals(t),
    portal: { label: t('tiktok-going-live:portal'), href: 'https://developers.tiktok.com/apps/' },
  };
}
