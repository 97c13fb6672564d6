import type { Refusal, Translate } from '#plugin-api';

interface RefusalShape {
  readonly id: string;
  readonly steps: number;
  readonly signs: readonly string[];
}

/**
 * Known reasons: developers.tiktok.com/doc/app-review-guidelines (private or personal use, incomplete sites, scopes that are
 * not explained or not shown) and /doc/content-sharing-guidelines. Signs are words of reviewers, in lower case.
 */
const shapes: readonly RefusalShape[] = [
  {
    ...{ id: 'private', steps: 3 },
    signs: [
      ...['personal use', 'private use', 'internal use', 'own use', 'personal or internal', 'personal app'],
      ...['private app', 'internal tool', 'company use', 'wide audience', 'wider audience', 'own account'],
      ...['own accounts', 'internal', 'personal', 'for yourself', 'general public'],
    ],
  },
  {
    ...{ id: 'site', steps: 3 },
    signs: [
      ...['website', 'web site', 'landing page', 'login page', 'log in page', 'home page', 'homepage', 'incomplete'],
      ...['under construction', 'under development', 'not accessible', 'cannot be accessed', 'unable to access'],
      ...['fully developed', 'official website', 'website url'],
    ],
  },
  {
    ...{ id: 'policies', steps: 2 },
    signs: ['privacy policy', 'terms of service', 'terms of use', 'terms and conditions', 'policy link', 'legal'],
  },
  {
    ...{ id: 'unexplained', steps: 2 },
    signs: [
      ...['explain', 'explanation', 'explained', 'justify', 'justification', 'clarify', 'describe', 'use case'],
      ...['how each', 'each scope', 'each product', 'reason for', 'why you need', 'more detail', 'more details'],
    ],
  },
  {
    ...{ id: 'unused', steps: 3 },
    signs: [
      ...['unnecessary', 'not needed', 'not used', 'not necessary', 'unused', 'remove the scope', 'remove the scopes'],
      ...['remove any', 'does not require', 'do not require', 'not required', 'unrelated scope', 'unrelated scopes'],
    ],
  },
  {
    ...{ id: 'film', steps: 3 },
    signs: [
      ...['demo video', 'demo', 'video does not', 'screen recording', 'recording', 'not shown', 'does not show'],
      ...['demonstrate', 'demonstration', 'end to end', 'complete flow', 'full flow', 'user flow', 'all scopes'],
      ...['all selected', 'all the scopes', 'mock', 'prototype'],
    ],
  },
  {
    ...{ id: 'domain', steps: 2 },
    signs: [
      ...['domain', 'url properties', 'url property', 'ownership', 'verify your', 'not verified', 'does not match'],
      ...['url does not match', 'unverified'],
    ],
  },
  {
    ...{ id: 'name', steps: 3 },
    signs: ['icon', 'app icon', 'logo', 'app name', 'naming', 'description', 'trademark', 'misleading name'],
  },
  {
    ...{ id: 'composer', steps: 3 },
    signs: [
      ...['privacy level', 'privacy setting', 'privacy status', 'default', 'preselected', 'interaction', 'duet'],
      ...['stitch', 'allow comment', 'commercial content', 'disclosure', 'branded content', 'your brand'],
      ...['music usage', 'consent', 'declaration', 'creator info', 'creator_info', 'nickname', 'preview'],
      ...['sharing guidelines', 'content sharing', 'ux guidelines', 'ux requirements', 'audit', 'direct post'],
    ],
  },
  {
    ...{ id: 'content', steps: 3 },
    signs: [
      ...['other platforms', 'other platform', 'third party content', 'copy content', 'copies content', 'repost'],
      ...['original content', 'authentic', 'watermark', 'download', 'scrape', 'scraping'],
    ],
  },
];

export function refusals(t: Translate): readonly Refusal[] {
  return shapes.map(({ id, steps, signs }) => {
    const at = `tiktok-going-live:refusals.${id}`;
    return {
      id,
      signs,
      title: t(`${at}.title`),
      about: t(`${at}.about`),
      steps: Array.from({ length: steps }, (_, n) => t(`${at}.step${n + 1}`)),
    };
  });
}
