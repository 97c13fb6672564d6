import type { Consent, Json, Translate } from '#plugin-api';
import { readOptions } from './post-options.ts';

/** docs: content-sharing-guidelines, which prescribes the sentences and the addresses. */
const musicTerms = 'https://www.tiktok.com/legal/page/global/music-usage-confirmation/en';
const brandTerms = 'https://www.tiktok.com/legal/page/global/bc-policy/en';

/** One sentence for all profiles of a post: where one of them has branded content, the one that covers it. */
export function consentTo(options: readonly Json[], t: Translate): Consent {
  const isBranded = options.some((one) => {
    const read = readOptions(one);
    return read !== undefined && read.disclose && read.brandedContent;
  });
  const before = { text: t('tiktok:consent.before') };
  const music = { text: t('tiktok:consent.music'), href: musicTerms };
  const brand = [
    { text: t('tiktok-options:consent.brandPolicy'), href: brandTerms },
    { text: t('tiktok-options:consent.and') },
  ];
  // In another language TikTok's own sentence stands beside ours, letter for letter; in English it is ours.
  const prescribed = { text: t(`tiktok-options:consent.prescribed.${isBranded ? 'branded' : 'music'}`) };
  const parts = [before, ...(isBranded ? brand : []), music, prescribed];
  return { text: parts.map(({ text }) => text).join(''), parts, note: t('tiktok:consent.note') };
}
